import type { ServerName } from '../../test/support/servers/description.js';
import type { DriverSettings } from '../drivers/driver.js';

/** A system under test with the settings it runs with. */
export interface Contender {
  /** Short; what tables and plots show. */
  label: string;
  /** `ours`, or the peer's name on the command line. */
  system: string;
  /** The module whose default export opens the driver. */
  modulePath: string;
  servers: readonly ServerName[];
  options: DriverSettings['options'];
  /** The share of a scenario's programs that keeps its run about as long as the others'. */
  share: number;
  /** The same where programs are only created. */
  createShare: number;
  /** Programs that its worker runs before it is measured; left out: as many as make a worker warm. */
  warmUpPrograms?: number;
}
