// Makes a tar to be carried to a machine with a GPU: this Node, Dawn, the benchmark as one file, and the same step in PyTorch.
//   node scripts/gpu-bundle.mjs [FILE.tar]       dist/etude-gpu.tar unless given
//   node scripts/gpu-bundle.mjs --try            also unpacks it into an empty folder and runs it with tiny numbers
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const tar = resolve(args.find((arg) => !arg.startsWith('--')) ?? join(root, 'dist/etude-gpu.tar'));
const NAME = 'etude-gpu';

const RUN = `#!/bin/sh
# The whole benchmark: batch 64, T 25, H 128, one layer, and batch 64, T 100, H 512, two layers; in every mode, and in PyTorch
# where python3 has it and finds a CUDA device. The result is in result.json.
cd "$(dirname "$0")" && exec ./node etude-gpu-bench.mjs --out result.json "$@"
`;

const work = mkdtempSync(join(tmpdir(), 'etude-bundle-'));
try {
  await fill(join(work, NAME));
  mkdirSync(join(tar, '..'), { recursive: true });
  execFileSync('tar', ['-cf', tar, '-C', work, NAME]);
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`${tar}\nThere: tar -xf ${NAME}.tar && ${NAME}/run.sh`);
if (args.includes('--try')) tryIt();

async function fill(folder) {
  mkdirSync(folder);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['bench/gpu/standalone.ts'],
    outfile: join(folder, 'etude-gpu-bench.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Built for the machine, or not there at all.
    external: ['gl'],
    banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
    legalComments: 'eof',
    metafile: true,
    logLevel: 'warning',
  });
  if (Object.keys(metafile.inputs).some((path) => path.includes('midi-parser-js/'))) throw new Error('midi-parser-js (GPL-3.0) is bundled'); // prettier-ignore
  // What finds its own version looks for this.
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'etude-lstm', version, type: 'module' }));
  copyFileSync(join(root, 'bench/gpu/torch_gpu.py'), join(folder, 'torch_gpu.py'));
  copyFileSync(process.execPath, join(folder, 'node'));
  copyDawn(join(folder, 'node_modules/webgpu'));
  mkdirSync(join(folder, 'licences'));
  for (const [name, file] of [
    ['etude', 'LICENSE'],
    ['gpu.js', 'node_modules/gpu.js/LICENSE'],
    ['webgpu', 'node_modules/webgpu/LICENSE.md'],
  ]) {
    copyFileSync(join(root, file), join(folder, 'licences', name));
  }
  writeFileSync(join(folder, 'run.sh'), RUN);
  for (const name of ['node', 'run.sh']) chmodSync(join(folder, name), 0o755);
}

/** The package webgpu with the native module of this platform alone. */
function copyDawn(folder) {
  const from = join(root, 'node_modules/webgpu');
  const platform = process.platform === 'darwin' ? 'darwin-universal' : `${process.platform}-${process.arch}`;
  mkdirSync(join(folder, 'dist'), { recursive: true });
  for (const name of ['package.json', 'index.js']) copyFileSync(join(from, name), join(folder, name));
  cpSync(join(from, 'dist', platform), join(folder, 'dist', platform), { recursive: true });
}

function tryIt() {
  const empty = mkdtempSync(join(tmpdir(), 'etude-unpacked-'));
  try {
    execFileSync('tar', ['-xf', tar, '-C', empty]);
    // Nothing of this machine's Node is in reach.
    const env = { PATH: '/usr/bin:/bin', HOME: empty, VK_ICD_FILENAMES: process.env.VK_ICD_FILENAMES ?? '' };
    execFileSync(join(empty, NAME, 'run.sh'), ['--small'], { stdio: 'inherit', env });
    const { rows, extra } = JSON.parse(readFileSync(join(empty, NAME, 'result.json'), 'utf8'));
    console.log(`${rows.length} rows in result.json, ${extra.notes.length} notes`);
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
}
