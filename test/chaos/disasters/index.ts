import type { World } from '../world.js';
import { BROKER_DISASTERS } from './broker.js';
import { FILE_DISASTERS, POSTGRES_DISASTERS, ROW_DISASTERS, SERVER_DISASTERS } from './database.js';
import type { Disaster } from './disaster.js';
import { DISK_DISASTERS } from './disk.js';
import { HINT_DISASTERS } from './hints.js';
import { BROKER_NETWORK_DISASTERS, DATABASE_NETWORK_DISASTERS } from './network.js';
import { PROGRAM_DISASTERS } from './programs.js';
import { SCHEMA_DISASTERS } from './schema.js';
import { WORKER_DISASTERS } from './workers.js';

export type { Disaster } from './disaster.js';

const OF_DATABASE = {
  postgres: [...SERVER_DISASTERS, ...POSTGRES_DISASTERS, ...DATABASE_NETWORK_DISASTERS],
  mysql: [...SERVER_DISASTERS, ...DATABASE_NETWORK_DISASTERS],
  sqlite: FILE_DISASTERS,
};

/** What may strike, in lanes: those of one lane come one after the other, the lanes side by side. */
export function disastersFor({ database, ways }: World): readonly (readonly Disaster[])[] {
  return [
    WORKER_DISASTERS,
    PROGRAM_DISASTERS,
    [
      ...OF_DATABASE[database.kind],
      ...ROW_DISASTERS,
      ...SCHEMA_DISASTERS,
      ...(ways.disk ? DISK_DISASTERS : []),
    ],
    ...(ways.broker ? [[...BROKER_DISASTERS, ...BROKER_NETWORK_DISASTERS, ...HINT_DISASTERS]] : []),
  ];
}
