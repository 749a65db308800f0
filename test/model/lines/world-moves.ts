import type { Held, Move, Moves, Program, Running, State, World } from './state.js';

/** Time passes, and somebody sweeps. */
export const timeMoves: Moves = ({ world }) => [
  ...world.programs.flatMap((program, index) => [
    ...(program.lease === 'valid'
      ? [changes(`lease of ${index + 1} ends`, index, { lease: 'expired' })]
      : []),
    ...(program.ready === 'later' ? [becomesReady(index)] : []),
  ]),
  ...(world.turn === 'later' ? [turnComes()] : []),
  { title: 'somebody sweeps', nature: 'protocol', operation: { kind: 'sweep' }, next: (to) => to },
  {
    title: 'somebody looks for what was ended by hand',
    nature: 'protocol',
    operation: { kind: 'findEnded' },
    next: (to) => to,
  },
];

/** Somebody cancels programs. */
export const cancelMoves: Moves = (state) => interventions(state, 'cancel');

/** Somebody lets programs that errored go on. */
export const resumeMoves: Moves = (state) => interventions(state, 'resume');

function interventions({ world }: State, kind: 'cancel' | 'resume'): Move[] {
  return world.programs.map((_, program) => ({
    title: `somebody ${kind}s program ${program + 1}`,
    nature: 'chance',
    operation: { kind, program },
    next: (to) => to,
  }));
}

/** Somebody with a database prompt ends programs, and takes ends back. */
export const handMoves: Moves = ({ world }) =>
  world.programs.flatMap((program, index) => (program.isFinished ? [] : [setsErroredAt(program, index)]));

/** A record on its way when its connection broke, which the database comes upon at any later time. One at a time. */
export const lateMoves: Moves = ({ workers, late }) => {
  if (late) return arrivals(late);
  return workers.flatMap((worker, index) =>
    worker.at === 'running' && !worker.isRefused ? delays(worker, index) : [],
  );
};

function delays(run: Running, index: number): Move[] {
  const endings = run.ending === null ? (['finish', 'fail', 'retry'] as const) : [run.ending];
  const { program, fence, token } = run;
  return endings.map((ending) => ({
    title: `worker ${index + 1} records: ${ending}, which stays on its way`,
    nature: 'chance',
    next: (to) => ({
      ...to,
      workers: to.workers.with(index, { ...run, ending }),
      late: { program, fence, token, ending },
    }),
  }));
}

function arrivals({ ending, ...held }: Held & NonNullable<State['late']>): Move[] {
  const forget = (to: State): State => ({ ...to, late: null });
  return [
    { title: 'the late record is lost', nature: 'chance', next: forget },
    {
      title: `the late record arrives: ${ending}`,
      nature: 'chance',
      operation: { kind: 'record', ...held, ending, isRolledBack: false },
      next: forget,
    },
  ];
}

function changes(title: string, index: number, change: Partial<Program>): Move {
  return { title: `the ${title}`, nature: 'protocol', next: (to) => withProgram(to, index, change) };
}

/** Its line's turn is no later. */
function becomesReady(index: number): Move {
  return {
    title: `program ${index + 1} has waited long enough`,
    nature: 'protocol',
    next: (to) => turning(withProgram(to, index, { ready: 'now' })),
  };
}

function turnComes(): Move {
  return { title: "the line's turn comes", nature: 'protocol', next: turning };
}

function turning(state: State): State {
  return withWorld(state, { turn: state.world.turn === 'later' ? 'now' : state.world.turn });
}

function setsErroredAt({ isErrored }: Program, index: number): Move {
  return {
    title: `somebody ${isErrored ? 'clears' : 'sets'} errored_at of program ${index + 1} by hand`,
    nature: 'chance',
    next: (to) => withProgram(to, index, { isErrored: !isErrored }),
  };
}

function withProgram(state: State, index: number, change: Partial<Program>): State {
  const { programs } = state.world;
  return withWorld(state, {
    programs: programs.with(index, { ...(programs[index] as Program), ...change }),
  });
}

function withWorld(state: State, change: Partial<World>): State {
  return { ...state, world: { ...state.world, ...change } };
}
