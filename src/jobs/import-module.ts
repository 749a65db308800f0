import { pathToFileURL } from 'node:url';
import { readProperty } from '../errors/job-errors.js';

/** What a module exports, by name; `default` is what CommonJS assigns to `module.exports`. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/** Imports a file, ES module or CommonJS, JavaScript or (where this Node can) TypeScript. */
export async function importModule(file: string): Promise<ModuleExports> {
  try {
    return (await import(pathToFileURL(file).href)) as ModuleExports;
  } catch (error) {
    throw isUnknownTypeScript(file, error) ? typeScriptError(file, error) : error;
  }
}

/** The default export; for CommonJS made by a TypeScript compiler, the one its author wrote. */
export function defaultExportOf(exports: ModuleExports): unknown {
  const value = exports['default'];
  return readProperty(value, '__esModule') === true ? readProperty(value, 'default') : value;
}

function isUnknownTypeScript(file: string, error: unknown): boolean {
  return /\.m?ts$/.test(file) && readProperty(error, 'code') === 'ERR_UNKNOWN_FILE_EXTENSION';
}

function typeScriptError(file: string, cause: unknown): Error {
  const hint = 'compile it to JavaScript, or run it on Node 22.18 or later';
  return new Error(`${file}: Node ${process.versions.node} does not run TypeScript; ${hint}`, { cause });
}
