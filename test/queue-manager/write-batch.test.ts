import type { Channel } from 'amqplib';
import { expect } from 'chai';
import { Writable } from 'node:stream';
import { WriteBatch } from '../../src/queue-manager/rabbitmq/write-batch.js';

/** The stream of a connection: how often it was corked, and what arrived together. */
class Wire extends Writable {
  readonly writes: string[][] = [];
  corks = 0;

  override cork(): void {
    this.corks += 1;
    super.cork();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.writes.push(chunks.map(({ chunk }) => chunk.toString()));
    done();
  }
}

const turn = () => new Promise(setImmediate);

describe('publishes of one turn', () => {
  let wire: Wire;
  let batch: WriteBatch;

  /** As amqplib does: what is published is written in the next immediate. */
  const publish = (content: string) => {
    batch.hold();
    setImmediate(() => wire.write(content));
  };

  beforeEach(() => {
    wire = new Wire();
    batch = new WriteBatch({ connection: { stream: wire } } as unknown as Channel);
  });

  it('leave in one write, held back once', async () => {
    for (const content of ['a', 'b', 'c']) publish(content);
    await turn();
    expect({ corks: wire.corks, writes: wire.writes }).to.deep.equal({ corks: 1, writes: [] });
    await turn();
    expect(wire.writes).to.deep.equal([['a', 'b', 'c']]);
    expect(wire.writableCorked).to.equal(0);
  });

  it('are followed by those of later turns, held back anew', async () => {
    for (const content of ['a', 'b']) {
      publish(content);
      for (let turns = 0; turns < 3; turns += 1) await turn();
    }
    expect({ corks: wire.corks, writes: wire.writes }).to.deep.equal({ corks: 2, writes: [['a'], ['b']] });
    expect(wire.writableCorked).to.equal(0);
  });
});
