import { expect } from 'chai';
import type { Hint } from '../../src/queue-manager/index.js';
import { eventually } from '../support/eventually.js';
import { rabbitFixture } from './harness.js';

describe('RabbitMQ queue of early hints', () => {
  const fixture = rabbitFixture();
  let early: string;

  beforeEach(() => (early = fixture.earlyQueueName));

  function listen(options: Parameters<typeof fixture.create>[0] = {}, onHint = fixture.hints.onHint) {
    return fixture.create(options).subscribe({ prefetch: 2, onHint });
  }

  const listened = (): Promise<unknown> =>
    eventually('a worker listens for early hints', async () => (await consumersOf(early)) === 1);

  /** Asks on a channel of its own, which the broker closes where there is no such queue. */
  async function consumersOf(queue: string): Promise<number | undefined> {
    const channel = await fixture.broker.connection.createChannel();
    channel.on('error', () => undefined);
    try {
      const { consumerCount } = await channel.checkQueue(queue);
      await channel.close();
      return consumerCount;
    } catch {
      return undefined;
    }
  }

  it('takes early hints, and no others, while a worker listens', async () => {
    const subscription = listen();
    await listened();
    await subscription.cancel();
    const manager = fixture.create();
    await manager.ring(['a'], 'early');
    await manager.ring(['b']);
    await manager.ring(['c'], 'more');
    expect(await fixture.broker.messageCount(early)).to.equal(1);
    expect(await fixture.broker.messageCount(fixture.queueName)).to.equal(2);
  });

  it('delivers them to the worker, which settles them like others', async () => {
    const acknowledge = (hint: Hint): void => {
      fixture.hints.add(hint);
      hint.ack();
    };
    const subscription = listen({}, acknowledge);
    await listened();
    const manager = fixture.create();
    for (const runId of ['a', 'b', 'c', 'd', 'e']) await manager.ring([runId], 'early');
    await manager.ring(['f']);
    const hints = await fixture.hints.first(6);
    expect(hints.map(({ runId }) => runId)).to.have.members(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(hints.filter(({ note }) => note === 'early')).to.have.length(5);
    await subscription.cancel();
    expect(await fixture.broker.messageCount(early)).to.equal(0);
  });

  it('hands what a worker did not settle to the next one', async () => {
    const subscription = listen();
    await listened();
    await fixture.create().ring(['a'], 'early');
    const [hint] = await fixture.hints.first(1);
    await subscription.cancel();
    expect(await consumersOf(early)).to.equal(0);
    hint?.requeue();
    listen();
    await fixture.hints.first(2);
    expect(fixture.hints.runIds).to.deep.equal(['a', 'a']);
  });

  it('is missing while no worker was there: then the queue takes early hints as well', async () => {
    const manager = fixture.create();
    await manager.ring(['a'], 'early');
    await manager.ring(['b'], 'early');
    expect(await fixture.broker.messageCount(fixture.queueName)).to.equal(2);
    expect(await consumersOf(early)).to.equal(undefined);
    expect(fixture.events.failed).to.deep.equal([]);
    expect(fixture.log.count('channel-lost')).to.equal(0);
  });

  it('may refuse a hint: then the queue takes it', async () => {
    const full = { 'x-overflow': 'reject-publish', 'x-max-length': 0 };
    await fixture.broker.channel.assertQueue(early, { arguments: full });
    const manager = fixture.create();
    await manager.ring(['a'], 'early');
    expect(await fixture.broker.messageCount(fixture.queueName)).to.equal(1);
    expect(fixture.events.failed).to.deep.equal([]);
  });

  it('is declared again where it was deleted', async () => {
    listen();
    await listened();
    await fixture.broker.channel.deleteQueue(early);
    const { data } = await fixture.log.line('consumer-cancelled');
    expect(data).to.include({ queue_name: early });
    await listened();
    await fixture.create().ring(['a'], 'early');
    await fixture.hints.first(1);
  });

  it('is gone ten seconds after the last worker: then the queue takes early hints again', async () => {
    const subscription = listen();
    await listened();
    await subscription.cancel();
    const manager = fixture.create();
    // Asking the broker for it would keep it alive.
    await eventually('a hint comes to the queue', async () => {
      await manager.ring(['a'], 'early');
      return (await fixture.broker.messageCount(fixture.queueName)) > 0;
    });
    expect(await consumersOf(early)).to.equal(undefined);
    expect(fixture.events.failed).to.deep.equal([]);
  });

  it('is done without by a worker that may not have it, which says so once', async () => {
    // Its name is taken by a queue that belongs to another connection.
    await fixture.broker.channel.assertQueue(early, { exclusive: true });
    const manager = fixture.create();
    manager.subscribe({ prefetch: 2, onHint: fixture.hints.onHint });
    const { level, data } = await fixture.log.line('early-queue-refused');
    expect(level).to.equal('info');
    expect(data).to.include({ queue_name: early });
    await manager.ring(['a']);
    await fixture.hints.first(1);
    expect(fixture.events.states).to.deep.equal(['connected']);
  });

  it('is used as it is by who may not declare it, where it is there', async () => {
    await fixture.broker.channel.assertQueue(fixture.queueName, { durable: true });
    await fixture.broker.channel.assertQueue(early, { durable: false });
    const manager = fixture.create({ declare: false });
    manager.subscribe({ prefetch: 2, onHint: fixture.hints.onHint });
    await listened();
    await manager.ring(['a'], 'early');
    await fixture.hints.first(1);
  });

  it('does not take the queue along when it is deleted', async () => {
    listen();
    await listened();
    await fixture.create().ring(['a', 'b']);
    await fixture.hints.first(2);
    await fixture.broker.channel.deleteQueue(early);
    await fixture.log.line('channel-lost');
    await listened();
    for (const hint of fixture.hints.items) hint.ack();
    await fixture.create().ring(['c']);
    await fixture.hints.first(3);
    expect(fixture.hints.runIds).to.deep.equal(['a', 'b', 'c']);
  });

  const without = {
    'beside a classic queue': { queueType: 'classic' },
    'by who may not': { declare: false },
  } as const;
  for (const [where, options] of Object.entries(without))
    it(`is not declared ${where}`, async () => {
      await fixture.broker.channel.assertQueue(fixture.queueName, {
        durable: true,
        arguments: { 'x-queue-type': 'classic' },
      });
      const manager = fixture.create(options);
      manager.subscribe({ prefetch: 2, onHint: fixture.hints.onHint });
      await manager.ring(['a'], 'early');
      await fixture.hints.first(1);
      expect(await consumersOf(early)).to.equal(undefined);
    });
});
