import type { Channel } from 'amqplib';
import { expect } from 'chai';
import { testDatabases } from '../../support/databases.js';
import { hintFor, nothingLeft, waiting, withChannel } from '../harness/broker-hand.js';
import { rungAgain } from '../harness/doorbell.js';
import { Scenario } from '../harness/scenario.js';
import { sideBySide, type Row } from '../harness/side-by-side.js';

const COUNT = 5;
const TEN_MB = 10 * 1024 * 1024;

type Harm = (channel: Channel, queue: string) => Promise<unknown>;

const LOSSES: Record<string, Harm> = {
  'message lost: the poll starts the program': async (channel, queue) => {
    for (let lost = 0; lost < COUNT; lost += 1) await channel.get(queue, { noAck: true });
  },
  'purged: the poll starts the programs': (channel, queue) => channel.purgeQueue(queue),
};

const STRANGERS: Record<string, readonly Buffer[]> = {
  'for an unknown run: the message is removed, and nothing is run for it': [hintFor('nobody')],
  'malformed: the message is removed with a warning': [Buffer.from('{"v":1,"runId"'), Buffer.alloc(0)],
  '10 MB: the message is removed with a warning': [Buffer.alloc(TEN_MB, 'x'), oversized()],
  'wrong type: the message is removed with a warning': ['null', '7', '"text"', '[]', '{"runId":7}'].map(
    (text) => Buffer.from(text),
  ),
};

describe('Delivering: messages', function () {
  this.timeout(60_000);
  const [database] = testDatabases();
  if (!database) throw new Error('There is no database');
  const open = () => Scenario.open(database, { broker: true });

  const rows: Record<string, Row> = {};

  for (const [title, harm] of Object.entries(LOSSES))
    rows[title] = async () => {
      const scenario = await open();
      await scenario.create(COUNT);
      await waiting(scenario.queue, COUNT);
      scenario.struck();
      await withChannel((channel) => harm(channel, scenario.queue));
      await waiting(scenario.queue, 0);
      await scenario.crew.start();
      await scenario.ended();
      return scenario;
    };

  rows['duplicated 100 times: each program is claimed once, and every copy is removed'] = async () => {
    const scenario = await open();
    const runIds = await scenario.create(COUNT);
    await waiting(scenario.queue, COUNT);
    await withChannel(async (channel) => {
      for (let copy = 1; copy < 100; copy += 1)
        for (const runId of runIds) channel.sendToQueue(scenario.queue, hintFor(runId));
    });
    await waiting(scenario.queue, COUNT * 100);
    scenario.struck();
    await Promise.all([scenario.crew.start(), scenario.crew.start()]);
    await scenario.ended();
    expect(Math.max(...(await scenario.versions()).map(({ fence }) => fence))).to.equal(1);
    await nothingLeft(scenario);
    return scenario;
  };

  for (const [title, messages] of Object.entries(STRANGERS))
    rows[title] = async () => {
      const scenario = await open();
      const worker = await scenario.crew.start();
      await rungAgain(scenario);
      await withChannel(async (channel) => {
        for (const message of messages) channel.sendToQueue(scenario.queue, message);
      });
      if (title.includes('warning'))
        await worker.seen('logged', { action: 'message-removed', count: messages.length });
      await scenario.create(COUNT);
      await scenario.ended();
      expect(worker.reports('brokerDisconnected')).to.deep.equal([]);
      await nothingLeft(scenario);
      return scenario;
    };

  sideBySide(rows);
});

function oversized(): Buffer {
  return Buffer.from(JSON.stringify({ v: 1, runId: 'x', rest: 'x'.repeat(TEN_MB) }));
}
