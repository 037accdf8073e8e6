import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { buildCommandLine } from '../../scripts/build-command-line.mjs';
import { buildModules } from '../../scripts/build-modules.mjs';

const root = resolve(import.meta.dirname, '../..');

/**
 * Builds the command line for the tests of one file, as scripts/build.mjs does, into a folder of its own from which the installed
 * packages are found. Removed at the end.
 * @returns the path of the executable file
 */
export function useBuiltEtude(): string {
  const outdir = join(root, 'node_modules/.cache', `etude-test-${randomUUID()}`);
  beforeAll(async () => {
    await Promise.all([buildModules(outdir), buildCommandLine(outdir)]);
  });
  afterAll(() => {
    rmSync(outdir, { recursive: true, force: true });
  });
  return join(outdir, 'cli/main.js');
}
