import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Batch } from '../../src/nn/batch.ts';
import { randomBatch } from '../../src/nn/gradient-check.ts';
import { InputError } from '../../src/nn/errors.ts';
import { Network } from '../../src/nn/network.ts';
import { ParameterSet } from '../../src/nn/parameters.ts';
import type { ModelSpec } from '../../src/nn/spec.ts';
import { HeapArena, Random, ReferenceKernels, ShapeError } from '../../src/tensor/index.ts';
import { seed } from '../support/generators.ts';
import { anyPlainSpec, anySequenceShape, anySpec, smallSpec } from '../support/model-specs.ts';
import { inputVector, naiveForward, naiveLosses } from '../support/naive-lstm.ts';
import { runBackward, trainableNetwork } from '../support/networks.ts';
import { expectSame, expectWithin, largest, relativeError } from '../support/tolerances.ts';

const withoutDropout = (spec: ModelSpec): ModelSpec => ({
  ...spec,
  inputs: { ...spec.inputs, dropout: 0 },
  lstm: { ...spec.lstm, dropout: 0 },
});
const dropping = (spec: ModelSpec): ModelSpec => ({ ...spec, lstm: { ...spec.lstm, dropout: 0.3 } });
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('a network', () => {
  it('gives the outputs and losses of the textbook’s recurrence, for any architecture', () => {
    fc.assert(
      fc.property(anySpec, anySequenceShape, seed, (anyOne, shape, s) => {
        const spec = withoutDropout(anyOne);
        const { network, parameters, batch } = trainableNetwork(spec, shape, s);
        network.forward();
        const outputs = range(shape.batchSize).map((b) => naiveForward(spec, parameters, batch, b));
        network.heads.forEach(({ out }, index) => {
          const steps = spec.lossOn === 'last' ? [shape.steps - 1] : range(shape.steps);
          const expected = steps.flatMap((t) => outputs.flatMap((sequence) => sequence[t][index]));
          expectWithin(`head ${index}`, out.data, expected, () => 1e-11);
        });
        const losses = naiveLosses(spec, batch, outputs);
        expectWithin('losses', network.losses(), losses, (at) => 1e-11 * (1 + losses[at]));
      }),
    );
  });

  it('learns from a batch what it would from its sequences one by one, averaged', () => {
    fc.assert(
      fc.property(anySpec, anySequenceShape, seed, (anyOne, shape, s) => {
        const spec = withoutDropout(anyOne);
        const whole = trainableNetwork(spec, shape, s);
        const losses = runBackward(whole);
        const single = trainableNetwork(spec, { ...shape, batchSize: 1 }, s);
        const mean = new Float64Array(whole.gradients.flat.size);
        const meanLosses = losses.map(() => 0);
        for (let b = 0; b < shape.batchSize; b++) {
          single.network.load(sequencesOf(spec, whole.batch, b, b + 1));
          runBackward(single).forEach((loss, head) => (meanLosses[head] += loss / shape.batchSize));
          single.gradients.flat.data.forEach((g: number, at: number) => (mean[at] += g / shape.batchSize));
        }
        expectWithin('losses', losses, meanLosses, (at) => 1e-12 * (1 + meanLosses[at]));
        const bound = 1e-12 * Math.max(1, largest(mean));
        expectWithin('gradients', whole.gradients.flat.data, mean, () => bound);
      }),
    );
  });

  it('for a part of a batch learns that part’s share, so that parts add up to the whole', () => {
    const split = fc.record({ first: fc.integer({ min: 1, max: 3 }), second: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(anySpec, split, fc.integer({ min: 1, max: 5 }), seed, (anyOne, { first, second }, steps, s) => {
        const spec = withoutDropout(anyOne);
        const wholeBatch = first + second;
        const whole = trainableNetwork(spec, { batchSize: wholeBatch, steps }, s);
        const losses = runBackward(whole);
        const { kernels, parameters, dropout, batch } = whole;
        const gradients = new ParameterSet(kernels.arena, spec);
        const shares = [first, second].map((batchSize, part) => {
          const options = { training: { gradients, dropout }, wholeBatch };
          const network = new Network(kernels, spec, { batchSize, steps }, parameters, options);
          network.load(batch, part === 0 ? 0 : first);
          network.forward();
          const share = network.losses();
          network.backward();
          return share;
        });
        const sums = losses.map((_, head) => shares[0][head] + shares[1][head]);
        expectWithin('losses', sums, losses, (at) => 1e-12 * (1 + losses[at]));
        const bound = 1e-12 * Math.max(1, largest(whole.gradients.flat.data));
        expectWithin('gradients', gradients.flat.data, whole.gradients.flat.data, () => bound);
      }),
    );
  });

  it('judges the same whether on the last step or on all, when there is one', () => {
    fc.assert(
      fc.property(anySpec, fc.integer({ min: 1, max: 5 }), seed, (spec, batchSize, s) => {
        const [last, all] = (['last', 'all'] as const).map((lossOn) => {
          const trained = trainableNetwork({ ...spec, lossOn }, { batchSize, steps: 1 }, s);
          return { losses: runBackward(trained), gradients: [...trained.gradients.flat.data] };
        });
        expect(all).toEqual(last);
      }),
    );
  });

  it('sees a category as it would see the same one-hot vector among the features', () => {
    fc.assert(
      fc.property(anyPlainSpec, anySequenceShape, seed, (spec, shape, s) => {
        const embedded = trainableNetwork(withoutDropout(spec), shape, s);
        const width = spec.inputs.categories.reduce((sum, { size }) => sum + size, spec.inputs.features.length);
        const explicitSpec = {
          ...withoutDropout(spec),
          inputs: { categories: [], features: range(width).map((f) => `x${f}`) },
        };
        const explicit = trainableNetwork(explicitSpec, shape, s);
        const rows = range(shape.batchSize * shape.steps).flatMap((row) => inputVector(spec, embedded.batch, row));
        explicit.network.load({ ...embedded.batch, categories: [], features: rows });
        const losses = runBackward(embedded);
        expectWithin('losses', runBackward(explicit), losses, (at) => 1e-12 * (1 + losses[at]));
        expect(relativeError(explicit.gradients.flat.data, embedded.gradients.flat.data)).toBeLessThan(1e-10);
      }),
    );
  });

  it('goes on from carried state as if it had run through', () => {
    const spec = smallSpec();
    const shape = { batchSize: 3, steps: 6 };
    const whole = trainableNetwork(spec, shape, 1);
    whole.network.forward();
    const { kernels, parameters, batch } = whole;
    const part = new Network(kernels, spec, { batchSize: 3, steps: 2 }, parameters);
    const rows = (from: number): Batch => ({
      size: 3,
      steps: 2,
      categories: batch.categories.map((indices) => Array.from(indices).slice(from * 3, (from + 2) * 3)),
      features: Array.from(batch.features).slice(from * 6, (from + 2) * 6),
    });
    const outputs = [0, 2, 4].map((from) => {
      part.load(rows(from));
      part.forward();
      part.carryState();
      return part.heads.map(({ out }) => [...out.data]);
    });
    whole.network.heads.forEach(({ out }, head) => {
      expectSame(`head ${head}`, outputs.flatMap((each) => each[head]), out.data); // prettier-ignore
    });
    part.resetState();
    part.load(rows(0));
    part.forward();
    expect(part.heads.map(({ out }) => [...out.data])).toEqual(outputs[0]);
  });

  it('computes in float32 what it computes in float64, to the rounding', () => {
    fc.assert(
      fc.property(anySpec, anySequenceShape, seed, (spec, shape, s) => {
        const exact = trainableNetwork(spec, shape, s);
        const single = trainableNetwork(spec, shape, s, new ReferenceKernels(new HeapArena('float32')));
        const [expected, actual] = [runBackward(exact), runBackward(single)];
        expectWithin('losses', actual, expected, (at) => 1e-5 * (1 + expected[at]));
        // At the kink of the positive pressure rounding may take the other side.
        const touchy = exact.network.heads.some(({ out }) => out.data.some((p: number) => Math.abs(p) < 1e-5));
        if (!touchy) expect(relativeError(single.gradients.flat.data, exact.gradients.flat.data)).toBeLessThan(2e-5);
      }),
    );
  });

  it('leaves the padding between parameters at zero', () => {
    const { network, gradients, kernels, ...rest } = trainableNetwork(smallSpec(), { batchSize: 3, steps: 4 }, 1);
    runBackward({ network, gradients, kernels, ...rest });
    const touched = new Set<number>();
    for (const [, view] of gradients.entries()) {
      const from = (view.byteOffset - gradients.flat.byteOffset) / 8;
      for (let at = from; at < from + view.size; at++) touched.add(at);
    }
    expect(touched.size).toBeLessThan(gradients.flat.size);
    gradients.flat.data.forEach((g: number, at: number) => {
      if (!touched.has(at)) expect(g).toBe(0);
    });
  });
});

describe('dropout in a network', () => {
  const spec = dropping(smallSpec());
  const shape = { batchSize: 3, steps: 4 };

  it('acts in training only, on the output of every layer', () => {
    const { network, kernels, parameters, batch } = trainableNetwork(spec, shape, 1);
    const evaluating = new Network(kernels, spec, shape, parameters);
    evaluating.load(batch);
    evaluating.forward();
    const plain = evaluating.losses();
    network.forward();
    expect(network.losses()).not.toEqual(plain);
    network.forward(false);
    expect(network.losses()).toEqual(plain);
    const none = trainableNetwork(smallSpec(), shape, 1);
    none.network.forward();
    expect(none.network.losses()).toEqual(plain);
  });

  it('draws from its stream once for each number that a layer puts out, and nothing else does', () => {
    const { network, dropout } = trainableNetwork(spec, shape, 2);
    const counted = new Random(dropout.state());
    network.forward();
    for (let draw = 0; draw < spec.lstm.layers * shape.batchSize * shape.steps * spec.lstm.hiddenSize; draw++)
      counted.bits();
    expect(dropout.state()).toEqual(counted.state());
    const before = dropout.state();
    network.losses();
    network.backward();
    network.forward(false);
    expect(dropout.state()).toEqual(before);
  });
});

describe('what a network refuses', () => {
  const shape = { batchSize: 3, steps: 4 };
  const { network, batch } = trainableNetwork(smallSpec(), shape, 1);
  const refusal = (change: Partial<Batch>) => (): void => {
    network.load({ ...batch, ...change });
  };

  it('is a batch of another size or length', () => {
    expect(refusal({ size: 2 })).toThrow(ShapeError);
    expect(refusal({ steps: 5 })).toThrow('3 sequences of 4 steps, got 3 of 5');
  });

  it('is a part that is not in the batch', () => {
    for (const from of [1, -1, NaN]) {
      expect(() => {
        network.load(batch, from);
      }).toThrow(ShapeError);
    }
  });

  it('is inputs or targets of the wrong length, or none', () => {
    expect(refusal({ features: [1] })).toThrow(ShapeError);
    expect(refusal({ categories: [batch.categories[0]] })).toThrow('the input "bar" should be 12 numbers, got none');
    expect(refusal({ categories: [batch.categories[0], [1, 2]] })).toThrow(ShapeError);
    expect(refusal({ targets: { pitch: batch.targets!.pitch } })).toThrow('the target "step" should be 12 numbers');
    expect(refusal({ targets: { ...batch.targets, pitch: [0] } })).toThrow(ShapeError);
  });

  it('is a class that does not exist', () => {
    expect(refusal({ categories: [Array<number>(12).fill(5), batch.categories[1]] })).toThrow(InputError);
    network.load(batch);
    network.forward();
  });

  it('is not a batch without targets, which is enough to run forward', () => {
    network.load({ ...batch, targets: undefined });
    network.forward();
  });
});

describe('which steps are judged', () => {
  it('is the model’s choice unless the network is told otherwise', () => {
    const spec = smallSpec({ lossOn: 'all' });
    const { kernels, parameters, batch } = trainableNetwork(spec, { batchSize: 2, steps: 3 }, 1);
    const last = new Network(kernels, spec, { batchSize: 2, steps: 3 }, parameters, { lossOn: 'last' });
    expect(last.lossOn).toBe('last');
    expect(last.heads[0].out.rows).toBe(2);
    const all = new Network(kernels, spec, { batchSize: 2, steps: 3 }, parameters);
    expect(all.lossOn).toBe('all');
    expect(all.heads[0].out.rows).toBe(6);
    all.load(batch);
    all.forward();
    last.load({ ...batch, targets: undefined });
    last.forward();
    expect([...last.heads[0].out.data]).toEqual([...all.heads[0].out.data.slice(-2 * 5)]);
  });
});

/** Sequences `from` up to, not including, `to` of a batch as a batch of their own. */
function sequencesOf(spec: ModelSpec, batch: Batch, from: number, to: number): Batch {
  const F = spec.inputs.features.length;
  const pick = (values: ArrayLike<number>, width = 1): number[] =>
    range(values.length / (batch.size * width)).flatMap((t) =>
      Array.from(values).slice((t * batch.size + from) * width, (t * batch.size + to) * width),
    );
  return {
    size: to - from,
    steps: batch.steps,
    categories: batch.categories.map((indices) => pick(indices)),
    features: F > 0 ? pick(batch.features, F) : [],
    targets: Object.fromEntries(Object.entries(batch.targets!).map(([name, values]) => [name, pick(values)])),
  };
}

describe('the batches of these tests', () => {
  it('are taken apart and put together rightly', () => {
    const spec = smallSpec();
    const batch = randomBatch(spec, 2, 3, Random.stream(1, 'batch'));
    const second = sequencesOf(spec, batch, 1, 2);
    expect(second.features).toEqual([2, 3, 6, 7, 10, 11].map((at) => batch.features[at]));
    expect(second.categories[0]).toEqual([1, 3, 5].map((at) => batch.categories[0][at]));
  });
});
