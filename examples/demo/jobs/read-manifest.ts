import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineJob, type JobMessage } from '../../../index.js';
import type { PackageFolder } from '../packages.js';

export interface Manifest {
  name: string;
  version: string;
  /** As the package states it, in one of the three ways that are in use. */
  licence: string | undefined;
}

interface PackageJson {
  name: string;
  version?: string;
  license?: string | { type: string };
  licenses?: { type: string }[];
}

/** Reads package.json. What a job returns is its result: later jobs find it in `context.results`. */
export const readManifest = defineJob({
  name: 'read_manifest',
  async execute({ programData }: JobMessage<PackageFolder>): Promise<Manifest> {
    const text = await readFile(join(programData.folder, 'package.json'), 'utf8');
    const manifest = JSON.parse(text) as PackageJson;
    return { name: manifest.name, version: manifest.version ?? 'none', licence: statedLicence(manifest) };
  },
});

function statedLicence({ license, licenses }: PackageJson): string | undefined {
  if (typeof license === 'string') return license;
  return license?.type ?? licenses?.map(({ type }) => type).join(' OR ');
}
