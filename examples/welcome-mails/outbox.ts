import { setTimeout as sleep } from 'node:timers/promises';

interface Tally {
  sent: number;
  sending: number;
  mostAtOnce: number;
  /** The place of its last mail among all. */
  lastPlace: number;
}

/** Stands for the mail servers of the tenants, and sees what they see. */
export class Outbox {
  readonly #tallies = new Map<string, Tally>();
  #sent = 0;

  async send(tenant: string): Promise<void> {
    const tally = this.#tallyOf(tenant);
    tally.sending += 1;
    tally.mostAtOnce = Math.max(tally.mostAtOnce, tally.sending);
    await sleep(20);
    tally.sending -= 1;
    tally.sent += 1;
    this.#sent += 1;
    tally.lastPlace = this.#sent;
  }

  /** Prints a line for each tenant, the largest first. */
  print(): void {
    const tenants = [...this.#tallies].sort(([, a], [, b]) => b.sent - a.sent);
    for (const [tenant, { sent, mostAtOnce, lastPlace }] of tenants)
      console.log(`${tenant}: ${sent} mails, ${mostAtOnce} at once, the last was number ${lastPlace}`);
  }

  #tallyOf(tenant: string): Tally {
    const tally = this.#tallies.get(tenant) ?? { sent: 0, sending: 0, mostAtOnce: 0, lastPlace: 0 };
    this.#tallies.set(tenant, tally);
    return tally;
  }
}
