import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { rabbitFixture } from './harness.js';

describe('closing the RabbitMQ queue manager', () => {
  const fixture = rabbitFixture();

  /** Sockets and timers that keep the process alive. */
  const openResources = (): string[] =>
    process
      .getActiveResourcesInfo()
      .filter((type) => /TCPSocket|TCPConnect|TLS|Timeout|DNS|GetAddrInfo/.test(type));

  /** What was closed may take a few turns of the event loop to be gone. */
  async function expectNoMoreThan(baseline: readonly string[]): Promise<void> {
    const deadline = performance.now() + 1_000;
    while (openResources().length > baseline.length && performance.now() < deadline) await turn();
    expect(openResources()).to.have.length.at.most(baseline.length, `before: ${baseline.join()}`);
  }

  it('waits for rings under way', async () => {
    const manager = fixture.create();
    const rung = manager.ring(Array.from({ length: 1_000 }, (_, index) => `run-${index}`));
    await manager.close(5_000);
    await rung;
    expect(fixture.events.failed).to.deep.equal([]);
    expect(await fixture.broker.messageCount(fixture.queueName)).to.equal(1_000);
  });

  it('reports no disconnection of its own making', async () => {
    const manager = fixture.create();
    manager.subscribe({ prefetch: 1, onHint: fixture.hints.onHint });
    await manager.ring(['a']);
    await manager.close(1_000);
    expect(fixture.events.states).to.deep.equal(['connected']);
    expect(fixture.log.count('broker-disconnected')).to.equal(0);
  });

  const states: [state: string, prepare: () => Promise<void>][] = [
    ['is refusing connections', () => fixture.proxy.refuse()],
    ['never answers', async () => fixture.proxy.blackhole()],
  ];
  for (const [state, prepare] of states) {
    it(`ends while a broker that ${state} is being connected to`, async () => {
      await prepare();
      const baseline = openResources();
      const manager = fixture.create();
      manager.subscribe({ prefetch: 1, onHint: fixture.hints.onHint });
      const rung = manager.ring(['a']);
      await manager.close(50);
      await rung;
      expect(fixture.events.failed).to.deep.equal([['a']]);
      await fixture.proxy.refuse();
      await expectNoMoreThan(baseline);
    });
  }

  it('ends at its deadline when the broker does not answer any more, and destroys the sockets', async () => {
    const manager = fixture.create();
    const subscription = manager.subscribe({ prefetch: 1, onHint: fixture.hints.onHint });
    await manager.ring(['a']);
    await fixture.hints.first(1);
    fixture.proxy.blackhole();
    void subscription.cancel();
    const rung = manager.ring(['b']);
    const startedAt = performance.now();
    await manager.close(200);
    expect(performance.now() - startedAt).to.be.within(150, 1_500);
    await rung;
    expect(fixture.events.failed).to.deep.equal([['b']]);
  });

  it('leaves no socket, timer or listener behind, over 50 rounds', async function () {
    this.timeout(30_000);
    await turn();
    const baseline = openResources();
    const listeners = process.eventNames().map((name) => process.listenerCount(name));
    for (let round = 0; round < 50; round += 1) {
      const manager = fixture.create({ queueType: 'classic' });
      manager.subscribe({ prefetch: 1, onHint: (hint) => hint.ack() });
      await manager.ring([`run-${round}`]);
      await manager.close(5_000);
    }
    await expectNoMoreThan(baseline);
    expect(process.eventNames().map((name) => process.listenerCount(name))).to.deep.equal(listeners);
    expect(fixture.proxy.accepted).to.equal(100);
  });
});
