import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version in Etude's package.json, found from this file upwards, wherever the build has put it. */
export function etudeVersion(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const found = packageAt(join(folder, 'package.json'));
    if (found?.name === 'etude-lstm') return found.version;
    if (folder === dirname(folder)) return 'unknown';
  }
}

function packageAt(path: string): { name: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name: string; version: string };
  } catch {
    return undefined;
  }
}
