import { expect } from 'chai';
import { createLocalQueueManager, createRabbitQueueManager } from '../../src/queue-manager/index.js';
import type { QueueManager } from '../../src/queue-manager/index.js';
import { amqpUrl, uniqueQueue } from '../support/brokers.js';
import { Log } from '../support/log.js';
import { Broker, Events, Hints } from './harness.js';

const rabbit = (queueName: string): QueueManager =>
  createRabbitQueueManager({ amqp: amqpUrl(), queueName, logger: new Log(), events: new Events() });

const implementations: [name: string, create: (queueName: string) => QueueManager, distributed: boolean][] = [
  ['without a broker', () => createLocalQueueManager(), false],
  ['RabbitMQ', rabbit, true],
];

for (const [name, create, distributed] of implementations) {
  describe(`queue manager contract: ${name}`, () => {
    let queueName: string;
    let manager: QueueManager;
    let hints: Hints;

    beforeEach(() => {
      queueName = uniqueQueue();
      manager = create(queueName);
      hints = new Hints();
    });

    afterEach(async () => {
      await manager.close(1_000);
      if (!distributed) return;
      const broker = await Broker.open();
      await broker.channel.deleteQueue(queueName);
      await broker.close();
    });

    it('says whether hints come from other processes', () => {
      expect(manager.distributed).to.equal(distributed);
    });

    it('hands each program that was rung for to a subscriber, once', async () => {
      manager.subscribe({ prefetch: 10, onHint: hints.onHint });
      await manager.ring(['a', 'b']);
      await manager.ring(['c']);
      await hints.first(3);
      expect(hints.runIds).to.have.members(['a', 'b', 'c']);
    });

    it('keeps hints for a subscriber that comes later', async () => {
      await manager.ring(['a']);
      manager.subscribe({ prefetch: 1, onHint: hints.onHint });
      await hints.first(1);
      expect(hints.runIds).to.deep.equal(['a']);
    });

    it('does nothing when it is rung for no program', async () => {
      await manager.ring([]);
    });

    it('never hands out a hint within the call that rings', async () => {
      manager.subscribe({ prefetch: 1, onHint: hints.onHint });
      const rung = manager.ring(['a']);
      expect(hints.items).to.have.length(0);
      await rung;
      await hints.first(1);
    });

    it('lets no more than prefetch hints be unsettled, and goes on when one is settled', async () => {
      manager.subscribe({ prefetch: 2, onHint: hints.onHint });
      await manager.ring(['a', 'b', 'c', 'd']);
      const [first] = await hints.first(2);
      await manager.ring(['e']);
      expect(hints.items).to.have.length(2);
      first?.ack();
      await hints.first(3);
      await manager.ring(['f']);
      expect(hints.items).to.have.length(3);
    });

    it('hands a hint that was given back out again', async () => {
      manager.subscribe({ prefetch: 1, onHint: hints.onHint });
      await manager.ring(['a']);
      (await hints.first(1))[0]?.requeue();
      const [, again] = await hints.first(2);
      expect(again?.runId).to.equal('a');
    });

    it('hands what a cancelled subscriber gives back to another one', async () => {
      const others = new Hints();
      const subscription = manager.subscribe({ prefetch: 1, onHint: hints.onHint });
      await manager.ring(['a']);
      const [hint] = await hints.first(1);
      await subscription.cancel();
      manager.subscribe({ prefetch: 1, onHint: others.onHint });
      hint?.requeue();
      await others.first(1);
      expect(others.runIds).to.deep.equal(['a']);
    });

    it('settles a hint once: what is called later does nothing', async () => {
      manager.subscribe({ prefetch: 1, onHint: hints.onHint });
      await manager.ring(['a', 'b', 'c']);
      const [first] = await hints.first(1);
      first?.ack();
      first?.ack();
      first?.requeue();
      (await hints.first(2))[1]?.ack();
      await hints.first(3);
      expect(hints.runIds).to.have.members(['a', 'b', 'c']);
    });

    it('spreads hints over subscribers with room', async () => {
      const others = new Hints();
      manager.subscribe({ prefetch: 1, onHint: hints.onHint });
      manager.subscribe({ prefetch: 1, onHint: others.onHint });
      await manager.ring(['a', 'b']);
      await Promise.all([hints.first(1), others.first(1)]);
      expect([...hints.runIds, ...others.runIds]).to.have.members(['a', 'b']);
    });

    it('hands nothing to a cancelled subscriber, which can still settle what it has', async () => {
      const subscription = manager.subscribe({ prefetch: 1, onHint: hints.onHint });
      await manager.ring(['a', 'b']);
      const [hint] = await hints.first(1);
      await subscription.cancel();
      hint?.ack();
      const others = new Hints();
      manager.subscribe({ prefetch: 5, onHint: others.onHint });
      await manager.ring(['c']);
      await others.first(2);
      expect(others.runIds).to.have.members(['b', 'c']);
      expect(hints.runIds).to.deep.equal(['a']);
    });

    it('can be cancelled before anything was delivered, and twice', async () => {
      const subscription = manager.subscribe({ prefetch: 1, onHint: hints.onHint });
      await subscription.cancel();
      await subscription.cancel();
      await manager.ring(['a']);
      expect(hints.items).to.have.length(0);
    });

    it('can be closed twice, and rung afterwards without a rejection', async () => {
      manager.subscribe({ prefetch: 1, onHint: hints.onHint });
      await manager.close(1_000);
      await manager.close(1_000);
      await manager.ring(['a']);
      expect(hints.items).to.have.length(0);
      expect(() => manager.subscribe({ prefetch: 1, onHint: hints.onHint })).to.throw('closed');
    });
  });
}

describe('queue manager without a broker', () => {
  it('keeps a bounded number of hints, one for each program', async () => {
    const manager = createLocalQueueManager();
    const hints = new Hints();
    await manager.ring(['a', 'a']);
    await manager.ring(Array.from({ length: 20_000 }, (_, index) => `run-${index}`));
    manager.subscribe({ prefetch: 30_000, onHint: hints.onHint });
    await hints.first(10_000);
    await manager.ring(['last']);
    await hints.first(1, (hint) => hint.runId === 'last');
    expect(hints.items).to.have.length(10_001);
    expect(hints.runIds.filter((runId) => runId === 'a')).to.have.length(1);
    await manager.close(0);
  });
});
