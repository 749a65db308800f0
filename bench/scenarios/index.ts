import { backOff } from './back-off.js';
import { concurrency } from './concurrency.js';
import { create } from './create.js';
import { growth } from './growth.js';
import { idle } from './idle.js';
import { latency } from './latency.js';
import { limits } from './limits.js';
import { memory } from './memory.js';
import { process } from './process.js';
import type { Scenario } from './scenario.js';
import { stream } from './stream.js';

export const SCENARIOS: readonly Scenario[] = [
  process,
  concurrency,
  create,
  stream,
  latency,
  growth,
  backOff,
  idle,
  memory,
  limits,
];
