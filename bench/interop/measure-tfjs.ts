import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toTfjs } from '../../src/interop/index.ts';
import { cellOf, type ModelSpec } from '../../src/nn/index.ts';
import { batchFor, largestDifference, randomModel, runNetwork } from './ours.ts';
import type { Measured } from './report.ts';
import { caseDifference, importCase, tfjsCases } from './tfjs-cases.ts';
import { artifactsOf, isOnce, predict, type Tfjs } from './tfjs-model.ts';

/** From the root of the repository, in which all of this is started. */
const MAKE = 'test/golden/make-interop-tfjs.mjs';

/** Whether TensorFlow.js has the layers of an architecture. */
export function isInTfjs(spec: ModelSpec): boolean {
  return ['lstm', 'gru-before', 'rnn'].includes(cellOf(spec));
}

/** Exports a model with random weights, and runs it in TensorFlow.js, which computes in float32, on several sequences; ours runs in float64. */
export async function measureExport(tf: Tfjs, spec: ModelSpec, { size = 3, steps = 12 } = {}): Promise<number> {
  const model = randomModel(spec);
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifactsOf(toTfjs(model))));
  try {
    const { targets = {}, ...given } = batchFor(spec, size, steps);
    const last = Object.fromEntries(
      Object.entries(targets).map(([name, values]) => [name, Array.from(values).slice(-size)]),
    );
    const batch = { ...given, targets: isOnce(spec) ? last : targets };
    const said = predict(tf, loaded, spec, batch);
    const { heads } = runNetwork(model, batch);
    return Math.max(...heads.map((head, k) => largestDifference(said[k], head)));
  } finally {
    loaded.dispose();
  }
}

/** Has TensorFlow.js make networks and say something, imports what it saved of them, and compares. */
export async function measureImport(seed: number): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), 'etude-tfjs-'));
  try {
    const made = join(folder, 'made');
    execFileSync(process.execPath, [MAKE, made, String(seed)], { stdio: 'pipe' });
    const found: Measured[] = [];
    for (const each of tfjsCases(made)) {
      found.push({ model: each.name, difference: caseDifference(await importCase(made, each.name), each) });
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
