import { expect } from 'chai';
import type { BrokerConnection } from '../../src/queue-manager/rabbitmq/connection.js';
import { EarlyQueue } from '../../src/queue-manager/rabbitmq/early-queue.js';
import { Log } from '../support/log.js';

/** A connection on which no channel can be opened, and which counts how often that was asked for. */
function failingWith(error: Error) {
  const asked = { times: 0 };
  const createChannel = () => {
    asked.times += 1;
    return Promise.reject(error);
  };
  const connection = { alive: true, model: { createChannel }, destroy: () => undefined };
  return { asked, connection: connection as unknown as BrokerConnection };
}

const failureOf = (work: Promise<void>): Promise<unknown> => work.catch((error: unknown) => error);

describe('the queue of early hints', () => {
  it('that a worker may not have is asked for once in five minutes, and told of once', async () => {
    const log = new Log();
    const queue = new EarlyQueue({ queueName: 'q', logger: log });
    const refusal = Object.assign(new Error('ACCESS_REFUSED'), { code: 403 });
    const { asked, connection } = failingWith(refusal);
    expect(await failureOf(queue.run(connection))).to.equal(refusal);
    expect(await failureOf(queue.run(connection))).to.equal(refusal);
    expect(asked.times).to.equal(1);
    expect(log.count('early-queue-refused')).to.equal(1);
  });

  it('is asked for again at once where it was the connection that failed', async () => {
    const log = new Log();
    const queue = new EarlyQueue({ queueName: 'q', logger: log });
    const { asked, connection } = failingWith(new Error('Channel ended, no reply will be forthcoming'));
    await failureOf(queue.run(connection));
    await failureOf(queue.run(connection));
    expect(asked.times).to.equal(2);
    expect(log.count('early-queue-refused')).to.equal(0);
  });
});
