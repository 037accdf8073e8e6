import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkGradients,
  foldEmbeddings,
  Network,
  ParameterSet,
  parameterCount,
  parameterSpecs,
  Stepper,
  UsageError,
  validateSpec,
  type ModelSpec,
} from '../../src/nn/index.ts';
import { createKernels, HeapArena, Random, ReferenceKernels } from '../../src/tensor/index.ts';
import { seed } from '../support/generators.ts';
import { anySequenceShape, anySpec, chainedSpec } from '../support/model-specs.ts';
import { naiveForward } from '../support/naive-lstm.ts';
import { runBackward, trainableNetwork } from '../support/networks.ts';
import { expectWithin } from '../support/tolerances.ts';
import { randomSequence, randomWeights } from './probe/random-models.ts';

const softmax = (logits: readonly number[]): number[] => {
  const sum = logits.reduce((all, logit) => all + Math.exp(logit), 0);
  return logits.map((logit) => Math.exp(logit) / sum);
};

describe('heads that read each other', () => {
  it('give a distribution over whole notes: the probabilities of all triples add up to 1', () => {
    const spec = chainedSpec();
    const stepper = new Stepper(spec, randomWeights(spec, 3));
    stepper.step([2, 1], []);
    let total = 0;
    softmax([...stepper.output(0)]).forEach((p, step) => {
      stepper.choose(0, step);
      softmax([...stepper.output(1)]).forEach((q, pitch) => {
        stepper.choose(1, pitch);
        for (const r of softmax([...stepper.output(2)])) total += p * q * r;
      });
    });
    expect(total).toBeCloseTo(1, 5);
  });

  it('say something else when another class was drawn, and the same again for the first', () => {
    const spec = chainedSpec();
    const stepper = new Stepper(spec, randomWeights(spec, 4));
    stepper.step([0, 0], []);
    stepper.choose(0, 1);
    const first = [...stepper.output(1)];
    stepper.choose(0, 2);
    expect([...stepper.output(1)]).not.toEqual(first);
    stepper.choose(0, 1);
    expect([...stepper.output(1)]).toEqual(first);
  });

  it('are refused an answer before what they read is chosen, in a sentence that says how', () => {
    const spec = chainedSpec();
    const stepper = new Stepper(spec, randomWeights(spec, 5));
    stepper.step([0, 0], []);
    expect(() => stepper.output(1)).toThrow(/"pitch" reads "step".*choose\(0/);
    stepper.choose(0, 3);
    stepper.output(1);
    stepper.step([1, 1], []);
    expect(() => stepper.output(1), 'a step forgets what was chosen').toThrow(UsageError);
    expect(() => { stepper.choose(0, 4); }).toThrow(/0 to 3/); // prettier-ignore
  });

  it('judge in training by what should have been said, as the stepper does when told', () => {
    const spec = chainedSpec();
    const weights = randomWeights(spec, 6);
    const sequence = randomSequence(spec, 5, 6);
    const kernels = createKernels('reference');
    const parameters = new ParameterSet(kernels.arena, spec);
    parameters.fromArrays(weights);
    const network = new Network(kernels, spec, { batchSize: 1, steps: 5 }, parameters);
    network.load({ size: 1, steps: 5, ...sequence });
    network.forward();
    const stepper = new Stepper(spec, weights, createKernels('reference'));
    for (let t = 0; t < 5; t++) {
      stepper.step(sequence.categories.map((classes) => classes[t]), []); // prettier-ignore
      network.heads.forEach(({ out }, head) => {
        expectWithin(`head ${head} at ${t}`, stepper.output(head), out.row(t).data, () => 2e-6);
        stepper.choose(head, sequence.targets[spec.heads[head].name][t]);
      });
    }
  });

  it('begin with tables of zeros: at first nothing but the relu layer tells one class from another', () => {
    const specs = parameterSpecs(chainedSpec());
    expect(specs.filter(({ name }) => name.includes('.from.')).map(({ name, initializer }) => [name, initializer])).toEqual([
      ['heads.pitch.from.step', 'zeros'],
      ['heads.pitch.hidden.from.step', 'normal'],
      ['heads.duration.from.step', 'zeros'],
      ['heads.duration.from.pitch', 'zeros'],
      ['heads.duration.hidden.from.step', 'normal'],
      ['heads.duration.hidden.from.pitch', 'normal'],
    ]); // prettier-ignore
    expect(parameterCount(chainedSpec())).toBe(
      // embeddings, LSTM, heads in the order of drawing
      6 * 3 + 4 * 3 + (3 + 4 + 1) * 16 + (4 * 4 + 4) + (4 * 6 + 6 + 4 * 6 + 4 * 5 + 5 + 4 * 5 + 5 * 6) +
        (4 * 3 + 3 + (4 + 6) * 3 + 4 * 5 + 5 + (4 + 6) * 5 + 5 * 3), // prettier-ignore
    );
  });
});

describe('the gradients of embedded inputs and chained heads', () => {
  it.each([
    ['added up', {}],
    ['joined', { combine: 'join' as const }],
    ['with dropout', { dropout: 0.4 }],
    ['beside features and a one-hot input', { features: ['x'], categories: [{ name: 'a', size: 3 }, { name: 'b', size: 4, width: 3 }] }],
  ])('agree with differences, inputs %s', (_, inputs) => {
    const rows = checkGradients(chainedSpec(inputs), { batchSize: 3, steps: 4, seed: 7, samples: 40 });
    for (const { name, error } of rows) expect(error, name).toBeLessThan(1e-6);
    expect(rows.map(({ name }) => name)).toEqual(parameterSpecs(chainedSpec(inputs)).map(({ name }) => name));
  }); // prettier-ignore

  it.each([
    ['added up', {}],
    ['joined', { combine: 'join' as const }],
    ['joined, of several widths', { combine: 'join' as const, categories: [{ name: 'a', size: 3, width: 2 }, { name: 'b', size: 4, width: 5 }] }],
  ])('are of a network that computes what a textbook does, inputs %s', (_, inputs) => {
    const spec = chainedSpec(inputs);
    const { network, parameters, batch } = trainableNetwork(spec, { batchSize: 2, steps: 3 }, 10);
    network.forward();
    const sequences = [0, 1].map((b) => naiveForward(spec, parameters, batch, b));
    network.heads.forEach(({ out }, head) => {
      const expected = [0, 1, 2].flatMap((t) => sequences.flatMap((sequence) => sequence[t][head]));
      expectWithin(`head ${head}`, out.data, expected, () => 1e-12);
    });
  }); // prettier-ignore

  it('drop parts of the input in training only', () => {
    const spec = chainedSpec({ dropout: 0.5 });
    const trained = trainableNetwork(spec, { batchSize: 4, steps: 5 }, 8);
    const plain = trainableNetwork(chainedSpec(), { batchSize: 4, steps: 5 }, 8);
    const dropped = runBackward(trained);
    const intact = runBackward(plain);
    expect(dropped).not.toEqual(intact);
    trained.network.forward(false);
    expect(trained.network.losses()).toEqual(intact);
  });
});

describe('folded embeddings', () => {
  it('are the same network with one-hot inputs, for any architecture', () => {
    fc.assert(
      fc.property(anySpec, anySequenceShape, seed, (spec, shape, s) => {
        const { network, parameters, batch } = trainableNetwork(withoutDropout(spec), shape, s);
        const rounded = parameters.toArrays();
        parameters.fromArrays(rounded);
        network.forward();
        const folded = foldEmbeddings({ spec, parameters: rounded });
        expect(folded.spec.inputs.categories.every(({ width }) => width === undefined)).toBe(true);
        const kernels = new ReferenceKernels(new HeapArena('float64'));
        const set = new ParameterSet(kernels.arena, folded.spec);
        set.fromArrays(folded.parameters);
        const other = new Network(kernels, folded.spec, shape, set);
        other.load(batch);
        other.forward();
        network.heads.forEach(({ out }, head) => {
          expectWithin(`head ${head}`, other.heads[head].out.data, out.data, () => 1e-11);
        });
      }),
    );
  });

  it('leave a model without embeddings as it is', () => {
    const spec = chainedSpec({ categories: [{ name: 'pitch', size: 6 }] });
    const parameters = randomWeights(spec, 9);
    expect(foldEmbeddings({ spec, parameters })).toEqual({ spec, parameters });
  });
});

describe('an architecture is refused', () => {
  const broken = (change: (spec: ModelSpec) => void): ModelSpec => {
    const spec = structuredClone(chainedSpec());
    change(spec);
    return spec;
  };

  it.each<[string, RegExp, (spec: ModelSpec) => void]>([
    ['a head that reads one after it', /heads step: it reads "pitch".*there are none/, (s) => (s.heads[0].reads = ['pitch'])],
    ['a head that reads itself', /heads pitch: it reads "pitch".*step/, (s) => (s.heads[1].reads = ['pitch'])],
    ['a head read twice', /the name "step" stands there twice/, (s) => (s.heads[1].reads = ['step', 'step'])],
    ['a number that is read', /only categorical heads/, (s) => { s.heads[0] = { name: 'step', kind: 'scalar', lossWeight: 1, positivePressure: 0 }; }],
    ['no hidden units', /hidden: expected a whole number from 1/, (s) => (s.heads[1].hidden = 0)],
    ['sums of several widths', /one width, got 3 and 2/, (s) => (s.inputs.categories[1].width = 2)],
    ['an unknown combination', /"sum" or "join"/, (s) => (s.inputs.combine = 'mean' as 'sum')],
    ['dropout of everything', /inputs.dropout: expected a number from 0/, (s) => (s.inputs.dropout = 1)],
    ['dropout of nothing', /inputs.dropout: it drops parts/, (s) => { s.inputs.dropout = 0.1; s.inputs.categories.forEach((c) => { delete c.width; }); }],
  ])('%s', (_, message, change) => {
    expect(() => validateSpec(broken(change))).toThrow(message);
  }); // prettier-ignore

  it('but not embeddings of several widths that are joined', () => {
    expect(() => validateSpec(broken((s) => { s.inputs.combine = 'join'; s.inputs.categories[1].width = 2; }))).not.toThrow(); // prettier-ignore
  });
});

describe('threads and resumed runs', () => {
  it('train such a model as one thread does, and go on bit for bit', async () => {
    const { createEngine, randomBatch } = await import('../../src/nn/index.ts');
    const spec = chainedSpec({ dropout: 0.2 });
    const engine = (threads: number) =>
      createEngine(spec, {
        backend: 'simd',
        threads,
        batchSize: 8,
        steps: 6,
        optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7, clipNorm: 1 },
        init: Random.stream(1, 'init'),
        dropout: Random.stream(1, 'dropout'),
      });
    const batches = Array.from({ length: 4 }, (_, k) => randomBatch(spec, 8, 6, Random.stream(k, 'batch')));
    const [whole, broken, resumed] = [await engine(2), await engine(2), await engine(2)];
    for (const batch of batches) await whole.trainStep(batch, 0.01);
    for (const batch of batches.slice(0, 2)) await broken.trainStep(batch, 0.01);
    await resumed.writeState(await broken.readState());
    for (const batch of batches.slice(2)) await resumed.trainStep(batch, 0.01);
    expect(await resumed.readState()).toEqual(await whole.readState());
    await Promise.all([whole, broken, resumed].map((each) => each.dispose()));
    // Without dropout, whose masks are drawn thread by thread, the parts add up to the whole batch.
    const losses = await Promise.all(
      [1, 2].map(async (threads) => {
        const plain = await createEngine(chainedSpec(), { backend: 'simd', threads, batchSize: 8, steps: 6, optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7, clipNorm: 1 }, init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') }); // prettier-ignore
        const results = [];
        for (const batch of batches) results.push((await plain.trainStep(batch, 0.01)).losses);
        await plain.dispose();
        return results.flat();
      }),
    );
    expectWithin('losses', losses[1], losses[0], () => 1e-5);
  });
});

function withoutDropout(spec: ModelSpec): ModelSpec {
  return { ...spec, inputs: { ...spec.inputs, dropout: 0 }, lstm: { ...spec.lstm, dropout: 0 } };
}
