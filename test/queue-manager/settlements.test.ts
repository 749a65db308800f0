import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Channel, Message } from 'amqplib';
import { expect } from 'chai';
import { Settlements } from '../../src/queue-manager/rabbitmq/settlements.js';

describe('settling deliveries', () => {
  let sent: string[];
  let settled: number;
  let settlements: Settlements;

  beforeEach(() => {
    sent = [];
    settled = 0;
    settlements = new Settlements(recordingChannel(sent), (count) => (settled += count));
  });

  it('acknowledges all of one turn of the event loop with one frame', async () => {
    for (const tag of [2, 1, 3]) settlements.ack(tag);
    expect([sent, settled]).to.deep.equal([[], 0]);
    await nextTurn();
    expect([sent, settled]).to.deep.equal([['ack up to 3'], 3]);
  });

  it('names those beyond a delivery that is still open one by one', async () => {
    for (const tag of [1, 3, 4]) settlements.ack(tag);
    await nextTurn();
    expect(sent).to.deep.equal(['ack up to 1', 'ack 3', 'ack 4']);
  });

  it('never names a delivery twice when a gap closes: the broker would close the channel', async () => {
    settlements.ack(2);
    await nextTurn();
    settlements.ack(1);
    await nextTurn();
    settlements.ack(3);
    await nextTurn();
    expect(sent).to.deep.equal(['ack 2', 'ack up to 1', 'ack up to 3']);
    expect(settled).to.equal(3);
  });

  it('gives back at once, and goes on after that', async () => {
    settlements.requeue(1);
    expect([sent, settled]).to.deep.equal([['nack 1'], 1]);
    settlements.ack(2);
    await nextTurn();
    expect(sent).to.deep.equal(['nack 1', 'ack up to 2']);
  });

  it('counts what it could not tell a dead channel', async () => {
    const dead = { ack: fail, nack: fail } as unknown as Channel;
    settlements = new Settlements(dead, (count) => (settled += count));
    settlements.requeue(1);
    settlements.ack(2);
    await nextTurn();
    expect(settled).to.equal(2);
  });
});

function recordingChannel(sent: string[]): Channel {
  const tagOf = ({ fields }: Message): number => fields.deliveryTag;
  return {
    ack: (message: Message, upTo: boolean) => void sent.push(`ack ${upTo ? 'up to ' : ''}${tagOf(message)}`),
    nack: (message: Message) => void sent.push(`nack ${tagOf(message)}`),
  } as unknown as Channel;
}

function fail(): never {
  throw new Error('Channel closed');
}
