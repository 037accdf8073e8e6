import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importPytorch, toPytorch } from '../../src/interop/node.ts';
import { cellOf, type ModelSpec } from '../../src/nn/index.ts';
import { batchFor, largestDifference, randomModel, runNetwork } from './ours.ts';
import type { Measured } from './report.ts';
import { outputsOf, type Sequences } from './sequences.ts';

/** Debian's, which has `python3-torch`. */
const PYTHON = '/usr/bin/python3';

/** From the root of the repository, in which all of this is started. */
const RUN = 'bench/interop/run_exported.py';
const MAKE = 'test/golden/make_interop.py';

/** The version of PyTorch that is here; undefined where there is none. */
export function pytorchHere(): string | undefined {
  try {
    return execFileSync(PYTHON, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(); // prettier-ignore
  } catch {
    return undefined;
  }
}

/** Whether PyTorch has the layers of an architecture. */
export function isShared(spec: ModelSpec): boolean {
  return ['lstm', 'gru', 'rnn'].includes(cellOf(spec));
}

/** Exports models with random weights, and has PyTorch run them in float32 on several sequences; ours runs in float64. */
export function measureExport(specs: Readonly<Record<string, ModelSpec>>, { size = 3, steps = 12 } = {}): Promise<Measured[]> {
  return inFolder((folder): Measured[] => {
    const cases = Object.entries(specs).map(([name, spec], k) => {
      const model = randomModel(spec);
      const file = join(folder, `${k}.safetensors`);
      writeFileSync(file, toPytorch(model).bytes);
      const batch = batchFor(spec, size, steps);
      return { name, model, file, batch };
    });
    const given = cases.map(({ file, batch: { categories, features, targets = {} }, model: { spec } }) => {
      const classes = spec.heads.filter(({ kind }) => kind === 'categorical').map(({ name }) => [name, Array.from(targets[name])]);
      const numbers = { categories: categories.map((values) => Array.from(values)), features: Array.from(features) };
      return { file, batch: { size, steps, ...numbers, classes: Object.fromEntries(classes) as object } };
    });
    const answer = execFileSync(PYTHON, [RUN], { input: JSON.stringify({ cases: given }), encoding: 'utf8', maxBuffer: 2 ** 28 });
    const { said } = JSON.parse(answer) as { said: number[][][] };
    return cases.map(({ name, model, batch }, k) => {
      const asked = model.spec.lossOn === 'last' ? { ...batch, targets: undefined } : batch;
      const { heads } = runNetwork(model, asked);
      return { model: name, difference: Math.max(...heads.map((head, h) => largestDifference(said[k][h], head))) };
    });
  });
} // prettier-ignore

/** Has PyTorch make networks and say something, imports what `torch.save` wrote of them, and compares. */
export function measureImport(seed: number): Promise<Measured[]> {
  return inFolder(async (folder) => {
    execFileSync(PYTHON, [MAKE, join(folder, 'made'), String(seed)]);
    const { cases } = JSON.parse(readFileSync(join(folder, 'made.json'), 'utf8')) as Made;
    const found: Measured[] = [];
    for (const { name, inputs, outputs } of cases) {
      const model = await importPytorch(readFileSync(join(folder, 'made', `${name}.pt`)));
      const difference = largestDifference(outputsOf(model, inputs).flat(2), outputs.flat(2));
      found.push({ model: `${name}.pt`, difference });
    }
    return found;
  });
}

/** What make_interop.py writes. */
interface Made {
  cases: { name: string; inputs: Sequences; outputs: number[][][] }[];
}

async function inFolder<T>(work: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'etude-interop-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
