import { expect } from 'chai';
import { atOnce } from '../harness/at-once.js';
import type { CrashPoint } from '../harness/crash-points.js';
import { startHeir } from '../harness/heir.js';
import { modes, openIn, type Mode } from '../harness/modes.js';
import type { Actions } from '../harness/protocol.js';
import { Scenario } from '../harness/scenario.js';

interface Death {
  readonly point: CrashPoint;
  readonly title: string;
  readonly actions?: Actions;
  /** 0: the program goes back, and is rung for, after each job. */
  readonly timeSliceMs?: number;
  /** How often the three jobs are entered in all. */
  readonly entries: number;
  /** How many claims may be left behind. */
  readonly losses: readonly number[];
}

const SAVE = { first: { kind: 'save' } } as const;
const UNTOUCHED = { entries: 3, losses: [0] };
const TAKEN_OVER = { entries: 3, losses: [1] };
/** It may have heard its own hint before it heard that the hint is confirmed. */
const PERHAPS_TAKEN_OVER = { entries: 3, losses: [0, 1] };
const REPEATED = { entries: 4, losses: [1] };

const DEATHS: readonly Death[] = [
  { point: 'before claim', title: 'another worker claims the program', ...UNTOUCHED },
  { point: 'after claim', title: 'the program is taken over, no job had begun', ...TAKEN_OVER },
  { point: 'before job', title: 'the program is taken over, no job had begun', ...TAKEN_OVER },
  { point: 'before save', title: 'the job is repeated', actions: SAVE, ...REPEATED },
  { point: 'after save', title: 'the job is repeated, and saves the same again', actions: SAVE, ...REPEATED },
  { point: 'after job', title: 'the job is repeated and recorded once', ...REPEATED },
  { point: 'before record', title: 'the job is repeated and recorded once', ...REPEATED },
  { point: 'after record', title: 'the next job goes on, none is repeated', ...TAKEN_OVER },
  { point: 'before publish', title: 'the poll finds it, none is repeated', timeSliceMs: 0, ...UNTOUCHED },
  {
    point: 'after publish',
    title: 'the next job goes on, none is repeated',
    timeSliceMs: 0,
    ...PERHAPS_TAKEN_OVER,
  },
  { point: 'before settle', title: 'the hint comes back and changes nothing', timeSliceMs: 0, ...UNTOUCHED },
  { point: 'after settle', title: 'the next job goes on, none is repeated', timeSliceMs: 0, ...UNTOUCHED },
];

/** A worker comes by the point and dies there; another one finishes. Resolves with how often jobs were entered. */
async function dieAndRecover(mode: Mode, { point, actions = {}, timeSliceMs = 30_000 }: Death) {
  // One program at a time: what dies with its hint has not begun the next one.
  const scenario = await openIn(mode, { options: { timeSliceMs, concurrency: 1 } });
  const doomed = await scenario.crew.start({ dieAt: point });
  if (mode.hasBroker) await doomed.seen('brokerConnected');
  await scenario.create(1, actions);
  expect(await doomed.exited).to.equal(null);
  scenario.struck();
  const inherited = await startHeir(scenario);
  await scenario.ended();
  return { scenario, entries: doomed.reports('entered').length + inherited.length };
}

describe('Faults, running: a worker is killed', function () {
  this.timeout(90_000);
  after(() => Scenario.closeAll());

  for (const mode of modes())
    describe(`on ${mode.name}`, () => {
      const recovered = atOnce(DEATHS, (death) => dieAndRecover(mode, death));
      for (const death of DEATHS)
        it(`killed ${death.point}: ${death.title}`, async () => {
          const { scenario, entries } = await recovered(death);
          expect(await scenario.verdict()).to.deep.equal([]);
          expect(entries).to.equal(death.entries);
          const losses = (await scenario.versions()).map((version) => version.losses);
          expect(Math.max(...losses)).to.be.oneOf(death.losses);
        });
    });

  it('names every edge of every stage that a worker comes by', () => {
    const stages = ['claim', 'job', 'save', 'record', 'publish', 'settle'];
    const edges = stages.flatMap((stage) => [`before ${stage}`, `after ${stage}`]);
    expect(DEATHS.map(({ point }) => point)).to.have.members(edges);
  });
});
