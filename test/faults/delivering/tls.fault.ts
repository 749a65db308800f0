import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { amqpUrl } from '../../support/brokers.js';
import { CertificateAuthority, type Identity } from '../../support/certificates.js';
import { testDatabases } from '../../support/databases.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { TlsFront } from '../../support/tls-front.js';
import { nothingLeft } from '../harness/broker-hand.js';
import { pollCarriesOn, rungAgain } from '../harness/doorbell.js';
import { Scenario } from '../harness/scenario.js';
import { sideBySide } from '../harness/side-by-side.js';

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
    // Read when a process starts: by the workers.
    process.env['NODE_EXTRA_CA_CERTS'] = file;
  });
  after(() => delete process.env['NODE_EXTRA_CA_CERTS']);

  const survives = async (identity: Identity): Promise<Scenario> => {
    const front = await TlsFront.start(amqpUrl(), identity);
    try {
      const scenario = await Scenario.open(database, { broker: true });
      const worker = await scenario.crew.start({ config: { ...scenario.config, amqpUrl: front.url } });
      scenario.struck();
      await worker.seen('logged', { action: 'broker-unreachable' });
      await pollCarriesOn(scenario);
      expect(worker.reports('brokerConnected')).to.deep.equal([]);
      front.use(ours.identity());
      await rungAgain(scenario);
      await nothingLeft(scenario);
      return scenario;
    } finally {
      await front.close();
    }
  };

  sideBySide(
    Object.fromEntries(Object.entries(FAULTS).map(([title, identity]) => [title, () => survives(identity)])),
  );
});
