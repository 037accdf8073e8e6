import { describe, expect, it } from 'vitest';

import { createEngine } from '../../src/nn/create-engine.ts';
import type { Engine } from '../../src/nn/engine.ts';
import { ADAM_DEFAULTS } from '../../src/nn/optimizers/spec.ts';
import { LocalEngine } from '../../src/nn/local-engine.ts';
import { FEW_VECTORS } from '../../src/nn/orthogonal.ts';
import { HeapArena, Random, ReferenceKernels } from '../../src/tensor/index.ts';
import { EVERY_ENGINE } from '../support/every-engine.ts';
import { TOY_SPEC } from '../support/toy-model.ts';

/** So many units that their weights are made by reflections. */
const LARGE = { ...TOY_SPEC, lstm: { layers: 1, hiddenSize: FEW_VECTORS + 4, dropout: 0 } };
/** So many that it takes some tenths of a second. */
const LARGER = { ...LARGE, lstm: { ...LARGE.lstm, hiddenSize: 640 } };

/** The bytes of the largest parameter: the engines' numbers are many, and a comparison number by number is slow. */
async function recurrentKernel(engine: Engine): Promise<Buffer> {
  const { 'lstm.0.recurrent_kernel': kernel } = await engine.readParameters();
  return Buffer.from(kernel.buffer);
}

const options = () => ({
  backend: 'auto',
  threads: 1,
  optimizer: ADAM_DEFAULTS,
  batchSize: 4,
  steps: 2,
  init: Random.stream(3, 'init'),
  dropout: Random.stream(3, 'dropout'),
});

describe('the initial weights of a large model', () => {
  it('are the same on every engine', async () => {
    const weights: Buffer[] = [];
    for (const { create, skip } of EVERY_ENGINE) {
      if (skip) continue;
      const engine = await create(LARGE);
      weights.push(await recurrentKernel(engine));
      await engine.dispose();
    }
    expect(weights.length).toBeGreaterThan(1);
    for (const other of weights.slice(1)) expect(other.equals(weights[0])).toBe(true);
  });

  it('are the same drawn at once, to single precision, and for a small model to the last bit', async () => {
    const differences: number[] = [];
    for (const spec of [LARGE, TOY_SPEC]) {
      const inTurns = await (await createEngine(spec, options())).readParameters();
      const atOnce = await new LocalEngine(spec, {
        ...options(),
        kernels: new ReferenceKernels(new HeapArena()),
      }).readParameters();
      const [one, two] = [inTurns, atOnce].map((each) => each['lstm.0.recurrent_kernel']);
      differences.push(one.reduce((most, x, at) => Math.max(most, Math.abs(x - two[at])), 0));
    }
    expect(differences[0]).toBeLessThan(1e-6);
    expect(differences[1]).toBe(0);
  });

  it('are drawn while others have their turns, who hear how far it is', async () => {
    const parts: number[] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await createEngine(LARGER, { ...options(), inTurns: { onProgress: (part) => parts.push(part) } });
    clearInterval(timer);
    expect(parts.length).toBeGreaterThan(0);
    expect(turns).toBeGreaterThan(0);
    expect([...parts].sort((a, b) => a - b)).toEqual(parts);
    expect(parts.every((part) => part > 0 && part <= 1)).toBe(true);
  });

  it.each([1, 2])('are not drawn to the end when it is asked to stop, on %d threads', async (threads) => {
    const controller = new AbortController();
    const onProgress = (): void => {
      controller.abort(new RangeError('enough'));
    };
    const engine = createEngine(LARGER, { ...options(), threads, inTurns: { onProgress, signal: controller.signal } });
    await expect(engine).rejects.toThrow('enough');
  });

  it('are zeros where no stream is given, for whoever writes them next', async () => {
    const engine = await createEngine(LARGER, { ...options(), init: undefined });
    const { 'lstm.0.recurrent_kernel': kernel } = await engine.readParameters();
    expect(kernel.every((x) => x === 0)).toBe(true);
  });
});
