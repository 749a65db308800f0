import { rmSync, statSync, writeFileSync } from 'node:fs';
import { cleanEnvironment, findProgram, isRoot } from './machine.js';
import { runProgram } from './run-program.js';

const POLICY_FILE = '/usr/sbin/policy-rc.d';

/** Whether Debian packages may be installed here without asking anybody. */
export function mayInstall(): boolean {
  return isRoot() && findProgram('apt-get') !== undefined;
}

/** Installs Debian packages without starting the services they bring. */
export async function installPackages(packages: readonly string[], signal: AbortSignal): Promise<void> {
  console.error(`Installing ${packages.join(', ')} with apt-get …`);
  const options = {
    signal,
    env: { ...proxySettings(), ...cleanEnvironment('/tmp'), DEBIAN_FRONTEND: 'noninteractive' },
  };
  const releasePolicy = forbidServiceStarts();
  try {
    await runProgram('apt-get', ['update', '-qq'], options);
    await runProgram('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
  } finally {
    releasePolicy();
  }
}

/** Debian's own switch for "install, do not start"; one that is already there is left as it is. */
function forbidServiceStarts(): () => void {
  if (statSync(POLICY_FILE, { throwIfNoEntry: false })) return () => undefined;
  writeFileSync(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  return () => {
    rmSync(POLICY_FILE, { force: true });
  };
}

function proxySettings(): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
