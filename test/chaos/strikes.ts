import { eventually } from '../support/eventually.js';
import { last, type Disaster } from './disasters/disaster.js';
import type { Random } from './random.js';
import type { World } from './world.js';

/** Servers take a while to come back. */
const UNDO_DEADLINE_MS = 60_000;

/** The disasters that have struck, each undone before the next one of its lane. */
export class Strikes {
  /** How often each has struck, by its name. */
  readonly counts = new Map<string, number>();
  /** Disasters that met with one, as when the database that they wanted to ask was away. */
  inVain = 0;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Resolves with what happened, in a line. @throws Error when it cannot be undone */
  async strike(disaster: Disaster, random: Random): Promise<string> {
    const { name, undo } = disaster;
    try {
      const details = await this.#harm(disaster, random);
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
      return [name, ...details].join(', ');
    } catch (error) {
      this.inVain += 1;
      return `${name} (in vain: ${String(error).slice(0, 300)})`;
    } finally {
      if (undo) await this.#undo(name, undo);
    }
  }

  async #harm(disaster: Disaster, random: Random): Promise<string[]> {
    const what = await disaster.strike(this.#world, random);
    const lasted = disaster.lastsMs && (await last(disaster.lastsMs, random));
    return [what, lasted].filter((detail) => typeof detail === 'string');
  }

  async #undo(name: string, undo: NonNullable<Disaster['undo']>): Promise<void> {
    const tryTo = () => undo(this.#world).then(() => true);
    await eventually(`"${name}" is undone`, tryTo, UNDO_DEADLINE_MS);
  }
}
