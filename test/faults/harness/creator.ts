import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CREATOR_VARIABLE, type CreatorSpec } from './creator-protocol.js';

const SCRIPT = fileURLToPath(new URL('./creator-process.js', import.meta.url));

/** Resolves when a process has died over the creation of programs; rejects when it came to another end. */
export async function dieCreating(spec: CreatorSpec): Promise<void> {
  const child = fork(SCRIPT, { env: { ...process.env, [CREATOR_VARIABLE]: JSON.stringify(spec) } });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (signal !== 'SIGKILL') throw new Error(`The creator ended with ${code}, and did not die ${spec.dieAt}`);
}
