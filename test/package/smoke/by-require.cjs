const programExecutor = require('program-executor');
const runTwoJobs = require('./two-jobs.cjs');

runTwoJobs(programExecutor, './by-require.sqlite').then(() => {
  console.log(`require works on Node ${process.versions.node}`);
});
