import type { QueueManagerEvents } from '../queue-manager.js';

/** Makes one up or down of the whole manager out of those of its connections. */
export class Connectivity {
  readonly #events: QueueManagerEvents;
  readonly #missing = new Set<string>();
  #connected = false;

  constructor(events: QueueManagerEvents) {
    this.#events = events;
  }

  established(connection: string): void {
    this.#missing.delete(connection);
    if (this.#connected || this.#missing.size > 0) return;
    this.#connected = true;
    this.#events.onConnected();
  }

  lost(connection: string, error: unknown): void {
    this.#missing.add(connection);
    if (!this.#connected) return;
    this.#connected = false;
    this.#events.onDisconnected(error);
  }
}
