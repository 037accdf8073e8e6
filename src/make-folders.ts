import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it, unless it is there. Node's own `mkdirSync` with `recursive` never comes back where the
 * system says of a folder in one that is there that there is no such folder, as it does in `/proc`: it then makes the one
 * above, which is there, and tries again.
 *
 * @returns the uppermost folder that was made; undefined where all were there
 * @throws the system's error
 */
export function makeFolders(path: string): string | undefined {
  const missing: string[] = [];
  for (let folder = resolve(path); !existsSync(folder) && folder !== dirname(folder); folder = dirname(folder)) {
    missing.unshift(folder);
  }
  let made: string | undefined;
  for (const folder of missing) {
    if (makeOne(folder)) made ??= folder;
  }
  // Says in the system's words what stands in the way, a file for instance.
  if (!statSync(path).isDirectory()) mkdirSync(path);
  return made;
}

/** @returns false where somebody else has made it in between */
function makeOne(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}
