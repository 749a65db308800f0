import { expect } from 'chai';
import { rabbitFixture } from './harness.js';

describe('RabbitMQ queue and messages', () => {
  const fixture = rabbitFixture();

  it('opens no connection before the first ring or subscription', async () => {
    const manager = fixture.create();
    expect(fixture.proxy.accepted).to.equal(0);
    await manager.ring(['a']);
    expect(fixture.proxy.accepted).to.equal(1);
    await manager.ring(['b']);
    expect(fixture.proxy.accepted).to.equal(1);
  });

  it('publishes a persistent JSON message with a timestamp (EM-10)', async () => {
    await fixture.create().ring(['a']);
    const message = await fixture.broker.channel.get(fixture.queueName, { noAck: true });
    if (!message) throw new Error('no message');
    expect(message.content.toString()).to.equal('{"v":1,"runId":"a"}');
    expect(message.properties).to.include({ contentType: 'application/json', deliveryMode: 2 });
    expect(message.properties.type).to.equal('program-hint');
    expect(message.properties.timestamp).to.be.closeTo(Date.now() / 1_000, 60);
  });

  it('rings for 10,000 programs in one call, every one confirmed (EM-53)', async () => {
    const manager = fixture.create();
    await manager.ring(Array.from({ length: 10_000 }, (_, index) => `run-${index}`));
    expect(fixture.events.failed).to.deep.equal([]);
    expect(await fixture.broker.messageCount(fixture.queueName)).to.equal(10_000);
  });

  for (const queueType of ['quorum', 'classic'] as const) {
    it(`declares a durable ${queueType} queue where there is none, and finds it as its own later`, async () => {
      await fixture.create({ queueType }).ring(['a']);
      await fixture.create({ queueType }).ring(['b']);
      expect((await fixture.log.line('queue-declared')).data).to.include({ queue_type: queueType });
      expect(fixture.log.count('queue-declared')).to.equal(1);
      expect(fixture.log.count('queue-taken-over')).to.equal(0);
      await fixture.broker.channel.assertQueue(fixture.queueName, {
        durable: true,
        arguments: { 'x-queue-type': queueType },
      });
    });
  }

  it("uses the older library's queue as it is, with one warning", async () => {
    await fixture.broker.channel.assertQueue(fixture.queueName, {
      durable: false,
      deadLetterExchange: '',
      deadLetterRoutingKey: `${fixture.queueName}-retry-1000`,
    });
    const manager = fixture.create();
    manager.subscribe({ prefetch: 1, onHint: fixture.hints.onHint });
    await manager.ring(['a']);
    (await fixture.hints.first(1))[0]?.requeue();
    (await fixture.hints.first(2))[1]?.ack();
    expect((await fixture.log.line('queue-taken-over')).level).to.equal('warn');
    expect(fixture.log.count('queue-taken-over')).to.equal(1);
    expect(fixture.events.states).to.deep.equal(['connected']);
  });

  it('declares nothing with `declare: false`, and begins when the queue is there', async () => {
    const manager = fixture.create({ declare: false });
    manager.subscribe({ prefetch: 1, onHint: fixture.hints.onHint });
    const { data } = await fixture.log.line('channel-error');
    expect(data['error_message']).to.contain('does not exist');
    await manager.ring(['lost']);
    expect(fixture.events.failed).to.deep.equal([['lost']]);
    await fixture.broker.channel.assertQueue(fixture.queueName, { durable: true });
    fixture.broker.send(fixture.queueName, '{"v":1,"runId":"a"}');
    await fixture.hints.first(1);
    expect(fixture.log.count('queue-taken-over')).to.equal(0);
  });

  it("runs programs of the older library's messages", async () => {
    fixture.create().subscribe({ prefetch: 1, onHint: fixture.hints.onHint });
    await fixture.log.line('queue-declared');
    fixture.broker.send(fixture.queueName, JSON.stringify({ jobs: ['x'], programData: {}, runId: 'old' }));
    await fixture.hints.first(1);
    expect(fixture.hints.runIds).to.deep.equal(['old']);
  });

  it('removes messages that ring for no program, with a warning, and lives on (EM-47)', async () => {
    const junk = ['{', '', 'null', '[]', '"text"', '7', '{}', '{"v":1,"runId":7}', '{"v":1,"runId":""}'];
    const tooLarge = JSON.stringify({ v: 1, runId: 'a', rest: 'secret'.repeat(400_000) });
    fixture.create().subscribe({ prefetch: 1, onHint: fixture.hints.onHint });
    await fixture.log.line('queue-declared');
    for (const content of [...junk, tooLarge]) fixture.broker.send(fixture.queueName, content);
    fixture.broker.send(fixture.queueName, '{"v":1,"runId":"good"}');
    (await fixture.hints.first(1))[0]?.ack();
    await fixture.log.line('message-removed', junk.length + 1);
    expect(fixture.hints.runIds).to.deep.equal(['good']);
    expect(JSON.stringify(fixture.log.items)).to.not.contain('secret');
  });

  it('survives a subscriber that throws: the hint is given back', async () => {
    let thrown = false;
    const onHint: typeof fixture.hints.onHint = (hint) => {
      fixture.hints.add(hint);
      if (!thrown) throw new Error(`first time ${(thrown = true)}`);
    };
    const manager = fixture.create();
    manager.subscribe({ prefetch: 1, onHint });
    await manager.ring(['a']);
    await fixture.hints.first(2);
    expect(fixture.log.count('hint-error')).to.equal(1);
    expect(fixture.log.count('channel-lost')).to.equal(0);
  });

  it('hands unsettled hints to others when it is closed', async () => {
    const manager = fixture.create();
    manager.subscribe({ prefetch: 2, onHint: fixture.hints.onHint });
    await manager.ring(['a', 'b']);
    const [first] = await fixture.hints.first(2);
    first?.ack();
    await manager.close(1_000);
    const other = fixture.create();
    other.subscribe({ prefetch: 2, onHint: fixture.hints.onHint });
    await fixture.hints.first(3);
    expect(fixture.hints.runIds.slice(2)).to.deep.equal(['b']);
  });
});
