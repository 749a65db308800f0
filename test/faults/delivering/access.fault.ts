import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { testDatabases } from '../../support/databases.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { exists, nothingLeft, withChannel } from '../harness/broker-hand.js';
import { BrokerUser, type Permissions } from '../harness/broker-user.js';
import { pollCarriesOn, rungAgain } from '../harness/doorbell.js';
import { Scenario } from '../harness/scenario.js';
import { sideBySide, type Row } from '../harness/side-by-side.js';

const RIGHTS: readonly (keyof Permissions)[] = ['configure', 'write', 'read'];
const RIGHTS_TO_EARLY: readonly (keyof Permissions)[] = ['configure', 'read'];
/** Of the names that a right is for. */
const ALL_BUT_EARLY = '^(?!.*[.]early$)';

describe('Delivering: access', function () {
  this.timeout(90_000);
  const [database] = testDatabases();
  if (!database) throw new Error('There is no database');

  const rows: Record<string, Row> = {
    'credentials rotated: the poll carries on with the old ones, the new ones are asked for': () =>
      withUser(async (user) => {
        const file = join(temporaryFolder(), 'amqp-url');
        await writeFile(file, user.url);
        const scenario = await Scenario.open(database, { broker: { file } });
        const worker = await scenario.crew.start();
        await rungAgain(scenario);
        await user.changePassword('second');
        scenario.struck();
        await user.disconnect();
        await worker.seen('logged', { action: 'broker-unreachable' });
        await pollCarriesOn(scenario);
        await writeFile(file, user.url);
        await rungAgain(scenario);
        await nothingLeft(scenario);
        return scenario;
      }),
  };

  for (const right of RIGHTS)
    rows[`permission denied to ${right}: the poll carries on, until it is granted again`] = () =>
      withUser(async (user) => {
        const scenario = await Scenario.open(database, { broker: user.url });
        const worker = await scenario.crew.start();
        await rungAgain(scenario);
        await user.allow({ [right]: '' });
        scenario.struck();
        await withChannel((channel) => channel.deleteQueue(scenario.queue));
        const isFelt =
          right === 'write'
            ? once(scenario.executor, 'dispatchFailed')
            : worker.seen('logged', { action: 'channel-error' });
        await user.disconnect();
        await pollCarriesOn(scenario);
        await isFelt;
        await user.allow();
        await rungAgain(scenario);
        await nothingLeft(scenario);
        return scenario;
      });

  for (const right of RIGHTS_TO_EARLY)
    rows[`permission to ${right} the queue alone: the worker does without that of early hints`] = () =>
      withUser(async (user) => {
        await user.allow({ [right]: ALL_BUT_EARLY });
        const scenario = await Scenario.open(database, { broker: user.url });
        const worker = await scenario.crew.start();
        scenario.struck();
        await worker.seen('logged', { action: 'early-queue-refused' });
        await rungAgain(scenario);
        expect(worker.reports('brokerDisconnected')).to.deep.equal([]);
        expect(await exists(`${scenario.queue}.early`)).to.equal(false);
        await nothingLeft(scenario);
        return scenario;
      });

  sideBySide(rows);
});

async function withUser(work: (user: BrokerUser) => Promise<Scenario>): Promise<Scenario> {
  const user = await BrokerUser.create();
  try {
    return await work(user);
  } finally {
    await user.remove();
  }
}
