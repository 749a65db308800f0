import type { Recipe, SystemUser } from '../recipe.js';

/** What it takes to run a private instance of one kind of server. */
export interface LocalServer {
  /** The Debian package that brings it. */
  readonly debianPackage: string;
  isInstalled(): boolean;
  /** Makes the data folder and says how to run the server; nothing is left running. */
  prepare(context: PrepareContext): Promise<PreparedServer>;
}

export interface PrepareContext {
  /** Exists, is empty, belongs to `user`. */
  folder: string;
  user: SystemUser | undefined;
  signal: AbortSignal;
}

export interface PreparedServer {
  url: string;
  recipe: Recipe;
  /** A helper that runs beside the server, from before its start until after its end. */
  companion?: Recipe;
}
