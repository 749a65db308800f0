import type { Contender } from '../contenders/contender.js';
import type { BenchContext } from '../harness/bench-context.js';
import type { Series } from '../harness/measurement.js';
import type { BenchOptions } from '../cli/options.js';

/** One question to the benchmark, and the way to its answer. */
export interface Scenario {
  name: string;
  /** What is expected, so that the figures can prove it wrong. */
  hypothesis: string;
  /** Which systems take part, as far as the command line leaves them; says which servers are needed. */
  contenders(options: BenchOptions): Contender[];
  run(context: BenchContext, contenders: readonly Contender[]): Promise<Table[]>;
}

/** The answer: figures of one kind. */
export interface Table {
  title: string;
  unit: string;
  series: Series[];
  /** Whether the first is what the others are held against; default true. */
  isComparison?: boolean;
}
