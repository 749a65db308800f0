import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineJob, RetryableError, type JobMessage } from '../../../index.js';
import type { PackageFolder } from '../packages.js';
import type { Manifest } from './read-manifest.js';

/** Finds the licence. Now and then it fails as a remote service would, and is run again a moment later. */
export const checkLicence = defineJob({
  name: 'check_licence',
  async execute({ programData }: JobMessage<PackageFolder>, _jobData, { attempt, results }) {
    if (attempt === 1 && isUnlucky(programData.name))
      throw new RetryableError('The licence service is busy', 503, { retryAfterMs: 200 });
    const { licence } = results['read_manifest'] as Manifest;
    return { licence: licence ?? (await licenceInText(programData.folder)) };
  },
});

/** The same packages in every run: about one of six. */
function isUnlucky(name: string): boolean {
  return Buffer.from(name).reduce((sum, byte) => sum + byte, 0) % 6 === 0;
}

async function licenceInText(folder: string): Promise<string> {
  const file = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) return 'not stated';
  return (await readFile(join(folder, file), 'utf8')).includes('MIT') ? 'MIT' : 'see its file';
}
