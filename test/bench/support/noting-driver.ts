/** A system that notes what it is asked for, and dies, fails or hangs at what its options name. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Driver, DriverSettings } from '../../../bench/drivers/driver.js';

export default async function openNoting({ folder, options }: DriverSettings): Promise<Driver> {
  const note = async (command: keyof Driver | 'open'): Promise<void> => {
    appendFileSync(join(folder, 'notes'), `${command}\n`);
    if (options[command] === 'die') process.exit(3);
    if (options[command] === 'fail') throw new Error(`no ${command}`);
    if (options[command] === 'hang') await new Promise(() => undefined);
  };
  await note('open');
  return {
    setUp: () => note('setUp'),
    create: () => note('create'),
    createBulk: () => note('createBulk'),
    startWorker: () => note('startWorker'),
    stopWorker: () => note('stopWorker'),
    tearDown: () => note('tearDown'),
    close: () => note('close'),
  };
}
