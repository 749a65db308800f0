import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import type { Client } from 'pg';
import { inOneWrite } from '../../src/program-handler/dialects/in-one-write.js';

/** A socket that takes note of what each write to the system would hold. */
class Socket extends Writable {
  readonly writes: string[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(String(chunk));
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.writes.push(chunks.map(({ chunk }) => String(chunk)).join(''));
    done();
  }
}

describe('statements in one write', () => {
  let socket: Socket;
  let connection: Client;
  beforeEach(() => {
    socket = new Socket();
    connection = { connection: { stream: socket } } as unknown as Client;
  });

  function send(statement: string): void {
    inOneWrite(connection);
    socket.write(statement);
  }

  it('are all that are sent in one turn, also after answers that are there already', async () => {
    send('begin;');
    await Promise.resolve();
    send('select;');
    expect(socket.writes).to.deep.equal([]);
    await nextTurn();
    expect(socket.writes).to.deep.equal(['begin;select;']);
  });

  it('do not wait for those of a later turn', async () => {
    send('begin;');
    await nextTurn();
    send('commit;');
    await nextTurn();
    expect(socket.writes).to.deep.equal(['begin;', 'commit;']);
  });

  it('need a socket: a driver without one sends as it does', () => {
    connection = { connection: undefined } as unknown as Client;
    expect(() => inOneWrite(connection)).to.not.throw();
  });
});
