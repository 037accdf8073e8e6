import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UsageError } from '../../src/errors.ts';
import { CELL_KINDS, type CellKind } from '../../src/nn/cells/kinds.ts';
import {
  ADAM_DEFAULTS,
  atOnce,
  checkGradients,
  createEngine,
  evaluateDataset,
  InputError,
  LocalEngine,
  Network,
  NonFiniteError,
  OPTIMIZER_DEFAULTS,
  ParameterSet,
  randomBatch,
  SequenceDataset,
  StreamDataset,
  type Batch,
  type Engine,
  type ModelSpec,
  type NamedArrays,
  type Sequence,
} from '../../src/nn/index.ts';
import { bestSimdVariant, HeapArena, Random, ReferenceKernels } from '../../src/tensor/index.ts';
import { chainedSpec, smallSpec } from '../support/model-specs.ts';
import { bitsOf } from '../support/state-bits.ts';
import { randomPieces } from '../support/streams.ts';
import { relativeError } from '../support/tolerances.ts';

const SPEC: ModelSpec = { ...smallSpec(), evaluateOn: 'all' };
const withCell = (cell: CellKind, spec = SPEC): ModelSpec => ({ ...spec, lstm: { ...spec.lstm, cell } });
const WITH_SIMD = bestSimdVariant() === undefined ? [] : ([['simd', 1], ['simd', 2], ['simd', 3]] as const); // prettier-ignore
const ENGINES: (readonly [backend: string, threads: number])[] = [['reference', 1], ...WITH_SIMD];
const STEPS = 4;
const LENGTHS = [11, 3, 9, 4, 5, 14, 2, 8];

function float64Engine(spec: ModelSpec, steps = STEPS, learningSeed = 5): LocalEngine {
  return new LocalEngine(spec, {
    kernels: new ReferenceKernels(new HeapArena('float64')),
    optimizer: OPTIMIZER_DEFAULTS.sgd,
    steps,
    init: Random.stream(learningSeed, 'init'),
    dropout: Random.stream(learningSeed, 'dropout'),
  });
}

function engineOf([backend, threads]: readonly [string, number], spec = SPEC, batchSize = 3, steps = STEPS): Promise<Engine> {
  const streams = { init: Random.stream(5, 'init'), dropout: Random.stream(5, 'dropout') };
  return createEngine(spec, { backend, threads, optimizer: { ...ADAM_DEFAULTS, clipNorm: 1 }, batchSize, steps, ...streams });
} // prettier-ignore

/** The batches of an epoch, each its own. */
function batchesOf(data: StreamDataset, rows: number): Batch[] {
  const order = atOnce(data.streams.order(rows, Random.stream(1, 'shuffle')));
  return Array.from({ length: order.length / rows }, (_, at) => {
    const batch = data.createBatch(rows, 'all');
    data.fill(batch, order, at * rows);
    return batch;
  });
}

/** Row b of a batch as a batch of its own, as long as the row is. */
function rowOf(batch: Batch, b: number): Batch {
  const steps = batch.lengths![b];
  const pick = (all: ArrayLike<number>): number[] => {
    const width = all.length / (batch.size * batch.steps);
    const at = (t: number) => (t * batch.size + b) * width;
    return Array.from({ length: steps }, (_, t) => Array.from(all).slice(at(t), at(t) + width)).flat();
  };
  const targets = Object.fromEntries(Object.entries(batch.targets!).map(([name, all]) => [name, pick(all)]));
  return { size: 1, steps, categories: batch.categories.map(pick), features: pick(batch.features), targets };
}

/**
 * Trains by hand, in float64: every row alone, with networks as long as its windows, the states handed on as plain numbers, and
 * gradient descent on the mean over all steps.
 */
function trainByHand(spec: ModelSpec, batches: readonly Batch[], rate: number, start: NamedArrays) {
  const kernels = new ReferenceKernels(new HeapArena('float64'));
  const [parameters, gradients] = [new ParameterSet(kernels.arena, spec), new ParameterSet(kernels.arena, spec)];
  parameters.fromArrays(start);
  const training = { gradients, dropout: Random.stream(1, 'dropout') };
  const states = new Map<number, Float64Array[][]>();
  const losses = batches.map((batch) => {
    const rows = Array.from({ length: batch.size }, (_, b) => b).filter((b) => batch.weights![b] > 0);
    const all = rows.reduce((sum, b) => sum + batch.lengths![b], 0);
    const sum = new Float64Array(gradients.flat.size);
    let loss = 0;
    for (const b of rows) {
      const own = rowOf(batch, b);
      const network = new Network(kernels, spec, { batchSize: 1, steps: own.steps }, parameters, { training });
      network.load(own);
      if (batch.carry![b] === 1) {
        network.layers.forEach((layer, l) => {
          layer.setState(...states.get(b)![l].map((values) => {
            const tensor = kernels.arena.tensor([1, values.length]);
            tensor.data.set(values);
            return tensor;
          }));
        });
      } // prettier-ignore
      kernels.fill(gradients.flat, 0);
      network.forward();
      const found = network.losses();
      network.backward();
      const share = own.steps / all;
      spec.heads.forEach(({ lossWeight }, k) => (loss += share * lossWeight * found[k]));
      gradients.flat.data.forEach((each, at) => (sum[at] += share * each));
      states.set(b, network.layers.map((layer) => layer.states.map((state) => Float64Array.from(state.row(own.steps).data)))); // prettier-ignore
    }
    for (let at = 0; at < sum.length; at++) parameters.flat.data[at] -= rate * sum[at];
    return loss;
  });
  return { losses, weights: parameters.flat.data };
}

describe.each(CELL_KINDS)('a carried state of the cell %s', (cell) => {
  const spec = withCell(cell);

  it('has the gradients that differences give, from a state that is not zero', () => {
    for (const model of [spec, withCell(cell, chainedSpec())]) {
      const options = { batchSize: 3, steps: STEPS, seed: 1, samples: 30 };
      const rows = checkGradients(model, { ...options, fromState: true });
      for (const row of rows) {
        if (row.error > 1e-6) expect.fail(`${row.name}[${row.at}]: ${row.analytic} backward, ${row.numeric} by differences`);
      }
      // The state is no ornament.
      expect(checkGradients(model, options).map(({ analytic }) => analytic)).not.toEqual(rows.map(({ analytic }) => analytic));
    }
  }); // prettier-ignore

  it('trains as rows by hand do, in float64', async () => {
    const data = new StreamDataset(spec, randomPieces(spec, LENGTHS, 1), STEPS);
    const batches = batchesOf(data, 3);
    expect(batches.some(({ carry }) => new Set(Array.from(carry!)).size === 2)).toBe(true);
    const engine = float64Engine(spec);
    const start = await engine.readParameters();
    await engine.writeParameters(start);
    const expected = trainByHand(spec, batches, 0.1, start);
    const losses: number[] = [];
    for (const batch of batches) losses.push((await engine.trainStep(batch, 0.1)).loss);
    expect(relativeError(losses, expected.losses)).toBeLessThan(1e-12);
    expect(relativeError(engine.parameters.flat.data, expected.weights)).toBeLessThan(1e-12);
  });
});

describe('truncated backpropagation of PyTorch', () => {
  const facts = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/streams.json'), 'utf8')) as {
    hidden: number; layers: number; rows: number; steps: number; rate: number;
    windows: { lengths: number[]; carry: number[]; inputs: number[]; wanted: number[] }[];
    cases: { cell: CellKind; losses: number[]; start: Record<string, number[]>; end: Record<string, number[]>; state: number[][] }[];
  }; // prettier-ignore

  it.each(facts.cases)('is ours, with resets in the middle of a batch: $cell', async ({ cell, losses, start, end, state }) => {
    const { hidden, layers, rows, steps, rate, windows } = facts;
    const spec: ModelSpec = {
      inputs: { categories: [], features: ['a', 'b'] },
      lstm: { layers, hiddenSize: hidden, dropout: 0, cell },
      heads: [{ name: 'out', kind: 'scalar', lossWeight: 1, positivePressure: 0 }],
      lossOn: 'all',
    };
    const engine = float64Engine(spec, steps);
    await engine.writeParameters(Object.fromEntries(Object.entries(start).map(([name, all]) => [name, Float32Array.from(all)])));
    const found: number[] = [];
    for (const { lengths, carry, inputs, wanted } of windows) {
      const batch: Batch = { size: rows, steps, categories: [], features: inputs, targets: { out: wanted }, lengths, carry };
      found.push((await engine.trainStep(batch, rate)).loss);
    }
    expect(relativeError(found, losses)).toBeLessThan(1e-12);
    for (const [name, { data }] of engine.parameters.entries()) expect(relativeError(data, end[name]), name).toBeLessThan(1e-12);
    const { carried } = await engine.readState();
    state.forEach((all, k) => {
      for (let l = 0; l < layers; l++) {
        const size = rows * hidden;
        expect(relativeError(carried![`${cell}.${l}.${'hc'[k]}`], all.slice(l * size, (l + 1) * size))).toBeLessThan(1e-6);
      }
    });
  }); // prettier-ignore
});

describe('streams whose windows are as long as the pieces', () => {
  it('are trained on as whole sequences are, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }), fc.nat(99), async (lengths, seed) => {
        const pieces = randomPieces(SPEC, lengths, seed);
        const steps = Math.max(...lengths);
        const streams = new StreamDataset(SPEC, pieces, steps, { asked: 'steps' });
        const rows = pieces.length;
        const [batch] = batchesOf(streams, rows);
        const whole = new SequenceDataset(SPEC, pieces, 'steps');
        const same = whole.createBatch(rows, 'all');
        // Each row has the piece of one window; which, the streams' own order says.
        whole.fill(same, atOnce(streams.streams.order(rows, Random.stream(1, 'shuffle'))));
        const found = [];
        for (const each of [batch, same]) {
          const engine = await engineOf(['reference', 1], SPEC, rows, steps);
          found.push([await engine.trainStep(each, 0.01), await engine.readParameters()]);
        }
        expect(found[0]).toEqual(found[1]);
      }),
      { numRuns: 20 },
    );
  }); // prettier-ignore
});

describe.each(ENGINES)('carried states of the engine %s with %d threads', (...choice) => {
  const data = new StreamDataset(SPEC, randomPieces(SPEC, LENGTHS, 1), STEPS);
  const batches = batchesOf(data, 3);

  it('are those of one thread, up to rounding', async () => {
    const [engine, one] = [await engineOf(choice), await engineOf(['reference', 1])];
    for (const batch of batches) {
      const [found, expected] = [await engine.trainStep(batch, 0.01), await one.trainStep(batch, 0.01)];
      expect(found.loss).toBeCloseTo(expected.loss, 5);
    }
    const [found, expected] = [(await engine.readState()).carried!, (await one.readState()).carried!];
    expect(Object.keys(found)).toEqual(['lstm.0.h', 'lstm.0.c', 'lstm.1.h', 'lstm.1.c']);
    for (const [name, values] of Object.entries(expected)) expect(relativeError(found[name], values), name).toBeLessThan(1e-4); // prettier-ignore
    await Promise.all([engine.dispose(), one.dispose()]);
  });

  it('go on from a state that was read, and what is evaluated meanwhile does not touch them', async () => {
    const spec: ModelSpec = { ...SPEC, lstm: { ...SPEC.lstm, dropout: 0.3 } };
    const held = new StreamDataset(SPEC, randomPieces(SPEC, [9, 5, 17], 9), STEPS);
    const undisturbed = await engineOf(choice, spec);
    const states: unknown[] = [];
    for (const batch of batches) {
      await undisturbed.trainStep(batch, 0.01);
      states.push(bitsOf(await undisturbed.readState()));
    }
    for (const stop of [1, 2, 5]) {
      const [first, second] = [await engineOf(choice, spec), await engineOf(choice, spec)];
      for (const batch of batches.slice(0, stop)) await first.trainStep(batch, 0.01);
      await evaluateDataset(first, held);
      await second.writeState(await first.readState());
      for (const [at, batch] of batches.slice(stop).entries()) {
        await second.trainStep(batch, 0.01);
        expect(bitsOf(await second.readState())).toEqual(states[stop + at]);
        await evaluateDataset(second, held);
      }
      await Promise.all([first.dispose(), second.dispose()]);
    }
    await undisturbed.dispose();
  });

  it('are left as they are by a step that fails, and by a batch that has none', async () => {
    const [engine, other] = [await engineOf(choice), await engineOf(choice)];
    for (const batch of batches.slice(0, 2)) {
      await engine.trainStep(batch, 0.01);
      await other.trainStep(batch, 0.01);
    }
    const weights = await engine.readParameters();
    const broken = (name: string, all: Float32Array) => (name.startsWith('heads.step') ? all.map(() => 3.4e38) : all);
    await engine.writeParameters(Object.fromEntries(Object.entries(weights).map(([name, all]) => [name, broken(name, all)])));
    await expect(engine.trainStep(batches[2], 0.01)).rejects.toThrow(NonFiniteError);
    await engine.writeParameters(weights);
    const { carry, ...plain } = batches[2];
    expect(carry).toBeDefined();
    await engine.trainStep(plain, 0);
    await other.trainStep(plain, 0);
    expect(bitsOf(await engine.readState())).toEqual(bitsOf(await other.readState()));
    expect(await engine.trainStep(batches[2], 0.01)).toEqual(await other.trainStep(batches[2], 0.01));
    await Promise.all([engine.dispose(), other.dispose()]);
  }); // prettier-ignore

  it('judge each piece as one that is run whole, however many there are', async () => {
    // More pieces than are judged at once: rows go on with others.
    const pieces = randomPieces(SPEC, Array.from({ length: 70 }, (_, k) => 2 + ((7 * k) % 13)), 20); // prettier-ignore
    const engine = await engineOf(choice);
    const found = await evaluateDataset(engine, new StreamDataset(SPEC, pieces, STEPS));
    const arrays = await engine.readParameters();
    const kernels = new ReferenceKernels(new HeapArena('float64'));
    const parameters = new ParameterSet(kernels.arena, SPEC);
    parameters.fromArrays(arrays);
    const sums = SPEC.heads.map(() => 0);
    let all = 0;
    for (const { length, categories, features, targets } of pieces) {
      const network = new Network(kernels, SPEC, { batchSize: 1, steps: length - 1 }, parameters);
      network.load({
        ...{ size: 1, steps: length - 1 },
        categories: categories.map((each) => Array.from(each).slice(0, -1)),
        features: Array.from(features).slice(0, -SPEC.inputs.features.length),
        targets: Object.fromEntries(Object.entries(targets).map(([name, each]) => [name, Array.from(each).slice(1)])),
      });
      network.forward();
      network.losses().forEach((loss, head) => (sums[head] += (length - 1) * loss));
      all += length - 1;
    }
    expect(relativeError(found, sums.map((sum) => sum / all))).toBeLessThan(1e-5); // prettier-ignore
    await engine.dispose();
  });

  it('are refused where they cannot be', async () => {
    const engine = await engineOf(choice);
    const [first, second] = batches;
    await expect(engine.trainStep(second, 0.01)).rejects.toThrow(/Sequence \d, counted from 0, goes on, and no batch of 3 sequences came before/); // prettier-ignore
    const before = bitsOf(await engine.readState());
    await expect(engine.trainStep({ ...first, carry: [0, 2, 0] }, 0.01)).rejects.toThrow(InputError);
    await expect(engine.trainStep({ ...first, carry: [0, 0] }, 0.01)).rejects.toThrow(/what is carried should be 3 numbers, got 2/); // prettier-ignore
    await expect(engine.evaluate({ ...first, carry: [1, 0, 0] })).rejects.toThrow(/goes on/);
    expect(bitsOf(await engine.readState())).toEqual(before);
    const last = await engineOf(choice, { ...SPEC, lossOn: 'last' });
    const batch = {
      ...randomBatch({ ...SPEC, lossOn: 'last' }, 3, STEPS, Random.stream(1, 'batch')),
      carry: [0, 0, 0],
    };
    await expect(last.trainStep(batch, 0.01)).rejects.toThrow(UsageError);
    await Promise.all([engine.dispose(), last.dispose()]);
  });
});

describe('a window of a single step', () => {
  it.each(ENGINES)('goes on from the one before: %s, threads %d', async (...choice) => {
    const data = new StreamDataset(SPEC, randomPieces(SPEC, [7, 5, 6], 3), 1);
    const [engine, one] = [await engineOf(choice, SPEC, 3, 1), float64Engine(SPEC, 1)];
    await one.writeParameters(await engine.readParameters());
    for (const batch of batchesOf(data, 3)) {
      const [found, expected] = [await engine.trainStep(batch, 0), await one.trainStep(batch, 0)];
      expect(found.loss).toBeCloseTo(expected.loss, 5);
      expect(found.gradientNorm).toBeCloseTo(expected.gradientNorm, 4);
    }
    await engine.dispose();
  });
});

describe('an engine that carries no states', () => {
  it('refuses batches that go on', async () => {
    const plain: ModelSpec = { ...smallSpec(), inputs: { categories: [], features: ['x'] }, heads: [{ name: 'x', kind: 'scalar', lossWeight: 1, positivePressure: 0 }] }; // prettier-ignore
    const engine = await engineOf(['gpu-cpu', 1], plain);
    const batch = { ...randomBatch(plain, 3, STEPS, Random.stream(1, 'batch')), carry: [0, 0, 0] };
    await expect(engine.trainStep(batch, 0.01)).rejects.toThrow(/The GPU engine does not carry states/);
    const held: Sequence[] = randomPieces(plain, [9], 1);
    await expect(evaluateDataset(engine, new StreamDataset(plain, held, STEPS))).rejects.toThrow(/--carry-state: the engine .* does not carry states/); // prettier-ignore
    await engine.dispose();
  });
});
