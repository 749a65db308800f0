import { programs } from './001-programs.js';
import { claims } from './002-claims.js';
import { attempts } from './003-attempts.js';
import { lines } from './004-lines.js';
import { batches } from './005-batches.js';
import { workers } from './006-workers.js';
import { interventions } from './007-interventions.js';
import { keys } from './008-keys.js';
import { workersOfBatches } from './009-workers-of-batches.js';
import { recentClaims } from './010-recent-claims.js';
import type { Migration } from './migration.js';

/** All migrations, in their order. */
export const migrations: readonly Migration[] = [
  programs,
  claims,
  attempts,
  lines,
  batches,
  workers,
  interventions,
  keys,
  workersOfBatches,
  recentClaims,
];

export { tablesOf, type ExistingSchema, type MigrationTables } from './migration.js';
