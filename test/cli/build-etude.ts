import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/**
 * Bundles the command line for the tests of one file, as scripts/build.mjs does, into a folder from which the installed
 * packages are found. Removed at the end.
 * @returns the path of the executable file
 */
export function useBuiltEtude(): string {
  const outdir = join(root, 'node_modules/.cache', `etude-test-${process.pid}`);
  beforeAll(async () => {
    await build({
      entryPoints: { 'cli/main': join(root, 'src/cli/main.ts') },
      outdir,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      logLevel: 'error',
    });
  });
  afterAll(() => {
    rmSync(outdir, { recursive: true, force: true });
  });
  return join(outdir, 'cli/main.js');
}
