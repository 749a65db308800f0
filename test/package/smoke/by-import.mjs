import * as programExecutor from 'program-executor';
import runTwoJobs from './two-jobs.cjs';

await runTwoJobs(programExecutor, './by-import.sqlite');
console.log(`import works on Node ${process.versions.node}`);
