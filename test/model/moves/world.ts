import type { Row } from '../state.js';
import type { Move, Moves } from './move.js';

/** Messages that are lost, or come twice, late or for no reason. */
export const messageMoves: Moves = ({ hasHint }) => [
  {
    title: hasHint ? 'the hint is lost' : 'a hint is delivered once more',
    nature: 'chance',
    next: (to) => ({ ...to, hasHint: !hasHint }),
  },
];

/** Time passes for the row. */
export const timeMoves: Moves = ({ row }) => [
  ...(row?.lease === 'valid' ? [changesRow('the lease ends', 'protocol', row, { lease: 'expired' })] : []),
  ...(row?.due === 'later' ? [changesRow('the program becomes due', 'protocol', row, { due: 'due' })] : []),
  ...(row?.due === 'fresh' ? [changesRow("the poll's grace ends", 'protocol', row, { due: 'due' })] : []),
];

/** People with the command line or a database prompt, and an application that repeats its insert. */
export const peopleMoves: Moves = ({ row }) => {
  if (!row) return [];
  return [
    ...(['cancel', 'resume'] as const).map((kind): Move => ({
      title: `somebody calls ${kind}Program`,
      nature: 'chance',
      operation: { kind },
      next: (to) => to,
    })),
    ...(row.isFinished ? [] : [setsErroredAt(row)]),
    { title: 'somebody deletes the row', nature: 'chance', next: (to) => ({ ...to, row: null }) },
    {
      title: 'the application repeats its insert',
      nature: 'chance',
      operation: { kind: 'insert', as: 'rung' },
      next: (to) => to,
    },
  ];
};

function setsErroredAt(row: Row): Move {
  const verb = row.isErrored ? 'clears' : 'sets';
  return changesRow(`somebody ${verb} errored_at by hand`, 'chance', row, { isErrored: !row.isErrored });
}

function changesRow(title: string, nature: Move['nature'], row: Row, change: Partial<Row>): Move {
  return { title, nature, next: (to) => ({ ...to, row: { ...row, ...change } }) };
}
