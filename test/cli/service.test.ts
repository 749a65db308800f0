import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ServiceProcess } from './service-process.js';

const SCRIPT = fileURLToPath(new URL('./fake-service.js', import.meta.url));
const start = (
  mode: string,
  processes: number,
  graceMs = 10_000,
  expiry = 'works',
  mishap = 'none',
): ServiceProcess => new ServiceProcess(SCRIPT, [mode, String(processes), String(graceMs), expiry, mishap]);

async function elapsedMs(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work;
  return performance.now() - startedAt;
}

describe('the service', () => {
  afterEach(() => ServiceProcess.killAll());

  for (const processes of [1, 2])
    describe(`with ${processes === 1 ? 'one process' : 'forked workers'}`, () => {
      for (const [signal, exitCode] of [
        ['SIGTERM', 143],
        ['SIGINT', 130],
      ] as const)
        it(`drains on ${signal} and exits with ${exitCode}`, async () => {
          const service = start('good', processes);
          await service.seen('ready', processes);
          service.signal(signal);
          expect(await service.exited).to.equal(exitCode);
        });

      it('lets jobs run for the grace period', async () => {
        const service = start('busy', processes, 600);
        await service.seen('ready', processes);
        service.signal('SIGTERM');
        const tookMs = await elapsedMs(service.exited);
        expect(await service.exited).to.equal(143);
        expect(tookMs).to.be.within(500, 3_000);
      });

      it('exits within a second on a second SIGTERM', async () => {
        const service = start('busy', processes, 60_000);
        await service.seen('ready', processes);
        service.signal('SIGTERM');
        await service.seen('draining');
        service.signal('SIGTERM');
        expect(await elapsedMs(service.exited)).to.be.below(1_000);
        expect(await service.exited).to.equal(143);
      });

      it('exits within a second even when nothing can be released, and says 1', async () => {
        const service = start('stuck', processes, 60_000);
        await service.seen('ready', processes);
        service.signal('SIGTERM');
        await service.seen('draining');
        service.signal('SIGTERM');
        expect(await elapsedMs(service.exited)).to.be.below(1_000);
        expect(await service.exited).to.equal(1);
      });

      it('drains and gives way after an error that nobody handles, and says so', async () => {
        const service = start('stray', processes, 300);
        const [stray] = await service.seen('strayError');
        expect(stray?.error).to.include('nobody handles this').and.include('fake-service');
        const [stopped] = await service.seen('stopped');
        expect(stopped?.exitCode).to.equal(1);
        service.signal('SIGTERM');
        expect(await service.exited).to.equal(1);
      });

      it('tells of each error that nobody handles while it drains, too', async () => {
        const service = start('strayEnd', processes);
        await service.seen('ready', processes);
        service.signal('SIGTERM');
        expect(await service.exited).to.equal(143);
        const strays = await service.seen('strayError', 2 * processes);
        for (const nth of ['first', 'second'])
          expect(strays.filter(({ error }) => error.includes(`${nth} that nobody handles`))).to.have.length(
            processes,
          );
      });

      it('exits with 1 when the drain did not end in time', async () => {
        const service = start('stuck', processes, 0);
        await service.seen('ready', processes);
        service.signal('SIGTERM');
        expect(await service.exited).to.equal(1);
      });

      it('exits with 2 when it is misconfigured, without trying again', async () => {
        const service = start('misconfigured', processes);
        expect(await service.exited).to.equal(2);
        expect(service.events.filter(({ event }) => event === 'crashed')).to.deep.equal([]);
      });

      it('stops on a signal during the start', async () => {
        const service = start('slowStart', processes, 0);
        await service.seen('starting', processes);
        service.signal('SIGTERM');
        expect(await service.exited).to.be.oneOf([1, 143]);
      });
    });

  describe('with forked workers', () => {
    it('starts a killed worker again after half a second', async () => {
      const service = start('good', 2);
      const [victim] = await service.seen('ready', 2);
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      const [crash] = await service.seen('crashed');
      expect(crash).to.include({ pid: victim?.pid, how: 'killed by SIGKILL', restartInMs: 500 });
      expect(await elapsedMs(service.seen('ready', 3))).to.be.within(400, 5_000);
      service.signal('SIGTERM');
      expect(await service.exited).to.equal(143);
    });

    for (const mishap of ['nodeIsGone', 'spawnThrows'])
      it(`lives on, and tries again, when the system cannot start a worker (${mishap})`, async () => {
        const service = start('good', 2, 10_000, 'works', mishap);
        const [victim] = await service.seen('ready', 2);
        process.kill(victim?.pid ?? 0, 'SIGKILL');
        const refused = await service.seen('startFailed', 2);
        expect(refused.map(({ restartInMs }) => restartInMs)).to.deep.equal([1_000, 2_000]);
        for (const { how } of refused) expect(how).to.match(/^could not be started: spawn .*E/);
        service.signal('SIGTERM');
        expect(await service.exited).to.equal(1);
        expect((await service.seen('stopped', 2)).map(({ exitCode }) => exitCode)).to.deep.equal([143, 1]);
      });

    it('starts one worker for one that is gone when the clock was set back', async () => {
      const service = start('good', 2, 10_000, 'works', 'clockIsSetBack');
      const [victim] = await service.seen('ready', 2);
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      // The second look at what it held is later than the start of its successor.
      await service.seen('handedOver', 2);
      const forked = service.events.filter(({ event }) => event === ('forked' as string));
      expect(forked).to.have.length(1);
      service.signal('SIGTERM');
      await service.exited;
    });

    it('exits with what it gave up for, whatever signal comes then', async () => {
      const service = start('misconfiguredLater', 2, 1_500);
      const [victim] = await service.seen('ready', 2);
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      await service.seen('gaveUp');
      service.signal('SIGTERM');
      expect(await service.exited).to.equal(2);
      expect(await service.seen('draining', 2)).to.have.length(2);
    });

    it('starts a worker again whose job ends it, with whatever code', async () => {
      const service = start('exiting', 2);
      const [crash] = await service.seen('crashed');
      expect(crash).to.include({ restartInMs: 500 });
      await service.seen('ready', 3);
      service.signal('SIGTERM');
      expect(await service.exited).to.equal(143);
    });

    it('backs off while workers crash at the start, and then exits with 1', async () => {
      const service = start('failing', 2);
      const crashes = await service.seen('crashed', 6);
      expect(crashes.map(({ restartInMs }) => restartInMs)).to.deep.equal([
        500, 500, 1_000, 1_000, 2_000, 2_000,
      ]);
      service.signal('SIGTERM');
      expect(await service.exited).to.equal(1);
    });

    it('kills a worker whose event loop is blocked, and exits with 1', async () => {
      const service = start('blocked', 2, 60_000);
      await service.seen('ready', 2);
      service.signal('SIGTERM');
      await service.seen('draining', 3);
      service.signal('SIGTERM');
      expect(await elapsedMs(service.exited)).to.be.below(1_000);
      expect(await service.exited).to.equal(1);
    });

    it('hands over what a worker held as soon as that is dead', async () => {
      const service = start('good', 2);
      const [victim] = await service.seen('ready', 2);
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      expect(await service.seen('handedOver')).to.deep.equal([
        { event: 'handedOver', pid: victim?.pid, programs: 1 },
      ]);
    });

    it('hands over what workers held that died as soon as they were ready', async () => {
      const service = start('shortLived', 2);
      const handedOver = await service.seen('handedOver', 2);
      const crashed = await service.seen('crashed', 2);
      expect(crashed.map(({ pid }) => pid)).to.include.members(handedOver.map(({ pid }) => pid));
      service.signal('SIGTERM');
      await service.exited;
    });

    it('hands over what workers held that had to be killed, before it exits', async () => {
      const service = start('blocked', 2, 60_000);
      const ready = await service.seen('ready', 2);
      service.signal('SIGTERM');
      await service.seen('draining', 3);
      service.signal('SIGTERM');
      const handedOver = await service.seen('handedOver', 2);
      expect(handedOver.map(({ pid }) => pid)).to.have.members(ready.map(({ pid }) => pid));
      expect(await service.exited).to.equal(1);
    });

    it('has nothing to hand over of workers that drained, or never were ready', async () => {
      const drained = start('good', 2);
      await drained.seen('ready', 2);
      drained.signal('SIGTERM');
      const failing = start('failing', 2);
      await failing.seen('crashed', 2);
      failing.signal('SIGTERM');
      for (const service of [drained, failing]) {
        await service.exited;
        expect(service.events.filter(({ event }) => event === 'handedOver')).to.deep.equal([]);
      }
    });

    it('starts a killed worker again, and says why, when its programs cannot be handed over', async () => {
      const service = start('good', 2, 10_000, 'fails');
      const [victim] = await service.seen('ready', 2);
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      const [failure] = await service.seen('handOverFailed');
      expect(failure).to.include({ pid: victim?.pid, reason: 'the database is away' });
      await service.seen('ready', 3);
      service.signal('SIGTERM');
      expect(await service.exited).to.equal(143);
    });

    it('exits within a second on a second SIGTERM even when handing over never ends', async () => {
      const service = start('blocked', 2, 60_000, 'hangs');
      await service.seen('ready', 2);
      service.signal('SIGTERM');
      await service.seen('draining', 3);
      service.signal('SIGTERM');
      expect(await elapsedMs(service.exited)).to.be.below(1_000);
    });

    it('drains the workers when the supervisor dies', async () => {
      const service = start('good', 2);
      await service.seen('ready', 2);
      service.signal('SIGKILL');
      const stopped = await service.seen('stopped', 2);
      expect(stopped.map(({ exitCode }) => exitCode)).to.deep.equal([143, 143]);
    });

    it('takes one Ctrl-C, which reaches workers twice, as one', async () => {
      const service = start('busy', 2, 700);
      const ready = await service.seen('ready', 2);
      for (const { pid } of ready) process.kill(pid, 'SIGINT');
      service.signal('SIGINT');
      expect(await elapsedMs(service.exited)).to.be.above(500);
      expect(await service.exited).to.equal(130);
    });
  });
});
