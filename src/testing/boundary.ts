/** A point in a program's way right before or after something is committed to the database. */
export interface Boundary {
  /** From 1, in the order in which the program comes by. */
  number: number;
  /** 'after': it is committed, and the process has not yet acted on it. */
  when: 'before' | 'after';
  /** What is written: the claim of the program, job data, the end of a step, or a program that the job creates. */
  write: 'claim' | 'job data' | 'step' | 'created program';
  job: string;
  step: number;
  /** Of the job, from 1. */
  attempt: number;
}

const WRITTEN: Readonly<Record<Boundary['write'], (job: string) => string>> = {
  claim: (job) => `the program was claimed for ${job}`,
  'job data': (job) => `${job} saved its data`,
  step: (job) => `the end of ${job} was recorded`,
  'created program': (job) => `${job} created a program`,
};

/** As a person reads it: "before the end of job charge (step 0) was recorded". */
export function describeBoundary({ when, write, job, step, attempt }: Boundary): string {
  const nth = attempt > 1 ? `, attempt ${attempt}` : '';
  return `${when} ${WRITTEN[write](`job ${job} (step ${step}${nth})`)}`;
}
