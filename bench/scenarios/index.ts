import { process } from './process.js';
import type { Scenario } from './scenario.js';

export const SCENARIOS: readonly Scenario[] = [process];
