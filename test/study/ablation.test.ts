import { describe, expect, it } from 'vitest';
import { stretchesOf } from '../../src/study/ablation-study.ts';
import { ablatedLosses, type Variant } from '../../src/study/ablation.ts';
import {
  parameterSpecs,
  ProbedModel,
  recordSequence,
  type ModelSpec,
  type NamedArrays,
  type Sequence,
} from '../../src/nn/index.ts';
import { createKernels, Random } from '../../src/tensor/index.ts';
import { bitSequence, rememberingNetwork } from '../support/wired-networks.ts';
import { CHAINED_SPEC, chainedSequence, TOY_SPEC, toySequence } from '../support/toy-model.ts';

const random = Random.stream(5, 'weights');
const weightsOf = (spec: ModelSpec): NamedArrays =>
  Object.fromEntries(
    parameterSpecs(spec).map(({ name, shape }) => {
      return [name, Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.5 * random.normal())];
    }),
  );
const parameters = weightsOf(TOY_SPEC);
const H = TOY_SPEC.lstm.hiddenSize;
const song = toySequence(40);
const probed = (weights = parameters): ProbedModel => new ProbedModel(TOY_SPEC, weights, createKernels());

/** The mean losses of a recording, the independent way. */
function lossesOf(
  weights: NamedArrays,
  sequence: Sequence,
  ablation: Parameters<typeof recordSequence>[3] = {},
  spec = TOY_SPEC,
): number[] {
  const { heads } = recordSequence(spec, weights, sequence, ablation);
  return heads.map(({ nextLoss }) => {
    const known: number[] = Array.from(nextLoss).slice(0, -1);
    return known.reduce((sum, loss) => sum + loss, 0) / known.length;
  });
}

/** The weights with everything zeroed that reads a unit. */
function without(layer: number, unit: number): NamedArrays {
  const zeroRow = (name: string): Float32Array => {
    const columns = parameterSpecs(TOY_SPEC).find((spec) => spec.name === name)!.shape[1];
    return parameters[name].map((weight, k) => (Math.floor(k / columns) === unit ? 0 : weight)) as Float32Array;
  };
  const readers = [
    `lstm.${layer}.recurrent_kernel`,
    ...(layer === 0 ? ['lstm.1.kernel'] : TOY_SPEC.heads.map(({ name }) => `heads.${name}.kernel`)),
  ];
  return { ...parameters, ...Object.fromEntries(readers.map((name) => [name, zeroRow(name)])) };
}

describe('ablatedLosses', () => {
  it('gives for every unit the losses of a model whose weights from that unit are zero', () => {
    const units = [0, 1].flatMap((layer) => Array.from({ length: H }, (_, unit) => ({ layer, unit })));
    const variants = units.map(({ layer, unit }): Variant => ({ layer, part: 'h', units: [unit], value: 0 }));
    const { whole, variants: found, predictions } = ablatedLosses(probed(), [{ sequence: song }], variants);
    expect(predictions).toBe(39);
    lossesOf(parameters, song).forEach((loss, head) => { expect(whole.losses[head]).toBeCloseTo(loss, 5); }); // prettier-ignore
    units.forEach(({ layer, unit }, k) => {
      lossesOf(without(layer, unit), song).forEach((loss, head) => {
        expect(found[k].losses[head]).toBeCloseTo(loss, 5);
      });
    });
  });

  it('tells heads of a chain what came before them, and runs their relu layers', () => {
    const spec = CHAINED_SPEC;
    const weights = weightsOf(spec);
    const sequence = chainedSequence(40);
    const variants = Array.from({ length: 6 }, (_, unit): Variant => ({
      layer: 0,
      part: 'h',
      units: [unit],
      value: 0,
    }));
    const { whole, variants: found } = ablatedLosses(new ProbedModel(spec, weights), [{ sequence }], variants);
    lossesOf(weights, sequence, {}, spec).forEach((loss, head) => { expect(whole.losses[head]).toBeCloseTo(loss, 5); }); // prettier-ignore
    found.forEach(({ losses }, k) => {
      const ablation = [{ layer: 0, part: 'h' as const, units: [k], value: 0 }];
      lossesOf(weights, sequence, { ablation }, spec).forEach((loss, head) => {
        expect(losses[head]).toBeCloseTo(loss, 5);
      });
    });
  });

  it('holds gates and layers at values of each unit, as a run with that ablation does', () => {
    const means = Float64Array.from({ length: H }, (_, unit) => 0.1 * unit - 0.3);
    const variants = [0, 1].flatMap((layer) =>
      (['i', 'f', 'g', 'o', 'h'] as const).map((part): Variant => ({ layer, part, value: means })),
    );
    const { variants: found } = ablatedLosses(probed(), [{ sequence: song }], variants);
    variants.forEach((variant, k) => {
      const { layer, part } = variant;
      lossesOf(parameters, song, { ablation: [{ layer, part, value: means }] }).forEach((loss, head) => {
        expect(found[k].losses[head]).toBeCloseTo(loss, 5);
      });
    });
  });

  it('starts each sequence anew, and weighs all predictions alike and heads by their weights', () => {
    const other = toySequence(11, 2);
    const { whole, predictions } = ablatedLosses(probed(), [{ sequence: song }, { sequence: other }], []);
    expect(predictions).toBe(49);
    const [a, b] = [lossesOf(parameters, song), lossesOf(parameters, other)];
    whole.losses.forEach((loss, head) => { expect(loss).toBeCloseTo((39 * a[head] + 10 * b[head]) / 49, 5); }); // prettier-ignore
    expect(whole.loss).toBeCloseTo(whole.losses[0] + 0.5 * whole.losses[1], 6);
  });

  it('gives the same for a variant whether it runs among ten or among three hundred', () => {
    const one: Variant = { layer: 1, part: 'h', units: [3], value: 0 };
    const many = Array.from({ length: 300 }, (_, k): Variant => (k === 250 ? one : { layer: 0, part: 'h', units: [k % H], value: 0.1 })); // prettier-ignore
    let last = [0, 0];
    const among = ablatedLosses(probed(), [{ sequence: song }], many, (done, total) => (last = [done, total]))
      .variants[250].loss;
    expect(among).toBeCloseTo(ablatedLosses(probed(), [{ sequence: song }], [one]).variants[0].loss, 6);
    expect(last).toEqual([78, 78]);
  });

  it('misses the unit that remembers, and no other, in a network wired to remember', () => {
    const wired = rememberingNetwork();
    const sequence = bitSequence(300, [{ at: 0, bit: 1 }, { at: 150, bit: 0 }]); // prettier-ignore
    const variants = Array.from({ length: 8 }, (_, unit): Variant => ({
      layer: 0,
      part: 'h',
      units: [unit],
      value: 0,
    }));
    const { whole, variants: found } = ablatedLosses(
      new ProbedModel(wired.spec, wired.parameters),
      [{ sequence }],
      variants,
    );
    found.forEach(({ loss }, unit) => {
      if (unit === wired.unit) expect(loss).toBeCloseTo(Math.log(2), 5);
      else expect(loss).toBeCloseTo(whole.loss, 6);
    });
  });
});

describe('stretchesOf', () => {
  const long = toySequence(600, 3);
  const recording = recordSequence(TOY_SPEC, parameters, long);
  const runs = stretchesOf(long, recording, 120);
  /** The steps whose predictions are judged. */
  const judged = runs.flatMap(({ sequence, unjudged = 0 }, k) => {
    const length = sequence.length - 1 - unjudged;
    const first = Math.round((k * (599 - length)) / (runs.length - 1));
    return Array.from({ length }, (_, step) => first + step);
  });

  it('judges as many predictions as it was asked for, none twice, from the first to the last', () => {
    expect(judged).toHaveLength(120);
    expect(new Set(judged).size).toBe(120);
    expect([judged[0], judged.at(-1)]).toEqual([0, 598]);
  });

  it('has the model as it is say just what it says in the whole song', () => {
    const { whole, predictions } = ablatedLosses(probed(), runs, []);
    expect(predictions).toBe(120);
    whole.losses.forEach((loss, head) => {
      const recorded = judged.reduce((sum, step) => sum + recording.heads[head].nextLoss[step], 0) / 120;
      expect(loss).toBeCloseTo(recorded, 5);
    });
  });

  it('lets a variant come to its own state first: its losses are those of a run through the whole song', () => {
    const variant: Variant = { layer: 0, part: 'h', units: [2], value: 0 };
    const found = ablatedLosses(probed(), runs, [variant]).variants[0];
    const through = recordSequence(TOY_SPEC, parameters, long, { ablation: [variant] });
    found.losses.forEach((loss, head) => {
      const mean = judged.reduce((sum, step) => sum + through.heads[head].nextLoss[step], 0) / 120;
      expect(loss).toBeCloseTo(mean, 2);
    });
  });

  it('knows the mark before a first note, which the recording has in its initial state', () => {
    const marked = recordSequence(TOY_SPEC, parameters, long, { range: [1, 600] });
    const { whole } = ablatedLosses(probed(), stretchesOf(long, marked, 120), []);
    expect(whole.loss).toBeCloseTo(ablatedLosses(probed(), runs, []).whole.loss, 5);
  });
});
