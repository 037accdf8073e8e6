import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataError } from './errors.ts';

interface FoundPackage {
  folder: string;
  version: string;
}

/** The version in Etude's package.json, wherever the build has put this file. */
export function etudeVersion(): string {
  return findPackage()?.version ?? 'unknown';
}

/**
 * The folder of the songbook that comes with Etude.
 * @throws DataError when it is not there
 */
export function songbookFolder(): string {
  const found = findPackage();
  const folder = join(found?.folder ?? '.', 'data/songbook');
  if (found && existsSync(folder)) return folder;
  throw new DataError(`${folder}: the songbook that comes with Etude is not there. Reinstall Etude.`);
}

/** The folder in which Etude is installed. */
export function packageFolder(): string {
  return findPackage()?.folder ?? '.';
}

/** The folder of the built page of `etude studio`; whether it has been built is another question. */
export function pageFolder(): string {
  return join(packageFolder(), 'dist/studio');
}

/** Etude's own package, from this file upwards. */
function findPackage(): FoundPackage | undefined {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const found = readPackage(join(folder, 'package.json'));
    if (found?.name === 'etude-lstm') return { folder, version: found.version };
    if (folder === dirname(folder)) return undefined;
  }
}

function readPackage(path: string): { name: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name: string; version: string };
  } catch {
    return undefined;
  }
}
