import { formatNumber } from '../report/format.js';
import { linearScale, logScale, roundTicks, type Scale } from './scale.js';
import { element, label, picture, TONES } from './svg.js';

export interface Line {
  label: string;
  points: readonly { x: number; y: number }[];
}

export interface LinePlot {
  title: string;
  xTitle: string;
  yTitle: string;
  lines: readonly Line[];
  /** Where the x axis is marked; its first and last are its ends. */
  xTicks: readonly number[];
  isLogX?: boolean;
  /** Where the y axis ends; left out: above all points. */
  yMost?: number;
}

const WIDTH = 860;
const AREA = { left: 80, right: 836, top: 64, bottom: 372 };
const LEGEND = { top: 436, columns: 3, columnWidth: 280, rowHeight: 20 };

export function drawLines(plot: LinePlot): string {
  const most = plot.yMost ?? Math.max(...plot.lines.flatMap(({ points }) => points.map(({ y }) => y)));
  const yTicks = roundTicks(most);
  const x = xScaleOf(plot);
  const y = linearScale([0, yTicks.at(-1) ?? 1], [AREA.bottom, AREA.top]);
  return picture({ width: WIDTH, height: heightOf(plot) }, plot.title, [
    ...yTicks.flatMap((tick) => drawYTick(tick, y(tick))),
    ...plot.xTicks.map((tick) => drawXTick(tick, x(tick))),
    label(plot.yTitle, { class: 'quiet', x: 16, y: AREA.top - 14 }),
    label(plot.xTitle, { class: 'quiet', x: AREA.right, y: AREA.bottom + 38, 'text-anchor': 'end' }),
    ...plot.lines.flatMap((line, index) => drawLine(line, index, x, y)),
    ...drawLegend(plot.lines),
  ]);
}

function heightOf({ lines }: LinePlot): number {
  return LEGEND.top + Math.ceil(lines.length / LEGEND.columns) * LEGEND.rowHeight;
}

function xScaleOf({ xTicks, isLogX }: LinePlot): Scale {
  const domain = [xTicks[0] ?? 0, xTicks.at(-1) ?? 1] as const;
  return (isLogX ? logScale : linearScale)(domain, [AREA.left, AREA.right]);
}

function drawYTick(value: number, y: number): string[] {
  return [
    element('line', { class: 'grid', x1: AREA.left, x2: AREA.right, y1: y, y2: y }),
    label(formatNumber(value), { class: 'quiet', x: AREA.left - 8, y: y + 4, 'text-anchor': 'end' }),
  ];
}

function drawXTick(value: number, x: number): string {
  return label(formatNumber(value), { class: 'quiet', x, y: AREA.bottom + 20, 'text-anchor': 'middle' });
}

function drawLine({ points }: Line, index: number, x: Scale, y: Scale): string[] {
  const inside = (value: number): number => Math.max(y(value), AREA.top);
  const path = points.map((point) => `${x(point.x).toFixed(1)},${inside(point.y).toFixed(1)}`).join(' ');
  return [element('polyline', { class: `line tone-${index % TONES}`, points: path })];
}

function drawLegend(lines: readonly Line[]): string[] {
  return lines.flatMap((line, index) => {
    const x = 16 + (index % LEGEND.columns) * LEGEND.columnWidth;
    const y = LEGEND.top + Math.floor(index / LEGEND.columns) * LEGEND.rowHeight;
    return [
      element('circle', { class: `dot-${index % TONES}`, cx: x + 5, cy: y - 4, r: 5 }),
      label(line.label, { x: x + 18, y }),
    ];
  });
}
