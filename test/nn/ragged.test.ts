import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { CELL_KINDS, type CellKind } from '../../src/nn/cells/kinds.ts';
import { evaluateDataset } from '../../src/nn/evaluate.ts';
import { InputError } from '../../src/nn/errors.ts';
import {
  ADAM_DEFAULTS,
  createEngine,
  Network,
  ParameterSet,
  randomBatch,
  WindowDataset,
  type Batch,
  type ModelSpec,
} from '../../src/nn/index.ts';
import { SequenceDataset, type Asked } from '../../src/nn/sequence-dataset.ts';
import { HeapArena, Random, ReferenceKernels } from '../../src/tensor/index.ts';
import { chainedSpec, smallSpec } from '../support/model-specs.ts';
import { asAsked, batchOf, oneByOne, passed, randomSequences } from '../support/ragged.ts';

const SPECS: ModelSpec[] = [smallSpec(), chainedSpec()].map((spec) => ({ ...spec, evaluateOn: 'all' }));
const withCell = (spec: ModelSpec, cell: CellKind): ModelSpec => ({ ...spec, lstm: { ...spec.lstm, cell } });

const lengths = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });

describe('sequences of several lengths', () => {
  const everyWay = CELL_KINDS.flatMap((cell) => (['steps', 'ends'] as const).map((asked) => [cell, asked] as const));

  it.each(everyWay)('of %s give what they give one by one (asked at: %s)', (cell, asked) => {
    fc.assert(
      fc.property(fc.constantFrom(...SPECS), lengths, fc.nat(1000), fc.boolean(), (plain, all, seed, weighed) => {
        const spec = withCell(plain, cell);
        const sequences = randomSequences(spec, all, seed);
        const weights = all.map((_, k) => (weighed ? 0.5 + k : 1));
        const data = new SequenceDataset(
          spec,
          sequences.map((one) => asAsked(one, asked)),
          asked,
          { weights },
        );
        const together = passed(spec, batchOf(data), seed);
        const alone = oneByOne(spec, sequences, asked, seed, weights);
        alone.losses.forEach((loss, head) => { expect(together.losses[head]).toBeCloseTo(loss, 10); }); // prettier-ignore
        alone.gradient.forEach((each, at) => { expect(together.gradient[at]).toBeCloseTo(each, 10); }); // prettier-ignore
      }),
      { numRuns: 15 },
    );
  });

  it('do not care what stands beyond their ends', () => {
    const [spec] = SPECS;
    const batch = batchOf(new SequenceDataset(spec, randomSequences(spec, [2, 5, 3], 1), 'steps'));
    const noise = randomBatch(spec, 3, 5, Random.stream(9, 'batch'));
    const beyond = (at: number, width: number): boolean => Math.floor(at / width / 3) >= batch.lengths![Math.floor(at / width) % 3]; // prettier-ignore
    const mixed = (own: ArrayLike<number>, other: ArrayLike<number>, width: number): number[] =>
      Array.from(own, (value, at) => (beyond(at, width) ? other[at] : value));
    const spoiled: Batch = {
      ...batch,
      categories: batch.categories.map((own, k) => mixed(own, noise.categories[k], 1)),
      features: mixed(batch.features, noise.features, 2),
      targets: Object.fromEntries(Object.entries(batch.targets!).map(([name, own]) => [name, mixed(own, noise.targets![name], 1)])),
    }; // prettier-ignore
    expect(spoiled).not.toEqual(batch);
    expect(passed(spec, spoiled, 4)).toEqual(passed(spec, batch, 4));
  });

  it('a target of -1 counts nothing, nor does the row in heads that read it', () => {
    const [, spec] = SPECS;
    const batch = randomBatch(spec, 2, 3, Random.stream(5, 'batch'));
    const without = { ...batch.targets!, step: Array.from(batch.targets!.step, (k, row) => (row === 4 ? -1 : k)) };
    const weighed = passed(spec, { ...batch, targets: without }, 5);
    // The same rows without row 4, which is step 2 of sequence 0: a sequence of 2 steps beside one of 3.
    const shorter = passed(spec, { ...batch, lengths: [2, 3] }, 5);
    expect(weighed.losses).toEqual(shorter.losses);
    const all = {
      ...batch.targets!,
      step: batch.targets!.step,
      duration: Array.from(batch.targets!.duration, () => -1),
    };
    const nothing = passed(spec, { ...batch, targets: all }, 5);
    expect(nothing.losses[2]).toBe(0);
    expect(nothing.losses.slice(0, 2)).toEqual(passed(spec, batch, 5).losses.slice(0, 2));
  });

  it.each([
    ['reference', 1],
    ['simd', 1],
    ['simd', 2],
  ] as const)('train and are evaluated on %s with %i thread(s) as in float64', async (backend, threads) => {
    const [spec] = SPECS;
    const data = new SequenceDataset(spec, randomSequences(spec, [6, 1, 4, 3], 2), 'steps', { weights: [1, 2, 1, 0.5] });
    const batch = batchOf(data);
    const expected = passed(spec, batch, 3);
    const streams = { init: Random.stream(3, 'init'), dropout: Random.stream(3, 'dropout') };
    const engine = await createEngine(spec, { backend, threads, optimizer: ADAM_DEFAULTS, batchSize: 4, steps: 6, ...streams });
    const losses = await evaluateDataset(engine, data);
    expected.losses.forEach((loss, head) => { expect(losses[head]).toBeCloseTo(loss, 5); });
    const result = await engine.trainStep(batch, 0.01);
    expected.losses.forEach((loss, head) => { expect(result.losses[head]).toBeCloseTo(loss, 5); });
    expect(result.gradientNorm).toBeCloseTo(Math.hypot(...expected.gradient), 5);
    await engine.dispose();
  }); // prettier-ignore

  it.each<[string, Partial<Batch>, new (...args: never[]) => Error, RegExp]>([
    ['a length of 0', { lengths: [0, 3] }, InputError, /length of sequence 0.*from 1 to 3, got 0/],
    ['a length beyond the batch', { lengths: [3, 4] }, InputError, /length of sequence 1.*got 4/],
    ['half a length', { lengths: [1.5, 3] }, InputError, /got 1.5/],
    ['a weight below 0', { weights: [1, -1] }, InputError, /weight of sequence 1.*at least 0, got -1/],
    ['a weight that is none', { weights: [NaN, 1] }, InputError, /got NaN/],
  ])('refuse %s', (_, part, error, message) => {
    const [spec] = SPECS;
    const batch = { ...randomBatch(spec, 2, 3, Random.stream(1, 'batch')), ...part };
    expect(() => passed(spec, batch, 1)).toThrow(error);
    expect(() => passed(spec, batch, 1)).toThrow(message);
  });

  it('refuse lengths where the loss looks at the last step alone', () => {
    const spec = smallSpec({ lossOn: 'last' });
    const batch = { ...randomBatch(spec, 2, 3, Random.stream(1, 'batch')), lengths: [1, 3] };
    expect(() => passed(spec, batch, 1)).toThrow(UsageError);
  });
});

describe('windows of sequences shorter than a window', () => {
  const [spec] = SPECS;
  const sequences = randomSequences(spec, [1, 2, 5, 7], 3);

  it('are left out and named unless they are to fill up one', () => {
    expect(new WindowDataset(spec, sequences, 5)).toMatchObject({ size: 2, tooShort: [0, 1, 2] });
    expect(new WindowDataset(spec, sequences, 5, undefined, 'fill up')).toMatchObject({ size: 4, tooShort: [0] });
  });

  it('give what they give alone, in a batch that held other windows before', () => {
    const data = new WindowDataset(spec, sequences, 5, undefined, 'fill up');
    const batch = data.createBatch(3, 'all');
    data.fill(batch, [3, 3, 3]);
    data.fill(batch, [0, 1, 2]);
    expect(batch.lengths).toEqual(Int32Array.of(1, 4, 5));
    const alone = [1, 2, 3].map((index, k) => {
      const steps = batch.lengths![k];
      const one = new WindowDataset(spec, [sequences[index]], steps);
      const window = one.createBatch(1, 'all');
      one.fill(window, [0]);
      return { ...passed(spec, window, 1), steps };
    });
    const { losses, gradient } = passed(spec, batch, 1);
    losses.forEach((loss, head) => { expect(loss).toBeCloseTo(alone.reduce((sum, part) => sum + (part.steps / 10) * part.losses[head], 0), 10); });
    gradient.forEach((each, at) => { expect(each).toBeCloseTo(alone.reduce((sum, part) => sum + (part.steps / 10) * part.gradient[at], 0), 10); });
  }); // prettier-ignore
});

interface Ragged {
  lengths: number[];
  hidden: number;
  classes: number;
  inputs: number[][][];
  labels: number[][];
  weights: Record<string, number[] | number[][]>;
  steps: Record<string, number | number[] | number[][]>;
  ends: Record<string, number | number[] | number[][]>;
}

describe('packed sequences of PyTorch', () => {
  const golden = JSON.parse(readFileSync(new URL('../golden/ragged.json', import.meta.url), 'utf8')) as Ragged;
  const { lengths, hidden, classes, inputs, labels, weights } = golden;
  const spec: ModelSpec = {
    inputs: { categories: [], features: inputs[0][0].map((_, f) => `x${f}`) },
    lstm: { layers: 1, hiddenSize: hidden, dropout: 0 },
    heads: [{ name: 'out', kind: 'categorical', size: classes, lossWeight: 1 }],
    lossOn: 'all',
  };

  it.each<Asked>(['steps', 'ends'])('have the same loss and gradients (asked at: %s)', (asked) => {
    const sequences = lengths.map((length, b) => {
      return asAsked({ length, categories: [], features: inputs[b].flat(), targets: { out: labels[b] } }, asked);
    });
    const kernels = new ReferenceKernels(new HeapArena('float64'));
    const [parameters, gradients] = [new ParameterSet(kernels.arena, spec), new ParameterSet(kernels.arena, spec)];
    for (const [name, { data }] of parameters.entries()) data.set((weights[name] as number[]).flat());
    const training = { gradients, dropout: Random.stream(1, 'dropout') };
    const network = new Network(kernels, spec, { batchSize: lengths.length, steps: 5 }, parameters, { training });
    network.load(batchOf(new SequenceDataset(spec, sequences, asked)));
    network.forward();
    expect(network.losses()[0]).toBeCloseTo(golden[asked].loss as number, 12);
    network.backward();
    for (const [name, ours] of [['kernel', 'lstm.0.kernel'], ['recurrent', 'lstm.0.recurrent_kernel'], ['bias', 'lstm.0.bias'], ['head', 'heads.out.kernel']]) {
      const theirs = (golden[asked][name] as number[][]).flat();
      gradients.get(ours).data.forEach((each: number, at: number) => { expect(each).toBeCloseTo(theirs[at], 12); });
    }
  }); // prettier-ignore
});
