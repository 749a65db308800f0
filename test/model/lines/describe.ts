import type { Batch, Program, State } from './state.js';

/** What the tables hold, for people. */
export function describeWorld({ world }: State): string {
  const { programs, slots, turn, isPoolOpen, batch, callbacks } = world;
  const inSlots = slots.map(
    ({ program, claimedBy, isSettled }) => `${program + 1}:${claimedBy ?? '-'}${isSettled ? ' settled' : ''}`,
  );
  const place = `line ${turn}, pool ${isPoolOpen ? 'open' : 'full'}, slots [${inSlots.join(', ')}]`;
  return `${programs.map(describe).join(' | ')} | ${place} | ${counts(batch)}, ${callbacks} callbacks`;
}

function describe(program: Program, index: number): string {
  const { ready, due, fence, claimedBy, lease, isFinished, isErrored, isCancelled } = program;
  const parts = [
    `${index + 1}: fence ${fence}`,
    ...(ready === 'none' ? [] : [`ready ${ready}`]),
    ...(due === 'now' ? ['due'] : []),
    ...(claimedBy === null ? [] : [`claim ${claimedBy} ${lease}`]),
    ...(isFinished ? ['finished'] : []),
    ...(isErrored ? ['errored'] : []),
    ...(isCancelled ? ['cancelled'] : []),
  ];
  return parts.join(' ');
}

function counts({ finished, errored, cancelled, isCompleted }: Batch): string {
  return `batch ${finished}/${errored}/${cancelled}${isCompleted ? ' completed' : ''}`;
}
