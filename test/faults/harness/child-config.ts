import { readFile } from 'node:fs/promises';
import type { ExecutorConfig } from '../../../index.js';
import type { Logger } from '../../../src/telemetry/logger.js';
import type { Report, WorkerSpec } from './protocol.js';

/** What plain data stands for. */
export function executorConfig({ amqpUrl, ...plain }: WorkerSpec['config']): ExecutorConfig {
  if (amqpUrl === undefined) return plain;
  return { ...plain, amqpUrl: typeof amqpUrl === 'string' ? amqpUrl : () => readFile(amqpUrl.file, 'utf8') };
}

/** Tells the parent what is logged, but for debugging and for every single job. */
export function reportingLogger(report: (report: Report) => Promise<void>): Logger {
  const line = (action: string, data?: { run_id?: string }): void =>
    void report({ event: 'logged', action, ...(data?.run_id && { runId: data.run_id }) });
  return { debug: () => undefined, info: line, warn: line, error: line, isEnabled: () => false };
}
