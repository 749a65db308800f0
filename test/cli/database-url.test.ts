import { expect } from 'chai';
import { knexConfigFromUrl } from '../../src/config/database-url.js';
import { ConfigError } from '../../src/errors/index.js';

describe('a database URL', () => {
  const servers: [url: string, client: string, added: string][] = [
    ['postgres://u:p%40ss@db:5432/app', 'pg', '?pipeline=true'],
    ['postgresql://db/app?sslmode=require', 'pg', '&pipeline=true'],
    ['postgres:///app?host=/var/run/postgresql', 'pg', '&pipeline=true'],
    ['postgres://db/app?pipeline=true', 'pg', ''],
    ['mysql://u:p@db:3306/app', 'mysql2', ''],
    ['mariadb://u:p@db/app', 'mysql2', ''],
  ];
  for (const [url, client, added] of servers)
    it(`${url} leads to ${client}`, () => {
      expect(knexConfigFromUrl(url)).to.deep.equal({ knex: { client, connection: `${url}${added}` } });
    });

  const unpipelined: [url: string, connection: string][] = [
    ['postgres://db/app?pipeline=false', 'postgres://db/app'],
    ['postgres://u:p%40ss@db/app?a=%20&pipeline=false&b=?', 'postgres://u:p%40ss@db/app?a=%20&b=?'],
    ['postgres://db/app?pipeline=true&pipeline=false', 'postgres://db/app'],
  ];
  for (const [url, connection] of unpipelined)
    it(`${url} leads to pg without the parameter, which any text would turn on`, () => {
      expect(knexConfigFromUrl(url)).to.deep.equal({ knex: { client: 'pg', connection } });
    });

  for (const value of ['=no', '=', ''])
    it(`is refused with "pipeline${value}"`, () => {
      expect(() => knexConfigFromUrl(`postgres://db/app?pipeline${value}`, '--database-url')).to.throw(
        ConfigError,
        '--database-url: pipeline must be true or false',
      );
    });

  const files: [url: string, path: string][] = [
    ['sqlite:./data/a.sqlite', './data/a.sqlite'],
    ['sqlite:/data/a.sqlite', '/data/a.sqlite'],
    ['sqlite:///data/a.sqlite', '/data/a.sqlite'],
    ['file:a.sqlite', 'a.sqlite'],
    ['file:///data/a%20b.sqlite', '/data/a b.sqlite'],
  ];
  for (const [url, databasePath] of files)
    it(`${url} leads to the file ${databasePath}`, () => {
      expect(knexConfigFromUrl(url)).to.deep.equal({ databasePath });
    });

  const wrong = [
    'oracle://u:secret@db/app',
    'u:secret@db/app',
    'secret',
    'postgres://u:secret@db:port/app',
    'postgres://u:secret@db',
    'mysql:///app?password=secret',
    'constructor://u:secret@db/app',
    'sqlite:',
    'sqlite:a?mode=secret',
    'file://host/secret',
  ];
  for (const url of wrong)
    it(`${JSON.stringify(url)} is refused without being repeated`, () => {
      expect(() => knexConfigFromUrl(url, '--database-url'))
        .to.throw(ConfigError, /^--database-url: /)
        .with.property('message')
        .that.does.not.include('secret');
    });
});
