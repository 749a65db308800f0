import { messageOf, readProperty } from '../../errors/index.js';
import type { AmqpSource } from './amqp-source.js';
import { openConnection, type BrokerConnection } from './connection.js';
import { NOT_FOUND, onThrowAwayChannel } from './throw-away-channel.js';

export interface QueueInspection {
  readonly amqp: AmqpSource;
  readonly queueName: string;
  /** As it is expected to be. */
  readonly queueType: 'quorum' | 'classic';
}

export interface QueueState {
  /** Hints that nobody has taken yet. */
  readonly messages: number;
  readonly consumers: number;
  /** What the broker says where the queue is not durable, of another type, or has arguments of its own. */
  readonly mismatch: string | undefined;
}

const GOODBYE_MS = 2_000;

/**
 * Looks at a queue and changes nothing.
 * @returns undefined where there is none
 * @throws Error where the broker cannot be reached, or lets this user not look
 */
export async function inspectQueue(inspection: QueueInspection): Promise<QueueState | undefined> {
  const name = `${inspection.queueName} (inspect)`;
  const connection = await openConnection(inspection.amqp, name, new AbortController().signal);
  try {
    return await connection.within(() => stateOf(connection, inspection));
  } finally {
    await goodbye(connection);
  }
}

async function stateOf(
  connection: BrokerConnection,
  inspection: QueueInspection,
): Promise<QueueState | undefined> {
  const found = await find(connection, inspection.queueName);
  if (!found) return undefined;
  return { ...found, mismatch: await mismatchOf(connection, inspection) };
}

async function find(connection: BrokerConnection, queueName: string) {
  try {
    const reply = await onThrowAwayChannel(connection, (channel) => channel.checkQueue(queueName));
    return { messages: reply.messageCount, consumers: reply.consumerCount };
  } catch (error) {
    if (readProperty(error, 'code') === NOT_FOUND) return undefined;
    throw error;
  }
}

/** Declaring what is there succeeds only if it is as it is expected to be, and changes nothing otherwise. */
async function mismatchOf(
  connection: BrokerConnection,
  { queueName, queueType }: QueueInspection,
): Promise<string | undefined> {
  const settings = { durable: true, arguments: { 'x-queue-type': queueType } };
  try {
    await onThrowAwayChannel(connection, (channel) => channel.assertQueue(queueName, settings));
    return undefined;
  } catch (error) {
    if (!connection.alive) throw error;
    return messageOf(error);
  }
}

async function goodbye(connection: BrokerConnection): Promise<void> {
  const giveUp = (): void => connection.destroy(new Error('The broker did not say goodbye in time'));
  const timer = setTimeout(giveUp, GOODBYE_MS);
  await connection.close();
  clearTimeout(timer);
}
