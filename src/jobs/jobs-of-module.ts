import type { Job } from './job.js';
import { defaultExportOf, type ModuleExports } from './import-module.js';
import { validateLibrary } from './library.js';
import { isJob } from './validate-job.js';

/** A job with the name that programs use. */
export type NamedJob = readonly [name: string, job: Job];

/** `module.exports` is the name under which newer Nodes repeat the default export of CommonJS. */
const NOT_NAMED = new Set(['default', 'module.exports', '__esModule']);

/** The jobs in a module: its default export (a job or a library of jobs), then its named exports that are jobs. */
export function jobsOfModule(exports: ModuleExports): NamedJob[] {
  const byDefault = jobsOfDefault(defaultExportOf(exports));
  const known = new Set(byDefault.map(([, job]) => job));
  // The entries of a CommonJS library come again as named exports; its keys are the names that count.
  return [...byDefault, ...jobsOfNamed(exports).filter(([, job]) => !known.has(job))];
}

function jobsOfDefault(value: unknown): NamedJob[] {
  if (isJob(value)) return [[ownNameOf(value), value]];
  if (!holdsJob(value)) return [];
  validateLibrary(value);
  return Object.entries(value);
}

function jobsOfNamed(exports: ModuleExports): NamedJob[] {
  return Object.entries(exports)
    .filter(([key]) => !NOT_NAMED.has(key))
    .flatMap(([, value]) => (isNamedJob(value) ? [[ownNameOf(value), value] as const] : []));
}

/** One job makes it a library: an entry beside it that is none is a mistake to report, and so is a list. */
function holdsJob(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (value instanceof Map ? [...value.values()] : Object.values(value)).some(isJob);
}

/** Stricter than for a default export: a helper class with a static `create` is no job by accident. */
function isNamedJob(value: unknown): value is Job {
  if (!isJob(value)) return false;
  if ('execute' in value && typeof value.execute === 'function') return typeof value.name === 'string';
  const prototype: unknown = 'prototype' in value ? value.prototype : undefined;
  return typeof prototype === 'object' && prototype !== null && 'execute' in prototype;
}

/** Empty for an anonymous class, which the loader refuses. */
function ownNameOf(job: Job): string {
  const name: unknown = job.name;
  return typeof name === 'string' && name !== 'default' ? name : '';
}
