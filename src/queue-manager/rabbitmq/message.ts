import type { Options } from 'amqplib';

/** Messages of the older library carry the program's data, so they may be as large as that. */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;

/** What a message says: the program it rings for, or why it is none of ours. */
export type DecodedMessage = { runId: string } | { junk: string };

/** A hint for one program, as JSON `{"v":1,"runId":"…"}`. */
export function encodeHint(runId: string): Buffer {
  return Buffer.from(JSON.stringify({ v: 1, runId }));
}

/** How each hint is published: kept by the broker, and returned when no queue takes it. */
export function hintProperties(messageId: string, nowMs: number): Options.Publish {
  return {
    messageId,
    type: 'program-hint',
    contentType: 'application/json',
    timestamp: Math.floor(nowMs / 1_000),
    persistent: true,
    mandatory: true,
  };
}

/** Reads a hint, also one in the older library's format `{ jobs, programData, runId }`. */
export function decodeHint(content: Buffer): DecodedMessage {
  if (content.length > MAX_MESSAGE_BYTES) return { junk: `larger than ${MAX_MESSAGE_BYTES} bytes` };
  const runId = runIdOf(parse(content));
  return typeof runId === 'string' && runId !== '' ? { runId } : { junk: 'no JSON object with a runId' };
}

function parse(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString());
  } catch {
    return undefined;
  }
}

function runIdOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'runId' in message ? message.runId : undefined;
}
