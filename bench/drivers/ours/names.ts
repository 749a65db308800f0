import { join } from 'node:path';
import type { DriverSettings } from '../driver.js';

export function tableOf({ name }: DriverSettings): string {
  return `programs_${name}`;
}

export function queueOf({ name }: DriverSettings): string {
  return `program-executor-${name}`;
}

export function databasePathOf({ folder, name }: DriverSettings): string {
  return join(folder, `${name}.sqlite`);
}
