import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { findSqliteDriver } from '../../../src/config/sqlite-driver.js';
import { startThreadService } from '../../../src/consumer/leases/thread-service.js';
import { databasePath } from '../../support/databases.js';
import { eventually } from '../../support/eventually.js';

const DESCRIPTORS = '/dev/fd';
const ROUNDS = 10;
/** Too short for a thread to load its modules. */
const CLOSE_TIMEOUT_MS = 30;

describe('a lease thread', () => {
  it('that is closed before it has loaded its modules leaves no file open', async () => {
    const nothing = () => undefined;
    const events = { onReport: nothing, onBlocked: nothing, onFailure: nothing };
    const address = { kind: 'sqlite', driver: findSqliteDriver(), filename: databasePath() } as const;
    const data = {
      address,
      tableName: 'programs',
      dialect: 'auto',
      leaseMs: 60_000,
      maxBlockedMs: 60_000,
    } as const;
    const open = (): number => readdirSync(DESCRIPTORS).length;
    const before = open();
    for (let round = 0; round < ROUNDS; round += 1)
      await startThreadService(data, events, CLOSE_TIMEOUT_MS).close();
    await eventually('all is closed', () => Promise.resolve(open() <= before));
    expect(open()).to.be.at.most(before);
  }).timeout(30_000);
});
