import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder with recordings and reader test files that is not part of this project; ETUDE_SHARED names another place. */
const root = process.env.ETUDE_SHARED ?? resolve(import.meta.dirname, '../../../shared');

/** The path of `name` under the shared data folder, or undefined with the reason that a skipped test prints. */
export function sharedData(name: string): { path: string; missing: false } | { path: string; missing: string } {
  const path = join(root, 'data', name);
  return existsSync(path) ? { path, missing: false } : { path, missing: `skipped: ${path} is not on this machine` };
}
