export { JobDataAccess } from './job-data-handler.js';
export { ProgramData } from './program-data.js';
