import type { Logger } from '../../src/telemetry/logger.js';
import { Inbox } from './inbox.js';

export interface LogLine {
  level: string;
  action: string;
  data: Record<string, unknown>;
}

/** A logger whose lines can be waited for. */
export class Log extends Inbox<LogLine> implements Logger {
  debug = (action: string, data?: object): void => this.#line('debug', action, data);
  info = (action: string, data?: object): void => this.#line('info', action, data);
  warn = (action: string, data?: object): void => this.#line('warn', action, data);
  error = (action: string, data?: object): void => this.#line('error', action, data);

  /** Resolves with the `count`th line of this action. */
  async line(action: string, count = 1): Promise<LogLine> {
    const lines = await this.first(count, (line) => line.action === action);
    return lines[count - 1] as LogLine;
  }

  count(action: string): number {
    return this.items.filter((line) => line.action === action).length;
  }

  #line(level: string, action: string, data: object = {}): void {
    this.add({ level, action, data: { ...data } });
  }
}
