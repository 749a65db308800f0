import type { CheckedConfig } from '../../config/index.js';
import type { RowCounts } from '../../program-handler/reports/index.js';
import { inspectQueue, type QueueState } from '../../queue-manager/index.js';
import { oneLine } from '../render/format.js';
import { lineOf } from '../report-error.js';
import { judged, ok, skipped, type CheckResult } from './finding.js';

/** Hints that workers have fetched, or programs that ended by hand, explain some. */
const HINTS_TOO_MANY = 1_000;

/** Broker, queue and drift: what cannot be looked at is skipped. */
export async function checkBroker(
  config: CheckedConfig,
  rows: RowCounts | undefined,
): Promise<CheckResult[]> {
  const { amqpUrl: amqp, queueName, queueType } = config;
  if (amqp === undefined) return [skipped('broker', 'none is configured: workers poll')];
  try {
    const queue = await inspectQueue({ amqp, queueName, queueType });
    return [ok('broker', 'answers'), ...checkQueue(config, queue), ...checkDrift(queue, rows)];
  } catch (error) {
    return [judged('broker', 'does not answer, or refuses', [unreachable(error)])];
  }
}

function unreachable(error: unknown) {
  return {
    message: `The broker cannot be asked: ${lineOf(error)}`,
    remedy:
      'check --amqp-url, that RabbitMQ runs, and what this user may do; until then workers find programs by polling',
  };
}

function checkQueue({ queueName, queueType }: CheckedConfig, queue: QueueState | undefined): CheckResult[] {
  const missing = {
    message: `There is no queue ${queueName}`,
    remedy:
      'the first worker or creator declares it, unless declare is false: then declare it durable, of type ' +
      queueType,
  };
  if (!queue) return [judged('queue', 'declared as expected', [missing])];
  const findings =
    queue.mismatch === undefined
      ? []
      : [
          {
            message: `The queue ${queueName} is not a durable ${queueType} queue without further arguments: ${oneLine(queue.mismatch)}`,
            remedy: 'stop the workers, delete the queue, and start them again: no program is lost by that',
          },
        ];
  return [judged('queue', `${queue.messages} hints, ${queue.consumers} consumers`, findings)];
}

/** The table is the truth, so hints without programs are only in the way. */
function checkDrift(queue: QueueState | undefined, rows: RowCounts | undefined): CheckResult[] {
  if (!queue || !rows) return [];
  const findings = [];
  if (queue.messages > rows.unended + HINTS_TOO_MANY)
    findings.push({
      message: `The queue holds ${queue.messages} hints for ${rows.unended} programs that have not ended`,
      remedy: 'purge the queue: workers find by polling what is due',
    });
  // A worker for one batch finds its programs by polling.
  if (queue.consumers === 0 && rows.unattended > 0)
    findings.push({
      message: `Nobody listens to the queue, and ${rows.unattended} programs have not ended`,
      remedy: 'start workers with this --amqp-url and --queue',
    });
  return [judged('drift', 'hints against programs', findings)];
}
