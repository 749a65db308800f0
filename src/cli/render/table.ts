import Table from 'cli-table3';

type Cell = string | number;

/** Columns without borders; numbers stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const colAligns = head.map((_, column) =>
    rows.every((row) => typeof row[column] === 'number') ? 'right' : 'left',
  );
  const drawn = new Table({ head: [...head], chars: NO_BORDERS, style: STYLE, colAligns });
  drawn.push(...rows.map((row) => [...row]));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const STYLE = { head: [], border: [], 'padding-left': 0, 'padding-right': 0 };
const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};
