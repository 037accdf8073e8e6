import { describe, expect, it } from 'vitest';

import {
  AblationProbe,
  ablationParts,
  CELL_KINDS,
  evaluateAblations,
  LocalEngine,
  ADAM_DEFAULTS,
  ProbedModel,
  randomBatch,
  recordSequence,
  WindowDataset,
  type Ablation,
  type Batch,
  type CellKind,
} from '../../../src/nn/index.ts';
import { evaluateDataset } from '../../../src/nn/evaluate.ts';
import { createKernels, Random } from '../../../src/tensor/index.ts';
import { smallSpec } from '../../support/model-specs.ts';
import { bitSequence, rememberingNetwork } from '../../support/wired-networks.ts';
import { taperedSpec } from './any-cell.ts';
import { randomSequence, randomWeights } from './random-models.ts';

const [batchSize, steps] = [5, 6];

const UNIT: Ablation[] = [{ layer: 1, part: 'h', units: [2] }];
const LAYER: Ablation[] = [{ layer: 0, part: 'h' }];
/** Something of every part that a cell has, in both layers. */
function partsOf(cell: CellKind): Ablation[] {
  return ablationParts(cell).map((part, k): Ablation => ({ layer: k % 2, part, units: [1, 3], value: 0.5 }));
}

/** Sequence b of a batch, for a recording: what follows the last step stands one step after. */
function sequenceOf({ size, categories, features, targets }: Batch, b: number) {
  const row = (values: ArrayLike<number>, width = 1) =>
    Array.from(
      { length: steps * width },
      (_, at) => values[(Math.floor(at / width) * size + b) * width + (at % width)],
    );
  const padded = (values: number[]) => [...values, ...values.slice(-1)];
  return {
    length: steps + 1,
    categories: categories.map((values) => padded(row(values))),
    features: [...row(features, 2), 0, 0],
    targets: Object.fromEntries(
      Object.entries(targets!).map(([name, values]) => [name, [...Array<number>(steps).fill(0), values[b]]]),
    ),
  };
}

describe.each(CELL_KINDS.flatMap((cell) => ['reference', 'simd'].map((backend) => [cell, backend] as const)))(
  'the ablation probe of %s with %s kernels',
  (cell, backend) => {
    const spec = taperedSpec(cell, { lossOn: 'last' });
    const weights = randomWeights(spec, 1);
    const GATE = partsOf(cell);
    const probed = () => {
      const probe = new AblationProbe(new ProbedModel(spec, weights, createKernels(backend)), { batchSize, steps });
      const batch = randomBatch(spec, batchSize, steps, Random.stream(1, 'batch'));
      probe.load(batch);
      return { probe, batch };
    };

    it('gives the losses that recordings with the same ablation give, sequence by sequence', () => {
      const { probe, batch } = probed();
      for (const ablation of [[], UNIT, LAYER, GATE]) {
        const losses = probe.losses(ablation);
        const recorded = Array.from({ length: batchSize }, (_, b) =>
          recordSequence(spec, weights, sequenceOf(batch, b), { ablation, kernels: createKernels(backend) }),
        );
        losses.forEach((loss, head) => {
          const mean = recorded.reduce((sum, { heads }) => sum + heads[head].nextLoss[steps - 1], 0) / batchSize;
          expect(loss).toBeCloseTo(mean, 5);
        });
      }
    });

    it('gives the same whatever was asked before', () => {
      const all = [[], UNIT, LAYER, GATE, UNIT, [], LAYER, UNIT, GATE, GATE, []];
      const { probe } = probed();
      const fresh = new Map(all.map((ablation) => [JSON.stringify(ablation), probed().probe.losses(ablation)]));
      for (const ablation of all) expect(probe.losses(ablation)).toEqual(fresh.get(JSON.stringify(ablation)));
    });

    it('costs nothing where nothing is held: the losses are those of the engine’s evaluation, bit for bit', async () => {
      const { probe, batch } = probed();
      const streams = { init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') };
      const kernels = createKernels(backend);
      const engine = new LocalEngine(spec, { kernels, optimizer: ADAM_DEFAULTS, steps, ...streams });
      await engine.writeParameters(weights);
      expect(probe.losses([])).toEqual(await engine.evaluate(batch));
    });
  },
);

describe('ablations on a corpus', () => {
  const spec = smallSpec({ lossOn: 'last' });
  const weights = randomWeights(spec, 1);

  it('start from the losses of validation, whole batches and the rest', async () => {
    const data = new WindowDataset(spec, [randomSequence(spec, 90, 1), randomSequence(spec, 60, 2)], steps);
    expect(data.size % 64).toBeGreaterThan(0);
    const kernels = createKernels();
    const streams = { init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') };
    const engine = new LocalEngine(spec, { kernels, optimizer: ADAM_DEFAULTS, steps, ...streams });
    await engine.writeParameters(weights);
    for (const atMost of [Infinity, 64, 20]) {
      const { intact, ablated, windows } = evaluateAblations(spec, weights, data, [[], UNIT], { atMost });
      const expected = await evaluateDataset(engine, data, atMost);
      intact.forEach((loss, head) => expect(loss).toBeCloseTo(expected[head], 6));
      expect(ablated[0]).toEqual(intact);
      expect(ablated[1]).not.toEqual(intact);
      expect(windows).toBe(Math.min(atMost, data.size));
    }
  });

  it('show which unit remembers', () => {
    const { spec, parameters, unit } = rememberingNetwork(100);
    const sequence = bitSequence(300, [0, 40, 150, 260].map((at, k) => ({ at, bit: (k % 2) as 0 | 1 }))); // prettier-ignore
    const data = new WindowDataset(spec, [sequence], 60);
    const units = Array.from({ length: spec.lstm.hiddenSize }, (_, j): Ablation[] => [{ layer: 0, part: 'h', units: [j] }]); // prettier-ignore
    const { intact, ablated } = evaluateAblations(spec, parameters, data, units);
    const cost = ablated.map(([loss]) => loss - intact[0]);
    expect(cost.indexOf(Math.max(...cost))).toBe(unit);
    cost.forEach((each, j) => { if (j !== unit) expect(Math.abs(each)).toBeLessThan(1e-6); }); // prettier-ignore
  });
});
