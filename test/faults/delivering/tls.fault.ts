import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { amqpUrl } from '../../support/brokers.js';
import { CertificateAuthority } from '../../support/certificates.js';
import { testDatabases } from '../../support/databases.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { TlsFront } from '../../support/tls-front.js';
import { nothingLeft } from '../harness/broker-hand.js';
import { pollCarriesOn, rungAgain } from '../harness/doorbell.js';
import { Scenario } from '../harness/scenario.js';

/** Read by Node when a process starts. */
const TRUSTED = 'NODE_EXTRA_CA_CERTS';
const HOUR_MS = 60 * 60 * 1_000;

const ours = new CertificateAuthority('ours');

const FAULTS = {
  'TLS wrong CA: nothing is sent, the poll carries on, and the right certificate is taken':
    new CertificateAuthority('theirs').identity(),
  'TLS expired: nothing is sent, the poll carries on, and the renewed certificate is taken':
    ours.identity(-HOUR_MS),
};

describe('Delivering: TLS', function () {
  this.timeout(60_000);
  const [database] = testDatabases();
  if (!database) throw new Error('There is no database');

  before(async () => {
    const file = join(temporaryFolder(), 'ca.pem');
    await writeFile(file, ours.cert);
    process.env[TRUSTED] = file;
  });
  after(() => delete process.env[TRUSTED]);
  afterEach(() => Scenario.closeAll());

  for (const [title, identity] of Object.entries(FAULTS))
    it(title, async () => {
      const front = await TlsFront.start(amqpUrl(), identity);
      try {
        const scenario = await Scenario.open(database, { broker: true });
        const worker = await scenario.crew.start({ config: { ...scenario.config, amqpUrl: front.url } });
        scenario.struck();
        await worker.logged('broker-unreachable');
        await pollCarriesOn(scenario);
        expect(worker.reports('brokerConnected')).to.deep.equal([]);
        front.use(ours.identity());
        await rungAgain(scenario);
        await nothingLeft(scenario);
        expect(await scenario.verdict()).to.deep.equal([]);
      } finally {
        await Scenario.closeAll();
        await front.close();
      }
    });
});
