export { JobDataAccess } from './job-data-handler.js';
export { ProgramData, type JobData } from './program-data.js';
