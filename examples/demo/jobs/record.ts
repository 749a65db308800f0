import { defineJob, type JobMessage } from '../../../index.js';
import type { PackageFolder } from '../packages.js';
import type { Hashes } from './hash-files.js';
import type { Manifest } from './read-manifest.js';

/**
 * Writes one row in the same transaction that finishes the program: whatever crashes when, each package
 * gets exactly one row.
 */
export const record = defineJob({
  name: 'record',
  async execute({ runId }: JobMessage<PackageFolder>, _jobData, { results, transaction }) {
    const { name, version } = results['read_manifest'] as Manifest;
    const { files, bytes, sha256 } = results['hash_files'] as Hashes;
    const { licence } = results['check_licence'] as { licence: string };
    await transaction(async (trx) => {
      await trx('packages').insert({ run_id: runId, name, version, files, bytes, sha256, licence });
    });
  },
});
