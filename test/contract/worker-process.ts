/** A forked worker on PostgreSQL with RabbitMQ; says so when it is ready, and ends when told. */
import { ProgramExecutor } from '../../index.js';
import { job } from './harness.js';

const [knex, amqpUrl, tableName, queueName] = process.argv.slice(2) as [string, string, string, string];
const executor = ProgramExecutor.create({ knex, amqpUrl, tableName, queueName });
const pause = job('a', () => new Promise((resolve) => setTimeout(resolve, 20)));
await executor.processPrograms(pause, { concurrency: 2 });
process.once('message', () => {
  void executor.close().then(() => {
    process.disconnect();
  });
});
process.send?.('ready');
