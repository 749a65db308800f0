import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { URL_VARIABLES } from '../../test/support/servers/description.js';
import type { BenchOptions } from '../cli/options.js';
import { PEERS_NODE } from '../contenders/peers.js';
import type { BenchContext } from './bench-context.js';
import { listeningPid } from './listening-pid.js';

export function benchContext(
  options: BenchOptions,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): BenchContext {
  const urls = urlsByName(environment);
  const nodePath = options.ownNode ? process.execPath : PEERS_NODE;
  return { options, urls, serverPids: pidsByName(urls), nodePath, folder: temporaryFolder(), signal };
}

function urlsByName(environment: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(URL_VARIABLES).map(
    ([name, variable]) => [name, environment[variable]] as const,
  );
  return Object.fromEntries(entries.flatMap(([name, url]) => (url ? [[name, url] as const] : [])));
}

function pidsByName(urls: Readonly<Record<string, string>>): Record<string, number> {
  const pids = Object.entries(urls).map(
    ([name, url]) => [name, listeningPid(Number(new URL(url).port))] as const,
  );
  return Object.fromEntries(pids.flatMap(([name, pid]) => (pid === undefined ? [] : [[name, pid] as const])));
}

/** Beside the servers' folders, on the same disk. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'program-executor-bench-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
