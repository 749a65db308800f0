import type { BatchSummary } from '../../program-handler/reports/index.js';
import { colourStatus, type Colours } from './colours.js';
import { oneLine, time } from './format.js';
import { table } from './table.js';

const HEAD = [
  'Code',
  'Type',
  'Status',
  'Created',
  'Total',
  'Waiting',
  'Running',
  'Finished',
  'Errored',
  'Cancelled',
];

export function renderBatches(batches: readonly BatchSummary[], colours: Colours): string {
  if (batches.length === 0) return 'No batches found.';
  const rows = batches.map(({ code, type, status, createdAt, counts }) => [
    oneLine(code),
    oneLine(type ?? '-'),
    colourStatus(status, colours, status),
    time(createdAt),
    counts.total,
    counts.waiting,
    counts.running,
    counts.finished,
    counts.errored,
    counts.cancelled,
  ]);
  return table(HEAD, rows);
}
