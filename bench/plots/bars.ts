import { formatNumber } from '../report/format.js';
import { linearScale } from './scale.js';
import { element, label, picture } from './svg.js';

export interface Bar {
  label: string;
  value: number;
  isOurs: boolean;
}

const WIDTH = 920;
const TOP = 48;
const ROW = 30;
const LABEL_WIDTH = 420;
const NUMBER_WIDTH = 80;

/** Horizontal bars, each with its number. */
export function drawBars(title: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const scale = linearScale([0, most], [0, WIDTH - LABEL_WIDTH - NUMBER_WIDTH]);
  const rows = bars.flatMap((bar, index) => drawRow(bar, TOP + index * ROW, scale(bar.value)));
  return picture({ width: WIDTH, height: TOP + bars.length * ROW + 16 }, title, rows);
}

function drawRow({ label: text, value, isOurs }: Bar, y: number, width: number): string[] {
  const middle = y + ROW / 2 + 4;
  return [
    label(text, { x: LABEL_WIDTH - 10, y: middle, 'text-anchor': 'end' }),
    element('rect', {
      class: isOurs ? 'ours' : 'peer',
      x: LABEL_WIDTH,
      y: y + 4,
      width: Math.max(width, 1),
      height: ROW - 8,
      rx: 3,
    }),
    label(formatNumber(value), { x: LABEL_WIDTH + width + 8, y: middle }),
  ];
}
