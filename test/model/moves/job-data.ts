import { withWorker, type Running } from '../state.js';
import { titleOf, type Move, type Moves } from './move.js';

/** A job saves its data. */
export const jobDataMoves: Moves = ({ workers }) =>
  workers.flatMap((worker, index) =>
    worker.at === 'running' && worker.decision === null && !worker.loss && !worker.doubt
      ? saves(worker, index)
      : [],
  );

function saves(run: Running, index: number): Move[] {
  const { held } = run;
  if (held.hasData) return [];
  return [
    {
      title: titleOf(index, 'saves job data'),
      nature: 'chance',
      operation: { kind: 'saveJobData', fence: held.fence, token: held.token },
      next: (to, { isChanged }) =>
        withWorker(
          to,
          index,
          isChanged ? { ...run, held: { ...held, hasData: true } } : { ...run, doubt: 'jobData' },
        ),
    },
  ];
}
