import { chownSync, mkdtempSync, openSync, closeSync, statfsSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../support/servers/local/run-program.js';
import type { SystemUser } from '../../support/servers/recipe.js';

/** A file system of a few megabytes in memory, which a test fills and frees. */
export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @param user who writes there; left out: who we are */
  static async mount(megabytes: number, user?: SystemUser): Promise<SmallDisk> {
    const path = mkdtempSync(join(tmpdir(), 'program-executor-disk-'));
    await asRoot('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path);
    if (user) chownSync(path, user.uid, user.gid);
    return new SmallDisk(path);
  }

  /** Leaves no block free. */
  fill(): void {
    const block = Buffer.alloc(statfsSync(this.path).bsize);
    const file = openSync(this.#filler, 'a');
    try {
      for (;;) writeSync(file, block);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  async free(): Promise<void> {
    await rm(this.#filler, { force: true });
  }

  async unmount(): Promise<void> {
    await asRoot('umount', '--lazy', this.path);
    await rm(this.path, { recursive: true, force: true });
  }

  get #filler(): string {
    return join(this.path, 'filler');
  }
}

/** Where we are not root, sudo must let us without a password. */
async function asRoot(command: string, ...args: string[]): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  await (isRoot ? runProgram(command, args) : runProgram('sudo', ['-n', command, ...args]));
}
