import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BrokerUser } from '../faults/harness/broker-user.js';
import { amqpUrl } from '../support/brokers.js';
import { CertificateAuthority } from '../support/certificates.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TlsFront } from '../support/tls-front.js';
import { withUser } from './with-user.js';

const HOUR_MS = 3_600_000;

const ours = new CertificateAuthority('ours');

/** What the way's end may show to clients: only the first is one to trust. */
const CERTIFICATES = {
  valid: ours.identity(),
  expired: ours.identity(-HOUR_MS),
  foreign: new CertificateAuthority('theirs').identity(),
};

interface Parts {
  readonly proxy: TcpProxy;
  readonly front: TlsFront;
  readonly user: BrokerUser;
}

/** The workers' way to the broker: as a user of their own, by TLS, and through a proxy. */
export class BrokerWay {
  readonly user: BrokerUser;
  readonly proxy: TcpProxy;
  /** Where workers find the URL, at each attempt to connect. */
  readonly address = { file: join(temporaryFolder(), 'chaos-amqp-url') };
  /** Lets a process trust the way's end. */
  readonly environment = { NODE_EXTRA_CA_CERTS: join(temporaryFolder(), 'chaos-ca.pem') };
  readonly #front: TlsFront;

  private constructor({ proxy, front, user }: Parts) {
    this.proxy = proxy;
    this.#front = front;
    this.user = user;
  }

  static async open(): Promise<BrokerWay> {
    const proxy = await TcpProxy.start(amqpUrl());
    const front = await TlsFront.start(proxy.url, CERTIFICATES.valid);
    const way = new BrokerWay({ proxy, front, user: await BrokerUser.create() });
    await writeFile(way.environment.NODE_EXTRA_CA_CERTS, ours.cert);
    await way.tellUrl();
    return way;
  }

  /** Writes down the URL as it is now, password included. */
  async tellUrl(): Promise<void> {
    await writeFile(this.address.file, withUser(this.#front.url, this.user.url));
  }

  /** Clients have to come again, and are shown this. */
  show(certificate: keyof typeof CERTIFICATES): void {
    this.#front.use(CERTIFICATES[certificate]);
    this.#front.disconnect();
  }

  async close(): Promise<void> {
    await this.#front.close();
    await this.proxy.close();
    await this.user.remove();
  }
}
