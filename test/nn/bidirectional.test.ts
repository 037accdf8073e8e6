import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { CELL_KINDS, CELLS, gatesIn } from '../../src/nn/cells/kinds.ts';
import { findNonFinite, locateNonFinite } from '../../src/nn/diagnose.ts';
import { InputError } from '../../src/nn/errors.ts';
import { unknownToGpu } from '../../src/nn/gpu/knowledge.ts';
import {
  checkGradients,
  decodeCheckpoint,
  encodeCheckpoint,
  evaluateDataset,
  foldEmbeddings,
  initialise,
  parameterCount,
  parameterSpecs,
  ProbedModel,
  randomBatch,
  SequenceDataset,
  Stepper,
  summarise,
  Trainer,
  validateSpec,
  WindowDataset,
  WindowRunner,
  type Asked,
  type Batch,
  type Checkpoint,
  type ModelSpec,
  type NamedArrays,
  type Sequence,
} from '../../src/nn/index.ts';
import { bestSimdVariant, Random } from '../../src/tensor/index.ts';
import { chainedSpec, smallSpec } from '../support/model-specs.ts';
import { trainableNetwork } from '../support/networks.ts';
import { asAsked, batchOf, oneByOne, passed, randomSequences } from '../support/ragged.ts';
import { TOY_CONFIG, TOY_SPEC, TOY_STEPS, toyEngine, toySequence } from '../support/toy-model.ts';

const bothWays = (spec: ModelSpec, lstm: Partial<ModelSpec['lstm']> = {}): ModelSpec => {
  return validateSpec({ ...spec, lstm: { ...spec.lstm, ...lstm, bidirectional: true }, evaluateOn: spec.lossOn });
};
const ASKED = ['steps', 'ends'] as const satisfies Asked[];
const EVERY_WAY = CELL_KINDS.flatMap((cell) => ASKED.map((asked) => [cell, asked] as const));
const LENGTHS = [4, 1, 3, 2];

const askedBatch = (spec: ModelSpec, lengths: readonly number[], asked: Asked, seed: number): Batch =>
  batchOf(new SequenceDataset(spec, randomSequences(spec, lengths, seed).map((one) => asAsked(one, asked)), asked)); // prettier-ignore

const networkOf = (spec: ModelSpec, batchSize: number, steps: number) =>
  trainableNetwork(spec, { batchSize, steps }, 3);
const networkWith = (spec: ModelSpec, batchSize: number, steps: number, given: NamedArrays) => {
  const { network, parameters } = networkOf(spec, batchSize, steps);
  parameters.fromArrays(given);
  return network;
};

describe('the parameters of bidirectional layers', () => {
  it('are those of two cells, of which the next layer and the heads read both', () => {
    const spec = bothWays(smallSpec(), { layers: 2, hiddenSize: 4, widths: [6, 4], cell: 'gru' });
    const shapes = Object.fromEntries(parameterSpecs(spec).map(({ name, shape }) => [name, shape]));
    expect(shapes).toMatchObject({
      'gru.0.kernel': [10, 18],
      'gru.0.reverse.kernel': [10, 18],
      'gru.1.kernel': [12, 12],
      'gru.1.recurrent_kernel': [4, 8],
      'gru.1.reverse.kernel': [12, 12],
      'gru.1.reverse.candidate_bias': [4],
      'heads.pitch.kernel': [8, 5],
    });
    const rows = summarise(spec);
    expect(rows.flatMap(({ type, outputShape, note }) => (type === 'GRU' ? [[outputShape.at(-1), note]] : []))).toEqual([
      [12, 'both directions, 6 units each'],
      [8, 'both directions, 4 units each'],
    ]);
    expect(rows.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(parameterCount(spec));
  }); // prettier-ignore

  it('begin as those of a cell do, and have its gates', () => {
    const { parameters: weights } = networkOf(bothWays(smallSpec()), 1, 1);
    initialise(weights, Random.stream(3, 'init'));
    for (const place of ['0', '0.reverse']) {
      expect([...weights.get(`lstm.${place}.bias`).data]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
    expect(weights.get('lstm.0.reverse.kernel').data).not.toEqual(weights.get('lstm.0.kernel').data);
    expect(gatesIn('gru.1.reverse.recurrent_kernel')).toEqual(['r', 'z']);
    expect(gatesIn('lstm.0.reverse.cell_gain')).toBeUndefined();
  });

  it('are saved under their names', () => {
    const spec = bothWays(smallSpec(), { cell: 'lstm-norm' });
    const parameters = networkOf(spec, 1, 1).parameters.toArrays();
    expect(decodeCheckpoint(encodeCheckpoint({ spec, parameters, extra: {} }))).toEqual({ spec, parameters, extra: {} });
  }); // prettier-ignore

  it('may have embeddings folded into both kernels', () => {
    const spec = bothWays(chainedSpec());
    const parameters = networkOf(spec, 1, 1).parameters.toArrays();
    const batch = askedBatch(spec, LENGTHS, 'steps', 2);
    const folded = foldEmbeddings({ spec, parameters });
    const outs = [{ spec, parameters }, folded].map((model) => {
      const network = networkWith(model.spec, 4, 4, model.parameters as NamedArrays);
      network.load(batch);
      network.forward();
      return network.heads[2].out.data;
    });
    expect(Object.keys(folded.parameters)).not.toContain('embeddings.pitch');
    outs[0].forEach((each: number, at: number) => { expect(outs[1][at]).toBeCloseTo(each, 12); });
  }); // prettier-ignore
});

describe.each(EVERY_WAY)('bidirectional layers of %s, asked at: %s', (cell, asked) => {
  const models = [bothWays(smallSpec(), { cell }), bothWays(chainedSpec(), { cell })];

  it('have the gradients that differences give, ragged, with dropout of inputs and outputs and different widths', () => {
    const dropped = bothWays(smallSpec(), { cell, dropout: 0.3, layers: 2, widths: [3, 4] });
    const joined = bothWays(chainedSpec({ combine: 'join', dropout: 0.3, features: ['x'] }), { cell });
    for (const spec of [...models, dropped, joined]) {
      const batch = askedBatch(spec, LENGTHS, asked, 1);
      for (const row of checkGradients(spec, { batchSize: 4, steps: 4, seed: 1, samples: 12, batch })) {
        if (row.error > 1e-6) expect.fail(`${row.name}[${row.at}]: ${row.analytic} backward, ${row.numeric} by differences`);
      }
    }
  }); // prettier-ignore

  it('give for sequences of several lengths what they give one by one', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.constantFrom(...models), lengths, fc.nat(1000), (spec, all, seed) => {
        const together = passed(spec, askedBatch(spec, all, asked, seed), seed);
        const alone = oneByOne(spec, randomSequences(spec, all, seed), asked, seed, all.map(() => 1)); // prettier-ignore
        alone.losses.forEach((loss, head) => { expect(together.losses[head]).toBeCloseTo(loss, 10); }); // prettier-ignore
        alone.gradient.forEach((each, at) => { expect(together.gradient[at]).toBeCloseTo(each, 10); }); // prettier-ignore
      }),
      { numRuns: 10 },
    );
  });

  it('say what two networks say that read in one direction each', () => {
    const spec = bothWays({ ...smallSpec(), heads: smallSpec().heads.slice(0, 1) }, { cell, layers: 1 });
    const lstm = { ...spec.lstm, bidirectional: undefined };
    const parameters = networkOf(spec, 1, 1).parameters.toArrays();
    const [sequence] = randomSequences(spec, [5], 4);
    const turned = (values: ArrayLike<number>, width = 1): number[] =>
      Array.from(values, (_, at) => values[(4 - Math.floor(at / width)) * width + (at % width)]);
    const backwards = { ...sequence, categories: sequence.categories.map((each) => turned(each)), features: turned(sequence.features, 2) };
    const logits = (place: string, half: 'first' | 'second', read: typeof sequence | typeof backwards): number[][] => {
      const { prefix } = CELLS[cell];
      const kernel = parameters['heads.pitch.kernel'];
      const own = parameterSpecs({ ...spec, lstm }).map(({ name }) => [name, parameters[name.replace(`${prefix}.0`, `${prefix}.${place}`)]]);
      const network = networkWith({ ...spec, lstm }, 1, 5, {
        ...Object.fromEntries(own),
        'heads.pitch.kernel': half === 'first' ? kernel.subarray(0, 20) : kernel.subarray(20),
        ...(half === 'second' && { 'heads.pitch.bias': new Float32Array(5) }),
      });
      network.load({ size: 1, steps: 5, categories: read.categories, features: read.features });
      network.forward();
      const { data } = network.heads[0].out;
      return Array.from({ length: 5 }, (_, t) => [...data.subarray(5 * t, 5 * t + 5)]);
    };
    const [there, back] = [logits('0', 'first', sequence), logits('0.reverse', 'second', backwards)];
    const network = networkWith(spec, 1, 5, parameters);
    network.load({ size: 1, steps: 5, categories: sequence.categories, features: sequence.features, ...(asked === 'ends' && { asked }) });
    network.forward();
    for (const t of asked === 'ends' ? [4] : [0, 1, 2, 3, 4]) {
      // At its end the backward cell has read all; beside step t it has read from the end to t.
      const other = back[asked === 'ends' ? 4 : 4 - t];
      for (let k = 0; k < 5; k++) expect(network.heads[0].out.data[5 * t + k]).toBeCloseTo(there[t][k] + other[k], 12);
    }
  }); // prettier-ignore

  it('do not care what stands beyond the ends', () => {
    const [spec] = models;
    const batch = askedBatch(spec, LENGTHS, asked, 1);
    const noise = randomBatch(spec, 4, 4, Random.stream(9, 'batch'));
    const mixed = (own: ArrayLike<number>, other: ArrayLike<number>, width: number): number[] =>
      Array.from(own, (value, at) => (Math.floor(at / width / 4) >= LENGTHS[Math.floor(at / width) % 4] ? other[at] : value));
    const categories = batch.categories.map((own, k) => mixed(own, noise.categories[k], 1));
    const spoiled = { ...batch, categories, features: mixed(batch.features, noise.features, 2) };
    expect(spoiled).not.toEqual(batch);
    expect(passed(spec, spoiled, 4)).toEqual(passed(spec, batch, 4));
  }); // prettier-ignore

  it('train on SIMD kernels, on one thread and on three, as on the reference', async () => {
    const spec = bothWays(TOY_SPEC, { cell, dropout: 0 });
    const backends: [string, number][] = [['reference', 1], ['simd', 1], ['simd', 3]];
    const data = new SequenceDataset(spec, randomSequences(spec, [6, 1, 4, 3, 6, 2, 5, 3], 2).map((one) => asAsked(one, asked)), asked);
    const runs = await Promise.all(
      (bestSimdVariant() ? backends : backends.slice(0, 1)).map(async ([backend, threads]) => {
        const engine = await toyEngine(spec, backend, threads);
        const losses: number[] = [];
        for (let step = 0; step < 5; step++) losses.push((await engine.trainStep(batchOf(data), 0.01)).loss);
        losses.push(...(await evaluateDataset(engine, data)));
        await engine.dispose();
        return losses;
      }),
    );
    for (const other of runs.slice(1)) other.forEach((loss, at) => { expect(loss).toBeCloseTo(runs[0][at], 4); });
    expect(runs[0][4]).toBeLessThan(runs[0][0]);
  }); // prettier-ignore
});

describe('bidirectional layers', () => {
  it('take one answer a window where the loss looks at the last step: the backward cell has read all of it', () => {
    const last = bothWays(smallSpec({ lossOn: 'last' }));
    for (const { name, error } of checkGradients(last, { batchSize: 2, steps: 4, seed: 1, samples: 20 })) {
      expect(error, name).toBeLessThan(1e-6);
    }
    const batch = randomBatch(last, 3, 4, Random.stream(2, 'batch'));
    const targets = Object.fromEntries(Object.entries(batch.targets!).map(([name, each]) => [name, Array.from({ length: 12 }, (_, row) => (row < 9 ? 0 : each[row - 9]))]));
    const ends = passed(bothWays(smallSpec()), { ...batch, targets, asked: 'ends' }, 5);
    const { losses, gradient } = passed(last, batch, 5);
    losses.forEach((loss, head) => { expect(loss).toBeCloseTo(ends.losses[head], 12); });
    gradient.forEach((each, at) => { expect(each).toBeCloseTo(ends.gradient[at], 12); });
  }); // prettier-ignore

  it.each(ASKED)('forget how the batch before was read (asked at: %s)', (asked) => {
    const spec = bothWays(smallSpec());
    const { network, gradients } = networkOf(spec, 4, 4);
    const run = (batch: Batch): number[] => {
      network.load(batch);
      network.forward();
      const losses = network.losses();
      gradients.flat.data.fill(0);
      network.backward();
      return [...losses, ...gradients.flat.data];
    };
    const batch = askedBatch(spec, LENGTHS, asked, 1);
    const first = run(batch);
    run(askedBatch(spec, [4, 4, 4, 4], asked === 'ends' ? 'steps' : 'ends', 2));
    expect(run(batch)).toEqual(first);
  });

  it('refuse a length that cannot be before they read by it, with targets and without', () => {
    const spec = bothWays(smallSpec());
    const { network } = networkOf(spec, 2, 3);
    const { targets, ...batch } = { ...randomBatch(spec, 2, 3, Random.stream(1, 'batch')), lengths: [4, 1] };
    expect(() => { network.load(batch); }).toThrow(InputError);
    expect(() => { network.load({ ...batch, targets }); }).toThrow(/length of sequence 0.*from 1 to 3, got 4/);
  }); // prettier-ignore

  it.each(CELL_KINDS)('of %s name the cell and the step of the sequence where a number is not finite', (cell) => {
    const spec = bothWays(smallSpec(), { cell });
    const { network, parameters: weights, gradients } = networkOf(spec, 4, 4);
    const { prefix, gates } = CELLS[cell];
    network.load(askedBatch(spec, LENGTHS, 'ends', 1));
    for (const { name } of weights.specs.filter((each) => each.name.startsWith(`${prefix}.1.reverse`))) {
      const { data } = weights.get(name);
      const kept = data[data.length - 1];
      data[data.length - 1] = NaN;
      const gate = gatesIn(name)?.at(-1);
      expect(locateNonFinite(network, weights, gradients)).toEqual({ stage: 'parameters', layer: `${prefix}.1.reverse`, ...(gate && { gate }) });
      data[data.length - 1] = kept;
    }
    network.forward();
    // The second step that is read of sequence 2, which has three: its middle. And of sequence 0, which has four: its third.
    network.layers[3].h.row(2).row(2).data[0] = NaN;
    expect(findNonFinite(network, weights)).toEqual({ stage: 'forward', layer: `${prefix}.1.reverse`, gate: 'h', timeStep: 1 });
    network.layers[3].gates.row(1).row(0).data[0] = NaN;
    expect(findNonFinite(network, weights)).toEqual({ stage: 'forward', layer: `${prefix}.1.reverse`, gate: gates[0] || 'h', timeStep: 2 });
    network.layers[2].h.row(4).data[0] = NaN;
    expect(findNonFinite(network, weights)).toEqual({ stage: 'forward', layer: `${prefix}.1`, gate: 'h', timeStep: 3 });
  }); // prettier-ignore

  it('resume from a checkpoint to the same bytes, with dropout, accumulated batches and an average of the weights', async () => {
    const spec = bothWays(TOY_SPEC);
    const lengths = [6, 1, 4, 3, 6, 2, 5, 3, 2, 6, 4, 1, 3, 5, 6, 2, 1, 4, 3, 2, 5, 6, 3, 1];
    const train = async (maxSteps: number | null, from?: Uint8Array): Promise<Uint8Array> => {
      let last!: Uint8Array;
      const onCheckpoint = (kind: string, checkpoint: Checkpoint): void => {
        if (kind === 'last') last = encodeCheckpoint(checkpoint);
      };
      const data = new SequenceDataset(spec, randomSequences(spec, lengths, 1), 'steps', { steps: TOY_STEPS });
      const config = { ...TOY_CONFIG, batchSize: 4, accumulate: 2, ema: 0.9, epochs: 3, maxSteps };
      const trainer = new Trainer(await toyEngine(spec), { train: data, validation: data }, config, { onCheckpoint });
      if (from) await trainer.resume(decodeCheckpoint(from));
      await trainer.run();
      return last;
    };
    const whole = await train(null);
    expect(await train(null, await train(4))).toEqual(whole);
    expect(decodeCheckpoint(whole).spec).toEqual(spec);
  });

  it.each([true, undefined])('learn what comes later, which one direction cannot (bidirectional: %s)', async (bidirectional) => {
    // Every step is to be labelled with the last symbol of its sequence: chance is one half at all steps but the last.
    const spec: ModelSpec = {
      inputs: { categories: [{ name: 'symbol', size: 2 }], features: [] },
      lstm: { layers: 1, hiddenSize: 8, dropout: 0, ...(bidirectional && { bidirectional }) },
      heads: [{ name: 'last', kind: 'categorical', size: 2, lossWeight: 1 }],
      lossOn: 'all',
      evaluateOn: 'all',
    };
    const random = Random.stream(4, 'symbols');
    const sequences = Array.from({ length: 64 }, (): Sequence => {
      const symbols = Array.from({ length: 2 + random.integer(5) }, () => random.integer(2));
      const targets = { last: symbols.map((_, t) => (t === 0 ? symbols.at(-1)! : -1)) };
      return { length: symbols.length, categories: [symbols], features: [], targets };
    });
    const data = new SequenceDataset(spec, sequences, 'steps', { steps: TOY_STEPS });
    const engine = await toyEngine(spec);
    await new Trainer(engine, { train: data }, { ...TOY_CONFIG, epochs: 25, learningRate: 0.03 }).run();
    const [loss] = await evaluateDataset(engine, data);
    if (bidirectional) expect(loss).toBeLessThan(0.05);
    else expect(loss).toBeGreaterThan(0.6);
  }); // prettier-ignore
});

describe('bidirectional models are refused with the reason', () => {
  const spec = bothWays(smallSpec());
  const { network, parameters: weights } = networkOf(spec, 1, 2);
  const parameters = weights.toArrays();

  it.each<[string, () => unknown]>([
    ['stepper', () => new Stepper(spec, parameters)],
    ['window runner', () => new WindowRunner(spec, parameters, 3)],
    ['probe', () => new ProbedModel(spec, parameters)],
    ['network: carried states', () => { network.carryState(); }],
  ])('by the %s', (who, make) => {
    expect(make).toThrow(UsageError);
    expect(make).toThrow(`${who}: this model is bidirectional: it reads each sequence from its end`);
  }); // prettier-ignore

  it('by the GPU', async () => {
    expect(unknownToGpu(bothWays(smallSpec({ lossOn: 'last' })))).toEqual(['bidirectional layers']);
    await expect(toyEngine(bothWays(TOY_SPEC), 'gpu-cpu')).rejects.toThrow(/bidirectional layers/);
  });

  it('by windows that ask each step for what follows it, which it has read', () => {
    const make = (lossOn: 'last' | 'all'): WindowDataset => new WindowDataset(bothWays({ ...TOY_SPEC, lossOn }), [toySequence(20)], 5); // prettier-ignore
    expect(() => make('all')).toThrow(UsageError);
    expect(() => make('all')).toThrow(/^windows: each step is asked for what follows it, .* SequenceDataset/);
    expect(make('last').size).toBe(15);
  });

  it('where they are asked for in a way that cannot be', () => {
    const lstm = { ...smallSpec().lstm, bidirectional: 'yes' as unknown as true };
    expect(() => validateSpec({ ...smallSpec(), lstm })).toThrow(/lstm\.bidirectional: expected true, or nothing, got "yes"/);
    const judged = { ...smallSpec({ lossOn: 'last', lstm: { bidirectional: true } }), evaluateOn: 'all' as const };
    expect(() => validateSpec(judged)).toThrow(/evaluateOn: a bidirectional model .* expected "last", as lossOn, got "all"/);
  }); // prettier-ignore
});
