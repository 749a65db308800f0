import type { Options } from 'amqplib';
import { isIdentifier } from '../../program/names.js';
import type { HintNote } from '../queue-manager.js';

/** Messages of the older library carry the program's data, so they may be as large as that. */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;

/** The program that a message rings for. */
export interface HintContent {
  readonly runId: string;
  readonly note: HintNote | undefined;
}

/** What a message says, or why it is none of ours. */
export type DecodedMessage = HintContent | { junk: string };

/** A hint for one program, as JSON `{"v":1,"runId":"…"}`, with a `"note"` where there is one. */
export function encodeHint({ runId, note }: HintContent): Buffer {
  return Buffer.from(JSON.stringify({ v: 1, runId, note }));
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
  const { runId, note } = fieldsOf(parse(content));
  // No row has such an id, and some databases would fail on it, or take it for another.
  if (!isIdentifier(runId)) return { junk: 'no JSON object with a runId' };
  return { runId, note: note === 'more' || note === 'early' ? note : undefined };
}

function parse(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString());
  } catch {
    return undefined;
  }
}

function fieldsOf(message: unknown): { runId?: unknown; note?: unknown } {
  return typeof message === 'object' && message !== null ? message : {};
}
