import { expect } from 'chai';
import { findSqliteDriver } from '../../src/config/sqlite-driver.js';
import { errorOf } from '../jobs/rejection.js';

/** Loads these modules, and finds no others. */
const loading = (modules: Record<string, unknown>) => (module: string) => {
  if (Object.hasOwn(modules, module)) return modules[module];
  throw new Error(`Cannot find module '${module}'`);
};

describe('the SQLite driver', () => {
  it('is better-sqlite3 where that can open a database, which is closed again', () => {
    const calls: string[] = [];
    class Database {
      constructor(filename: string) {
        calls.push(`opened ${filename}`);
      }
      close(): void {
        calls.push('closed');
      }
    }
    expect(findSqliteDriver(loading({ 'better-sqlite3': Database }))).to.equal('better-sqlite3');
    expect(calls).to.deep.equal(['opened :memory:', 'closed']);
  });

  it('is missing with the command that installs it', async () => {
    const error = await errorOf(() => findSqliteDriver(loading({})));
    expect(error).to.include({ code: 'PE_SQLITE_DRIVER_MISSING' });
    expect(error.message).to.include('Run "npm install better-sqlite3@12", or give knex another database.');
  });

  it('is missing with the command that builds it where its install script has not run', async () => {
    const cause = new Error('Could not locate the bindings file.');
    class Database {
      constructor() {
        throw cause;
      }
    }
    const error = await errorOf(() => findSqliteDriver(loading({ 'better-sqlite3': Database })));
    expect(error).to.include({ code: 'PE_SQLITE_DRIVER_MISSING', cause });
    expect(error.message)
      .to.include('"allowScripts": { "better-sqlite3": true }')
      .and.include('run "npm rebuild better-sqlite3", or give knex another database.');
  });
});
