import { checkLicence } from './check-licence.js';
import { hashFiles } from './hash-files.js';
import { readManifest } from './read-manifest.js';
import { record } from './record.js';

/** The job library: what programs call their jobs, and who does them. */
export const jobs = {
  read_manifest: readManifest,
  hash_files: hashFiles,
  check_licence: checkLicence,
  record,
};
