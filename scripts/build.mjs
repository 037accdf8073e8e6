// Bundles the library's entries and the command line into dist/, and writes the types beside them. Packages stay outside
// the bundles: nothing of midi-parser-js (GPL-3.0) is copied into our own files.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import { buildStudio } from './build-studio.mjs';

const ENTRIES = {
  tensor: 'src/tensor/index.ts',
  nn: 'src/nn/index.ts',
  gpu: 'src/nn/gpu/index.ts',
  midi: 'src/midi/index.ts',
  music: 'src/music/index.ts',
};
const common = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
};

rmSync('dist', { recursive: true, force: true });
await build({
  ...common,
  entryPoints: { ...ENTRIES, 'cli/main': 'src/cli/main.ts' },
  outdir: 'dist',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
});
chmodSync('dist/cli/main.js', 0o755);
await buildStudio('dist/studio');
if (existsSync('tsconfig.types.json') && !process.argv.includes('--no-types')) {
  execFileSync(process.execPath, ['node_modules/@typescript/native/bin/tsc', '-p', 'tsconfig.types.json'], {
    stdio: 'inherit',
  });
}
