import { EventEmitter } from 'node:events';
import type { ConfirmChannel } from 'amqplib';
import { expect } from 'chai';
import { EarlyQueue } from '../../src/queue-manager/rabbitmq/early-queue.js';
import { Sender } from '../../src/queue-manager/rabbitmq/sender.js';
import { Inbox } from '../support/inbox.js';
import { Log } from '../support/log.js';

type Confirm = (error?: unknown) => void;

/** A channel whose broker answers when the test says so. */
function silentChannel() {
  const published = new Inbox<{ queue: string; confirm: Confirm }>();
  const stream = { cork: () => undefined, uncork: () => undefined };
  const sendToQueue = (queue: string, _content: Buffer, _options: object, confirm: Confirm) =>
    published.add({ queue, confirm });
  const channel = Object.assign(new EventEmitter(), { connection: { stream }, sendToQueue });
  return { published, channel: channel as unknown as ConfirmChannel };
}

describe('an early hint that the broker does not answer', () => {
  it('goes through the queue half a second later, as do those that follow, and is settled once', async () => {
    const { published, channel } = silentChannel();
    const earlyQueue = new EarlyQueue({ queueName: 'q', logger: new Log() });
    const settled: unknown[] = [];
    const sender = new Sender({ channel, queueName: 'q', earlyQueue, onUnroutable: () => undefined });
    const send = () => sender.send({ runId: 'a', note: 'early' }, (error) => settled.push(error));
    send();
    const [early, main] = await published.first(2);
    send();
    expect(published.items.map(({ queue }) => queue)).to.deep.equal(['q.early', 'q', 'q']);
    main?.confirm();
    early?.confirm();
    expect(settled).to.deep.equal([undefined]);
  });

  it('fails with its channel, and is not sent again', async () => {
    const { published, channel } = silentChannel();
    const earlyQueue = new EarlyQueue({ queueName: 'q', logger: new Log() });
    const settled = new Inbox<unknown>();
    const sender = new Sender({ channel, queueName: 'q', earlyQueue, onUnroutable: () => undefined });
    sender.send({ runId: 'a', note: 'early' }, (error) => settled.add(error));
    const closed = new Error('channel closed');
    (await published.first(1))[0]?.confirm(closed);
    expect(await settled.first(1)).to.deep.equal([closed]);
    expect(published.items).to.have.length(1);
  });
});
