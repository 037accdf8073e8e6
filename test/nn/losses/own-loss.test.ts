import { describe, expect, it } from 'vitest';
import { ADAM_DEFAULTS, checkGradients, createEngine, ParameterSet, randomBatch, Stepper, type Loss, type ModelSpec } from '../../../src/nn/index.ts'; // prettier-ignore
import { HeapArena, Random } from '../../../src/tensor/index.ts';
import { poisson } from '../../support/poisson.ts';

const SPEC: ModelSpec = {
  inputs: { categories: [], features: ['x'] },
  lstm: { layers: 1, hiddenSize: 5, dropout: 0 },
  heads: [
    { name: 'count', kind: 'numbers', size: 1, loss: { kind: 'own', name: 'poisson', outputs: 1 }, lossWeight: 0.5 },
  ],
  lossOn: 'all',
};

const streams = () => ({ init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') });
const options = { backend: 'reference', optimizer: ADAM_DEFAULTS, batchSize: 4, steps: 3 };

describe('a loss of one’s own', () => {
  it('is checked by checkGradients, which finds a wrong one', () => {
    const check = (own: Loss): number =>
      Math.max(...checkGradients(SPEC, { batchSize: 2, steps: 3, seed: 1, samples: 20, losses: { poisson: own } }).map(({ error }) => error)); // prettier-ignore
    expect(check(poisson)).toBeLessThan(1e-6);
    const wrong: Loss = { ...poisson, row: (values, targets, gradient) => { const loss = poisson.row(values, targets, gradient); gradient[0] *= 1.001; return loss; } }; // prettier-ignore
    expect(check(wrong)).toBeGreaterThan(1e-4);
  });

  it('trains, in float32 and in float64 precision, on SIMD as in plain', async () => {
    const batch = randomBatch(SPEC, 4, 3, Random.stream(2, 'batch'));
    const losses = await Promise.all(
      ['reference', 'simd'].map(async (backend) => {
        const engine = await createEngine(SPEC, { ...options, ...streams(), backend, threads: 'auto', losses: { poisson } });
        const found: number[] = [];
        for (let step = 0; step < 20; step++) found.push((await engine.trainStep(batch, 0.05)).loss);
        await engine.dispose();
        return found;
      }),
    ); // prettier-ignore
    expect(losses[0][19]).toBeLessThan(losses[0][0]);
    losses[0].forEach((loss, step) => { expect(losses[1][step]).toBeCloseTo(loss, 4); }); // prettier-ignore
  });

  it('is not needed by who only runs the model', () => {
    const parameters = new ParameterSet(new HeapArena(), SPEC);
    const stepper = new Stepper(SPEC, parameters.toArrays());
    stepper.step([], [1]);
    expect([...stepper.output(0)]).toEqual([0]);
  });

  it('is asked for by name where it was not given, fits its head, and stays on its thread', async () => {
    const create = (more: object) => createEngine(SPEC, { ...options, ...streams(), threads: 1, ...more }).then((engine) => engine.trainStep(randomBatch(SPEC, 4, 3, Random.stream(2, 'batch')), 0.1)); // prettier-ignore
    await expect(create({})).rejects.toThrow(/"poisson" is not one of Etude's; give it as losses: \{ poisson \}/);
    await expect(create({ losses: { poisson: { ...poisson, outputs: 2 } } })).rejects.toThrow(/has 1 outputs for 1 numbers, and its loss "poisson" reads 2/); // prettier-ignore
    await expect(create({ losses: { poisson }, backend: 'simd', threads: 2 })).rejects.toThrow(/runs on the thread that it was made on/); // prettier-ignore
  });
});
