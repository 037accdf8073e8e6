import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CELL_KINDS, CELLS, gatesIn, type CellKind } from '../../../src/nn/cells/kinds.ts';
import {
  checkGradients,
  decodeCheckpoint,
  encodeCheckpoint,
  initialise,
  Network,
  parameterCount,
  ParameterSet,
  randomBatch,
  Stepper,
  summarise,
  Trainer,
  validateSpec,
  type Checkpoint,
  type ModelSpec,
} from '../../../src/nn/index.ts';
import { decays } from '../../../src/nn/spec.ts';
import { findNonFinite, locateNonFinite } from '../../../src/nn/diagnose.ts';
import { unknownToGpu } from '../../../src/nn/gpu/knowledge.ts';
import { bestSimdVariant, createKernels, HeapArena, Random, ReferenceKernels } from '../../../src/tensor/index.ts';
import { chainedSpec, smallSpec } from '../../support/model-specs.ts';
import { relativeError } from '../../support/tolerances.ts';
import { TOY_CONFIG, TOY_SPEC, toyData, toyEngine } from '../../support/toy-model.ts';

const withCell = (spec: ModelSpec, cell: CellKind): ModelSpec => ({ ...spec, lstm: { ...spec.lstm, cell } });

/** A network in float64 with random weights, laid out to be trained. */
function networkOf(spec: ModelSpec, batchSize: number, steps: number, kernels = new ReferenceKernels(new HeapArena('float64'))) {
  const [parameters, gradients] = [new ParameterSet(kernels.arena, spec), new ParameterSet(kernels.arena, spec)];
  initialise(parameters, Random.stream(3, 'init'));
  const training = { gradients, dropout: Random.stream(3, 'dropout') };
  return { kernels, parameters, gradients, network: new Network(kernels, spec, { batchSize, steps }, parameters, { training }) };
} // prettier-ignore

describe.each(CELL_KINDS)('a layer of the cell %s', (cell) => {
  const spec = withCell(smallSpec(), cell);

  it('has the gradients that differences give', () => {
    for (const [model, weightScale] of [[spec, 1], [spec, 4], [withCell(chainedSpec(), cell), 1]] as const) {
      for (const row of checkGradients(model, { batchSize: 2, steps: 4, seed: 1, samples: 40, weightScale })) {
        if (row.error > 1e-6) expect.fail(`${row.name}[${row.at}]: ${row.analytic} backward, ${row.numeric} by differences`);
      }
    }
  }); // prettier-ignore

  it('has them where gains, biases and peepholes are anything, not what they are at first', () => {
    const { parameters } = networkOf(spec, 1, 1);
    const random = Random.stream(6, 'batch');
    for (const each of parameters.specs.filter((one) => !decays(one))) {
      const { data } = parameters.get(each.name);
      for (let at = 0; at < data.length; at++) data[at] = random.normal();
    }
    for (const row of checkGradients(spec, { batchSize: 2, steps: 4, seed: 1, samples: 20, parameters: parameters.toArrays() })) {
      if (row.error > 1e-6) expect.fail(`${row.name}[${row.at}]: ${row.analytic} backward, ${row.numeric} by differences`);
    }
  }); // prettier-ignore

  it('runs two batches one after the other as it runs each alone: gradients are added, buffers cleared', () => {
    const batches = [1, 2].map((seed) => randomBatch(spec, 3, 4, Random.stream(seed, 'batch')));
    const run = (all: typeof batches): Float64Array => {
      const { network, gradients } = networkOf(spec, 3, 4);
      for (const batch of all) {
        network.load(batch);
        network.forward();
        network.losses();
        network.backward();
      }
      return Float64Array.from(gradients.flat.data);
    };
    const [first, second] = batches.map((batch) => run([batch]));
    expect(relativeError(run(batches), first.map((each, at) => each + second[at]))).toBeLessThan(1e-13);
  }); // prettier-ignore

  it.each(['reference', 'simd'])('steps with a carried state as it runs over the window, on %s kernels', (backend) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(1000), (steps, seed) => {
        const toy = withCell(TOY_SPEC, cell);
        const kernels = createKernels(backend);
        const parameters = new ParameterSet(kernels.arena, toy);
        initialise(parameters, Random.stream(seed, 'init'));
        const batch = randomBatch(toy, 1, steps, Random.stream(seed, 'batch'));
        const network = new Network(kernels, toy, { batchSize: 1, steps }, parameters);
        network.load(batch);
        network.forward();
        const stepper = new Stepper(toy, parameters.toArrays(), kernels);
        const taken = kernels.arena.bytes;
        for (let t = 0; t < steps; t++) {
          stepper.step([batch.categories[0][t]], [batch.features[t]]);
          const expected = network.layers[1].h.row(t + 1).data;
          expect(relativeError(stepper.hidden, expected)).toBeLessThan(2e-6);
        }
        expect(kernels.arena.bytes).toBe(taken);
      }),
      { numRuns: 20 },
    );
  });

  it('forgets a carried state when it is reset', () => {
    const stepper = new Stepper(spec, networkOf(spec, 1, 1).parameters.toArrays());
    stepper.step([1, 2], [0.5, -1]);
    const first = [...stepper.hidden];
    stepper.step([1, 2], [0.5, -1]);
    expect([...stepper.hidden]).not.toEqual(first);
    stepper.reset();
    stepper.step([1, 2], [0.5, -1]);
    expect([...stepper.hidden]).toEqual(first);
  });

  it('begins with a state of zeros without a product, and gives what the product with zeros gives', () => {
    const runs = [false, true].map((given) => {
      const { network, gradients, kernels } = networkOf(spec, 3, 4);
      const zeros = kernels.arena.tensor([3, spec.lstm.hiddenSize]);
      if (given) for (const layer of network.layers) layer.setState(...layer.states.map(() => zeros));
      network.load(randomBatch(spec, 3, 4, Random.stream(1, 'batch')));
      network.forward();
      const losses = network.losses();
      network.backward();
      return [...losses, ...gradients.flat.data];
    });
    expect(runs[1]).toEqual(runs[0]);
  });

  it('does not let what stands beyond the end of a sequence change its loss', () => {
    const batch = randomBatch(spec, 2, 5, Random.stream(4, 'batch'));
    const noise = randomBatch(spec, 2, 5, Random.stream(5, 'batch'));
    const lengths = [5, 3];
    // Sequence 1 ends after three steps: rows 7 and 9.
    const spoil = (own: ArrayLike<number>, other: ArrayLike<number>, width: number): number[] =>
      Array.from(own, (value, at) => ([7, 9].includes(Math.floor(at / width)) ? other[at] : value));
    const spoiled = {
      ...batch,
      lengths,
      categories: batch.categories.map((own, k) => spoil(own, noise.categories[k], 1)),
      features: spoil(batch.features, noise.features, 2),
    };
    const run = (one: typeof batch): number[] => {
      const { network, gradients } = networkOf(spec, 2, 5);
      network.load(one);
      network.forward();
      const losses = network.losses();
      network.backward();
      return [...losses, ...gradients.flat.data];
    };
    expect(spoiled.features).not.toEqual(Array.from(batch.features));
    expect(run(spoiled)).toEqual(run({ ...batch, lengths }));
  });

  it('trains on SIMD kernels, on one thread and on two, as on the reference', async () => {
    const dry = withCell({ ...TOY_SPEC, lstm: { ...TOY_SPEC.lstm, dropout: 0 } }, cell);
    const backends: [string, number][] = [['reference', 1], ['simd', 1], ['simd', 2]];
    const losses = await Promise.all(
      (bestSimdVariant() ? backends : backends.slice(0, 1)).map(async ([backend, threads]) => {
        const engine = await toyEngine(dry, backend, threads);
        const each: number[] = [];
        for (let step = 0; step < 6; step++) {
          each.push((await engine.trainStep(randomBatch(dry, 8, 6, Random.stream(step % 2, 'batch')), 0.01)).loss);
        }
        await engine.dispose();
        return each;
      }),
    );
    for (const other of losses.slice(1)) other.forEach((loss, step) => { expect(loss).toBeCloseTo(losses[0][step], 4); });
    expect(losses[0][4]).toBeLessThan(losses[0][0]);
  }); // prettier-ignore

  it('resumes from a checkpoint to the same bytes, dropout included', async () => {
    const toy = withCell(TOY_SPEC, cell);
    const train = async (maxSteps: number | null, from?: Uint8Array): Promise<Uint8Array> => {
      let last!: Uint8Array;
      const onCheckpoint = (kind: string, checkpoint: Checkpoint): void => {
        if (kind === 'last') last = encodeCheckpoint(checkpoint);
      };
      const config = { ...TOY_CONFIG, epochs: 3, maxSteps };
      const trainer = new Trainer(await toyEngine(toy), toyData(toy), config, { onCheckpoint });
      if (from) await trainer.resume(decodeCheckpoint(from));
      await trainer.run();
      return last;
    };
    const whole = await train(null);
    expect(await train(null, await train(5))).toEqual(whole);
    expect(decodeCheckpoint(whole).spec).toEqual(toy);
  });

  it('has weights that decay, which are its kernels; gains and biases do not, and begin at 1 and 0', () => {
    const { parameters } = networkOf(spec, 1, 1);
    const own = parameters.specs.filter(({ name }) => name.startsWith(CELLS[cell].prefix));
    for (const each of own) expect([each.name, decays(each)]).toEqual([each.name, each.name.endsWith('kernel')]);
    for (const { name, initializer } of own.filter((each) => !decays(each) && each.initializer !== 'forget')) {
      const first = name.endsWith('gain') ? 1 : 0;
      expect([name, initializer]).toEqual([name, first === 1 ? 'ones' : 'zeros']);
      expect(new Set(parameters.get(name).data)).toEqual(new Set([first]));
    }
  });

  it('is summarised under its name, with all parameters', () => {
    const rows = summarise(spec);
    const layers = rows.filter(({ type }) => type === CELLS[cell].title);
    expect(layers.map(({ name }) => name)).toEqual([0, 1].map((layer) => `${CELLS[cell].prefix}.${layer}`));
    expect(rows.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(parameterCount(spec));
  });

  it('names the part of a layer in which a number is not finite', () => {
    const { network, parameters, gradients } = networkOf(spec, 2, 3);
    const names = parameters.specs.map(({ name }) => name).filter((name) => name.startsWith(CELLS[cell].prefix));
    network.load(randomBatch(spec, 2, 3, Random.stream(1, 'batch')));
    for (const name of names) {
      const { data } = parameters.get(name);
      const kept = data[data.length - 1];
      data[data.length - 1] = NaN;
      const layer = name.slice(0, name.lastIndexOf('.'));
      const gate = gatesIn(name)?.at(-1);
      expect(locateNonFinite(network, parameters, gradients)).toEqual({ stage: 'parameters', layer, ...(gate && { gate }) });
      data[data.length - 1] = kept;
    }
    network.forward();
    const layer = `${CELLS[cell].prefix}.1`;
    network.layers[1].h.row(3).data[0] = NaN;
    expect(findNonFinite(network, parameters)).toEqual({ stage: 'forward', layer, gate: 'h', timeStep: 2 });
    network.layers[1].gates.row(1).data[0] = NaN;
    const gate = CELLS[cell].gates[0] || 'h';
    expect(findNonFinite(network, parameters)).toEqual({ stage: 'forward', layer, gate, timeStep: 1 });
  }); // prettier-ignore

  it('is known to the GPU if it is the LSTM, and else refused by name', () => {
    expect(unknownToGpu(spec)).toEqual(cell === 'lstm' ? [] : [`layers of ${CELLS[cell].title}`]);
  });
});

describe('the cell of a model', () => {
  it('is the LSTM unless it is said', () => {
    const names = (spec: ModelSpec): string[] => networkOf(spec, 1, 1).parameters.specs.map(({ name }) => name);
    expect(names(withCell(smallSpec(), 'lstm'))).toEqual(names(smallSpec()));
  });

  it('is refused when there is none of that name', () => {
    expect(() => validateSpec(withCell(smallSpec(), 'lsmt' as CellKind))).toThrow(/lstm\.cell: expected one of lstm, .*, rnn, got "lsmt"/);
  }); // prettier-ignore
});

interface GoldenCells {
  hidden: number;
  layers: number;
  batch: number;
  steps: number;
  inputs: number[];
  wanted: number[];
  cases: {
    cell: CellKind;
    outputs: number[];
    loss: number;
    weights: Record<string, number[]>;
    gradients: Record<string, number[]>;
  }[];
}

describe('PyTorch', () => {
  const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/cells.json'), 'utf8')) as GoldenCells;

  it.each(golden.cases)('has the same outputs, loss and gradients of two layers of $cell', (given) => {
    const spec: ModelSpec = {
      inputs: { categories: [], features: ['x', 'y'] },
      lstm: { layers: golden.layers, hiddenSize: golden.hidden, dropout: 0, cell: given.cell },
      heads: [{ name: 'out', kind: 'scalar', lossWeight: 1, positivePressure: 0 }],
      lossOn: 'all',
    };
    const { network, parameters, gradients } = networkOf(spec, golden.batch, golden.steps);
    expect(Object.keys(given.weights).sort()).toEqual(parameters.specs.map(({ name }) => name).sort());
    for (const [name, { data }] of parameters.entries()) data.set(given.weights[name]);
    network.load({
      size: golden.batch,
      steps: golden.steps,
      categories: [],
      features: golden.inputs,
      targets: { out: golden.wanted },
    });
    network.forward();
    expect(relativeError(network.layers[1].output.data, given.outputs)).toBeLessThan(1e-12);
    expect(network.losses()[0]).toBeCloseTo(given.loss, 12);
    network.backward();
    for (const [name, { data }] of gradients.entries()) {
      expect(relativeError(data, given.gradients[name]), name).toBeLessThan(1e-12);
    }
  });
});
