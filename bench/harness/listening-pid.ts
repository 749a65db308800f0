import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTENING = '0A';

/** The process that listens on a local TCP port; undefined when it is not on this machine or not ours to see. */
export function listeningPid(port: number): number | undefined {
  const inodes = socketInodes(port);
  if (inodes.size === 0) return undefined;
  return processIds().filter((pid) => holdsSocket(pid, inodes) && !isDockerProxy(pid))[0];
}

function socketInodes(port: number): Set<string> {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(readRows);
  const listening = rows.filter(
    ([, local = '', , state]) => local.endsWith(`:${hexPort}`) && state === LISTENING,
  );
  return new Set(listening.map((fields) => `socket:[${fields[9]}]`));
}

function readRows(path: string): string[][] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
  } catch {
    return [];
  }
}

/** Parents first: a server's children inherit its socket. */
function processIds(): number[] {
  const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return names.map(Number).sort((a, b) => a - b);
}

function holdsSocket(pid: number, inodes: ReadonlySet<string>): boolean {
  try {
    const files = readdirSync(`/proc/${pid}/fd`);
    return files.some((file) => isOneOf(`/proc/${pid}/fd/${file}`, inodes));
  } catch {
    return false;
  }
}

function isOneOf(link: string, inodes: ReadonlySet<string>): boolean {
  try {
    return inodes.has(readlinkSync(link));
  } catch {
    return false;
  }
}

/** It forwards to a server inside a container, whose time is not to be seen here. */
function isDockerProxy(pid: number): boolean {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('docker-proxy');
}
