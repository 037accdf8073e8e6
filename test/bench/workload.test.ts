import { describe, expect, it } from 'vitest';
import { parameterSpecs } from '../../src/nn/index.ts';
import { sizeOf } from '../../src/tensor/index.ts';
import { createWorkload, flopsPerStep, LARGE, REFERENCE, TorchAdam, workloadSpec } from '../../bench/workload.ts';

const SMALL = { batchSize: 3, seqLength: 4, hiddenSize: 5, layers: 2 };

describe('createWorkload', () => {
  it('draws every parameter of the model, and a batch that fits it', () => {
    const { spec, parameters, batch } = createWorkload(SMALL);
    const specs = parameterSpecs(spec);
    expect(Object.keys(parameters)).toEqual(specs.map(({ name }) => name));
    for (const { name, shape } of specs) expect(parameters[name], name).toHaveLength(sizeOf(shape));
    expect(batch.features).toHaveLength(3 * 4 * 3);
    expect(batch.targets!.pitch).toHaveLength(3);
  });

  it('is the same each time, and begins alike for every batch', () => {
    const [a, b] = [createWorkload(SMALL), createWorkload({ ...SMALL, batchSize: 1 })];
    expect(b.parameters).toEqual(a.parameters);
    // Sequence by sequence: the first one is the same, though it stands elsewhere in the batch.
    const first = Array.from({ length: 4 }, (_, t) => Array.from(a.batch.features).slice(t * 9, t * 9 + 3)).flat();
    expect(Array.from(b.batch.features)).toEqual(first);
  });

  it('draws pitches of a piano as numbers and as classes', () => {
    const { batch } = createWorkload(REFERENCE);
    const pitches = Array.from(batch.features).filter((_, at) => at % 3 === 0);
    expect(pitches.every((pitch) => Number.isInteger(pitch * 128) && pitch * 128 >= 38 && pitch * 128 < 90)).toBe(true);
    expect(Array.from(batch.targets!.pitch).every((pitch) => pitch >= 38 && pitch < 90)).toBe(true);
  });
});

describe('flopsPerStep', () => {
  it('counts two for each multiply-add of the matrix products', () => {
    // One layer: input twice (it wants no gradient), recurrence and heads thrice each.
    const [B, T, H] = [2, 3, 4];
    const shape = { batchSize: B, seqLength: T, hiddenSize: H, layers: 1 };
    expect(flopsPerStep(shape)).toBe(2 * (2 * B * T * 3 * 4 * H + 3 * B * T * H * 4 * H + 3 * B * H * 130));
    const second = 2 * (3 * B * T * H * 4 * H + 3 * B * T * H * 4 * H);
    expect(flopsPerStep({ ...shape, layers: 2 })).toBe(flopsPerStep(shape) + second);
  });

  it('is 645 million at the reference workload and some 120 thousand million at the large one', () => {
    expect(Math.round(flopsPerStep(REFERENCE) / 1e6)).toBe(645);
    expect(Math.round(flopsPerStep(LARGE) / 1e9)).toBe(121);
  });
});

describe('TorchAdam', () => {
  it('has an epsilon that undoes the place of the bias correction', () => {
    const adam = new TorchAdam();
    adam.nextStep();
    expect(adam.epsilon).toBeCloseTo(1e-7 * Math.sqrt(0.001), 20);
    for (let step = 1; step < 100_000; step++) adam.nextStep();
    expect(adam.epsilon).toBeCloseTo(1e-7, 20);
  });
});

describe('workloadSpec', () => {
  it("is the tutorial's at the reference", () => {
    expect(parameterSpecs(workloadSpec(REFERENCE)).reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(84_354);
  });
});
