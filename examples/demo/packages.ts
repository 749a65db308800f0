import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What a program of the demo is about: one installed package. */
export interface PackageFolder {
  name: string;
  folder: string;
}

/** The packages installed in a node_modules folder, scoped ones included. */
export async function findPackages(nodeModules: string): Promise<PackageFolder[]> {
  const names = await readdir(nodeModules);
  const scopes = names.filter((name) => name.startsWith('@'));
  const scoped = await Promise.all(
    scopes.map(async (scope) => (await readdir(join(nodeModules, scope))).map((name) => `${scope}/${name}`)),
  );
  return [...names, ...scoped.flat()]
    .map((name) => ({ name, folder: join(nodeModules, name) }))
    .filter(({ folder }) => existsSync(join(folder, 'package.json')));
}
