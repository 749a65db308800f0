import { randomBytes } from 'node:crypto';
import { amqpUrl } from '../../support/brokers.js';
import { rabbitmqctl } from '../../support/servers/index.js';

/** What a user may do on the broker, as patterns of names. */
export interface Permissions {
  configure: string;
  write: string;
  read: string;
}

const ALL: Permissions = { configure: '.*', write: '.*', read: '.*' };

/** A user of the broker whose rights and password a test may change; `remove` it in the end. */
export class BrokerUser {
  readonly #name = `user-${randomBytes(6).toString('hex')}`;
  #password = 'first';

  /** May do everything. */
  static async create(): Promise<BrokerUser> {
    const user = new BrokerUser();
    await user.#add();
    return user;
  }

  /** For a broker that may have forgotten everything. */
  async restore(): Promise<void> {
    await this.remove().catch(() => undefined);
    await this.#add();
  }

  /** The URL of the broker with this user's password as it is now. */
  get url(): string {
    const url = new URL(amqpUrl());
    url.username = this.#name;
    url.password = this.#password;
    return url.href;
  }

  async changePassword(password: string): Promise<void> {
    await rabbitmqctl('change_password', this.#name, password);
    this.#password = password;
  }

  /** Everything, but for these exceptions. */
  async allow(exceptions: Partial<Permissions> = {}): Promise<void> {
    const { configure, write, read } = { ...ALL, ...exceptions };
    await rabbitmqctl('set_permissions', this.#name, configure, write, read);
  }

  /** Makes every client log in again: rights are remembered as long as a channel lives. */
  async disconnect(): Promise<void> {
    await rabbitmqctl('close_all_user_connections', this.#name, 'a test');
  }

  async remove(): Promise<void> {
    await rabbitmqctl('delete_user', this.#name);
  }

  async #add(): Promise<void> {
    await rabbitmqctl('add_user', this.#name, this.#password);
    await this.allow();
  }
}
