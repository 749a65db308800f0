import Table from 'cli-table3';
import { chunksOf } from '../../program-handler/chunks-of.js';

type Cell = string | number;
type Row = readonly Cell[];

/** How wide the columns of a table are, and where what is in them stands. */
interface Layout {
  readonly colAligns: ('left' | 'right')[];
  readonly colWidths: number[];
}

/** Rows that are drawn at once: the time that takes grows with their square. */
const CHUNK = 50;

/** Columns without borders; numbers stand to the right. */
export function table(head: readonly string[], rows: readonly Row[]): string {
  const layout = layoutOf(head, rows);
  return [...chunksOf([head, ...rows], CHUNK)].map((chunk) => draw(chunk, layout)).join('\n');
}

/** Lines that fit into so many columns of a terminal; what is longer ends with an ellipsis. */
export function cutLines(lines: readonly string[], columns: number): string[] {
  if (lines.length === 0) return [];
  return draw(
    lines.map((line) => [line]),
    { colWidths: [columns] },
  ).split('\n');
}

function layoutOf(head: readonly string[], rows: readonly Row[]): Layout {
  return {
    colAligns: head.map((_, column) =>
      rows.every((row) => typeof row[column] === 'number') ? 'right' : 'left',
    ),
    colWidths: head.map((title, column) =>
      rows.reduce((width, row) => Math.max(width, widthOf(row[column] ?? '')), Math.max(1, widthOf(title))),
    ),
  };
}

function draw(rows: readonly Row[], layout: Partial<Layout>): string {
  const drawn = drawing(rows, layout);
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** In columns of a terminal, of which a character may take none or two. */
function widthOf(cell: Cell): number {
  const text = String(cell);
  if (PLAIN.test(text)) return text.length;
  const alone = drawing([[text]], {});
  alone.toString();
  return alone.options.colWidths[0] ?? text.length;
}

function drawing(rows: readonly Row[], layout: Partial<Layout>) {
  const drawn = new Table({ chars: NO_BORDERS, style: STYLE, ...layout });
  for (const row of rows) drawn.push([...row]);
  return drawn;
}

/** What takes one column a character, without colours. */
const PLAIN = /^[ -~]*$/;
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
