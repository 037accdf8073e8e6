import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;

/** Bundles what a page is to run into `folder`, minified as far as kernels may be, with gpu.js in a chunk of its own. */
export async function buildTestPage(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(here, 'in-page/main.ts')],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    minifyWhitespace: true,
    minifyIdentifiers: true,
    sourcemap: true,
    alias: { vitest: join(here, 'in-page/vitest.ts') },
    logLevel: 'warning',
  });
  const html =
    '<!doctype html><meta charset="utf-8"><title>Etude</title><script type="module" src="main.js"></script>\n';
  writeFileSync(join(folder, 'index.html'), html);
}
