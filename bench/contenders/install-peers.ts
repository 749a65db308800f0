import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PEERS_FOLDER } from './peers.js';

/** Installs the peers at the first use; they have their own lock file and no install scripts. */
export function installPeers(): void {
  if (existsSync(join(PEERS_FOLDER, 'node_modules', '.package-lock.json'))) return;
  console.log('Installing the peers in bench/peers …');
  const arguments_ = ['ci', '--prefix', PEERS_FOLDER, '--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('npm', arguments_, { stdio: ['ignore', 'ignore', 'inherit'] });
}
