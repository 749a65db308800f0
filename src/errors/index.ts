export * from './catalogue.js';
export * from './error-record.js';
export * from './job-errors.js';
export * from './program-executor-error.js';
