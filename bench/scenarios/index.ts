import { create } from './create.js';
import { latency } from './latency.js';
import { process } from './process.js';
import type { Scenario } from './scenario.js';

export const SCENARIOS: readonly Scenario[] = [process, create, latency];
