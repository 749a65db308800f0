import type { DatabaseKind } from '../../support/databases.js';
import { BROKER_DISASTERS } from './broker.js';
import { DATABASE_DISASTERS, FILE_DISASTERS } from './database.js';
import type { Disaster } from './disaster.js';
import { PROGRAM_DISASTERS } from './programs.js';
import { WORKER_DISASTERS } from './workers.js';

export type { Disaster } from './disaster.js';

/** What may strike, in lanes: those of one lane come one after the other, the lanes side by side. */
export function disastersFor(kind: DatabaseKind): readonly (readonly Disaster[])[] {
  const anywhere = [WORKER_DISASTERS, PROGRAM_DISASTERS];
  return kind === 'sqlite'
    ? [...anywhere, FILE_DISASTERS]
    : [...anywhere, DATABASE_DISASTERS, BROKER_DISASTERS];
}
