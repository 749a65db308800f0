import type { Access } from './access.js';
import { CancelAll, type CancelRequest } from './cancel-all.js';
import { InterventionLog, type Intervention } from './intervention-log.js';
import { Interventions } from './interventions.js';
import { QueuePause } from './queue-pause.js';
import { StatusReader } from './status-reader.js';

export type { Access } from './access.js';
export type { CancelRequest } from './cancel-all.js';
export type { Intervention, InterventionKind, InterventionView } from './intervention-log.js';

/** What people see of programs and do to them. */
export type Control = ReturnType<typeof createControl>;

export function createControl(access: Access) {
  return {
    statuses: new StatusReader(access),
    interventions: new Interventions(access),
    queuePause: new QueuePause(access),
    log: new InterventionLog(access),
    cancelAll: (call: Intervention, request: CancelRequest) => new CancelAll(access, call, request).run(),
  };
}
