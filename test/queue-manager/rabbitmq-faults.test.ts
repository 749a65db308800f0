import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import type { Message } from 'amqplib';
import { Connectivity } from '../../src/queue-manager/rabbitmq/connectivity.js';
import { Link } from '../../src/queue-manager/rabbitmq/link.js';
import { openChannel } from '../../src/queue-manager/rabbitmq/live-channel.js';
import { rabbitFixture } from './harness.js';

describe('RabbitMQ going wrong', () => {
  const fixture = rabbitFixture();

  describe('a broker that is down at the start', () => {
    beforeEach(() => fixture.proxy.refuse());

    it('makes rings fail at once, each reported with all its programs, and rejects nothing', async () => {
      const manager = fixture.create();
      await manager.ring(['a', 'b']);
      await manager.ring(['c']);
      expect(fixture.events.failed).to.deep.equal([['a', 'b'], ['c']]);
      const { data } = await fixture.log.line('queue-error');
      expect(data).to.include({ queue_name: fixture.queueName });
    });

    it('is said once, in a line without the URL', async () => {
      const manager = fixture.create();
      manager.subscribe({ prefetch: 1, onHint: fixture.hints.onHint });
      const { level } = await fixture.log.line('broker-unreachable', 1);
      await fixture.log.line('broker-unreachable', 4);
      const levels = fixture.log.items.map((line) => line.level);
      expect(level).to.equal('warn');
      expect(levels.filter((each) => each === 'warn')).to.have.length(1);
      expect(JSON.stringify(fixture.log.items)).to.not.match(/amqps?:/);
    });

    it('is connected to when it comes up, and delivers', async () => {
      const manager = fixture.create();
      manager.subscribe({ prefetch: 1, onHint: fixture.hints.onHint });
      await manager.ring(['lost']);
      await fixture.proxy.resume();
      await fixture.log.line('broker-connected', 2);
      expect(fixture.events.states).to.deep.equal(['connected']);
      await ringUntilDelivered(() => manager.ring(['a']));
      expect(fixture.hints.runIds[0]).to.equal('a');
    });

    it('is asked for credentials again at each attempt', async () => {
      let asked = 0;
      const amqp = (): Promise<string> => {
        asked += 1;
        return asked < 3 ? Promise.reject(new Error('no secret yet')) : Promise.resolve(fixture.proxy.url);
      };
      await fixture.proxy.resume();
      fixture.create({ amqp }).subscribe({ prefetch: 1, onHint: fixture.hints.onHint });
      await fixture.log.line('broker-connected');
      expect(asked).to.equal(3);
    });
  });

  it('EM-51: goes on after its connections were cut, and says so once for the whole manager', async () => {
    const manager = fixture.create();
    manager.subscribe({ prefetch: 5, onHint: fixture.hints.onHint });
    await manager.ring(['a']);
    await fixture.hints.first(1);
    fixture.proxy.cutAll();
    await fixture.log.line('broker-disconnected', 2);
    await fixture.log.line('broker-connected', 4);
    await manager.ring(['b']);
    await fixture.hints.first(1, (hint) => hint.runId === 'b');
    expect(fixture.events.states).to.deep.equal(['connected', 'disconnected', 'connected']);
  });

  it('rings that are made right after a cut wait for the next connection', async () => {
    const manager = fixture.create();
    await manager.ring(['a']);
    fixture.proxy.cutAll();
    await fixture.log.line('broker-disconnected');
    await manager.ring(['b']);
    expect(fixture.events.failed).to.deep.equal([]);
    expect(await fixture.broker.messageCount(fixture.queueName)).to.equal(2);
  });

  it('hands unsettled hints out again after a cut; settling the old ones does nothing', async () => {
    const manager = fixture.create();
    manager.subscribe({ prefetch: 2, onHint: fixture.hints.onHint });
    await manager.ring(['a', 'b']);
    const [first, second] = await fixture.hints.first(2);
    fixture.proxy.cutAll();
    first?.ack();
    await fixture.log.line('broker-disconnected', 2);
    second?.requeue();
    const again = (await fixture.hints.first(4)).slice(2);
    first?.ack();
    second?.ack();
    expect(again.map((hint) => hint.runId)).to.have.members(['a', 'b']);
    for (const hint of again) hint.ack();
    await manager.ring(['c']);
    await fixture.hints.first(5);
    expect(fixture.hints.runIds[4]).to.equal('c');
  });

  it('declares the queue again when it was deleted under the consumer', async () => {
    const manager = fixture.create();
    manager.subscribe({ prefetch: 1, onHint: fixture.hints.onHint });
    await manager.ring(['a']);
    const [lost] = await fixture.hints.first(1);
    await fixture.broker.channel.deleteQueue(fixture.queueName);
    await fixture.log.line('consumer-cancelled');
    await fixture.log.first(1, declaredAgain());
    lost?.ack();
    await ringUntilDelivered(() => manager.ring(['b']));
    expect(fixture.events.states).to.deep.equal(['connected']);
  });

  it('reports what no queue took, and declares the queue again', async () => {
    const manager = fixture.create();
    await manager.ring(['a']);
    await fixture.broker.channel.deleteQueue(fixture.queueName);
    await manager.ring(['b', 'c']);
    expect(fixture.events.failed).to.have.length(1);
    expect(fixture.events.failed[0]).to.have.members(['b', 'c']);
    await manager.ring(['d']);
    expect(fixture.events.failed).to.have.length(1);
    expect(await fixture.broker.messageCount(fixture.queueName)).to.equal(1);
  });

  it('sends a hint that the broker refuses once more, then reports it', async () => {
    await fixture.broker.channel.assertQueue(fixture.queueName, { maxLength: 1, overflow: 'reject-publish' });
    const manager = fixture.create();
    await manager.ring(['taken']);
    const rung = manager.ring(['sent again']);
    await fixture.broker.channel.checkQueue(fixture.queueName);
    await fixture.broker.channel.purgeQueue(fixture.queueName);
    await rung;
    expect(fixture.events.failed).to.deep.equal([]);
    await manager.ring(['refused']);
    expect(fixture.events.failed).to.deep.equal([['refused']]);
  });

  it('gives a ring up when the broker does not confirm in time, and goes on when it answers again', async () => {
    const manager = fixture.create({ confirmTimeoutMs: 100 });
    await manager.ring(['a']);
    fixture.proxy.blackhole();
    await manager.ring(['b']);
    expect(fixture.events.failed).to.deep.equal([['b']]);
    expect((await fixture.log.line('confirm-error')).data).to.include({ program_count: 1 });
    await fixture.proxy.resume();
    await manager.ring(['c']);
    expect(await fixture.broker.messageCount(fixture.queueName)).to.equal(3);
  });

  it('gives a ring up when no connection comes about in time', async () => {
    fixture.proxy.blackhole();
    const manager = fixture.create({ confirmTimeoutMs: 100 });
    await manager.ring(['a']);
    expect(fixture.events.failed).to.deep.equal([['a']]);
  });

  it('refuses rings while too many hints are unconfirmed, so that memory is bounded', async () => {
    const manager = fixture.create({ confirmTimeoutMs: 200 });
    await manager.ring(['a']);
    fixture.proxy.blackhole();
    await manager.ring(Array.from({ length: 50_000 }, (_, index) => `run-${index}`));
    await manager.ring(['refused']);
    const failures = fixture.events.items.filter((item) => item.event === 'dispatchFailed');
    expect(String(failures[1]?.error)).to.contain('Too many');
  });

  it('opens a channel again that the broker closed, on the same connection', async () => {
    const { log: logger, events, queueName, proxy } = fixture;
    const connectivity = new Connectivity(events);
    const settings = { amqp: proxy.url, queueName, logger, connectivity, random: () => 0 };
    const link = new Link({ ...settings, name: 'consume' });
    const keeper = link.keepChannel({ open: openChannel });
    const first = await keeper.next();
    first.channel.ack({ fields: { deliveryTag: 999 } } as Message);
    await first.ended;
    const second = await keeper.next();
    expect(second).to.not.equal(first);
    expect((await logger.line('channel-lost')).data['error_message']).to.contain('unknown delivery tag');
    expect(proxy.accepted).to.equal(1);
    await link.close(1_000);
  });

  /** The publisher may notice a little later than the consumer that something is there again. */
  async function ringUntilDelivered(ring: () => Promise<void>): Promise<void> {
    const delivered = fixture.hints.items.length + 1;
    const failures = fixture.events.failed.length;
    await ring();
    if (fixture.events.failed.length > failures) return turn().then(() => ringUntilDelivered(ring));
    await fixture.hints.first(delivered);
  }

  /** Both connections may find that there is no queue at the start, and both then say that they declared it. */
  function declaredAgain(): (line: { action: string }) => boolean {
    const before = new Set(fixture.log.items);
    return (line) => line.action === 'queue-declared' && !before.has(line as never);
  }
});
