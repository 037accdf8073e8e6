import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { gpuModesToTest } from './modes-here.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(root, 'node_modules/.gpu-process-'));
const program = join(folder, 'train.mjs');

/** Trains a few steps with the backend argv[2], threads and all, disposes, and does not call process.exit. */
const SOURCE = `
  import { createEngine, randomBatch } from './src/nn/index.ts';
  import { Random } from './src/tensor/index.ts';
  import { tutorialSpec } from './test/support/model-specs.ts';
  const spec = tutorialSpec(48);
  const engine = await createEngine(spec, {
    backend: process.argv[2], threads: 'auto', batchSize: 32, steps: 5,
    optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7, clipNorm: 1 },
    init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout'),
  });
  const batch = randomBatch(spec, 32, 5, Random.stream(1, 'sample'));
  for (let step = 0; step < 3; step++) await engine.trainStep(batch, 0.01);
  console.log(engine.name);
  await engine.dispose();
  if (globalThis.navigator?.gpu) throw new Error('navigator.gpu is still there');`;

const modes = [{ mode: 'cpu' }, { mode: 'webasm' }, ...(await gpuModesToTest())] as {
  mode: string;
  missing?: string;
}[];

beforeAll(async () => {
  await build({
    stdin: { resolveDir: root, loader: 'ts', contents: SOURCE },
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outfile: program,
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a process that trained through gpu.js', () => {
  for (const { mode, missing } of modes) {
    if (missing !== undefined) {
      it.skip(`in the mode ${mode}: ${missing}`);
      continue;
    }
    it(`in the mode ${mode} exits by itself`, () => {
      const said = execFileSync(process.execPath, [program, `gpu-${mode}`], { encoding: 'utf8', timeout: 300_000 });
      expect(said).toMatch(new RegExp(`^gpu.js ${mode}.*plan of`));
    });
  }
});
