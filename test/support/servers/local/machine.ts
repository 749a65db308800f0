import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import type { SystemUser } from '../recipe.js';

/** Folders that hold servers but are often not on a user's PATH. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/libexec', '/opt/homebrew/sbin'];

const searchPath = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS];

/** The full path of a program, or undefined where it is not installed. */
export function findProgram(name: string, folders: readonly string[] = searchPath): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isFile);
}

/** The newest of several installed versions, like `/usr/lib/postgresql/17/bin`. */
export function versionedFolders(parent: string, inside: string): string[] {
  try {
    const versions = readdirSync(parent).filter((name) => /^[\d.]+$/.test(name));
    return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(parent, version, inside));
  } catch {
    return [];
  }
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Servers refuse to run as root, or should: then they run as nobody. */
export function serverUser(): SystemUser | undefined {
  if (!isRoot()) return undefined;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** A folder that belongs to the server's user. */
export function makeFolder(path: string, user: SystemUser | undefined): string {
  mkdirSync(path, { recursive: true });
  if (user) chownSync(path, user.uid, user.gid);
  return path;
}

/** A small environment of its own: the developer's PG*, MYSQL* and RABBITMQ_* variables stay outside. */
export function cleanEnvironment(home: string): Record<string, string> {
  return { HOME: home, LANG: 'C.UTF-8', PATH: searchPath.join(delimiter), TMPDIR: home };
}

/** Free loopback ports, all different: they are held until the last one is known. */
export async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: count }, holdPort));
  await Promise.all(held.map(({ release }) => release()));
  return held.map(({ port }) => port);
}

async function holdPort(): Promise<{ port: number; release: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    port,
    release: () =>
      new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      ),
  };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
