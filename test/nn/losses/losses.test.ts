import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Head } from '../../../src/nn/heads.ts';
import { lossOf } from '../../../src/nn/losses/loss-of.ts';
import { ParameterSet } from '../../../src/nn/parameters.ts';
import { weighRows } from '../../../src/nn/row-weights.ts';
import { headSize, validateSpec, type HeadSpec, type ModelSpec, type NumbersLoss } from '../../../src/nn/spec.ts';
import { HeapArena, ReferenceKernels } from '../../../src/tensor/index.ts';
import { expectGradients } from '../../support/differences.ts';

interface Golden {
  name: string;
  head: HeadSpec;
  outputs: number[][];
  targets: number[] | number[][];
  loss: number;
  gradient: number[][];
}

const { cases } = JSON.parse(readFileSync(new URL('../../golden/losses.json', import.meta.url), 'utf8')) as {
  cases: Golden[];
};

/** A head that says what it is told to: its only input is the outputs themselves, and its kernel is the unit matrix. */
function saying(head: HeadSpec, outputs: readonly (readonly number[])[], targets: ArrayLike<number>) {
  const kernels = new ReferenceKernels(new HeapArena('float64'));
  const size = headSize(head);
  const spec: ModelSpec = { inputs: { categories: [], features: ['x'] }, lstm: { layers: 1, hiddenSize: size, dropout: 0 }, heads: [head], lossOn: 'last' }; // prettier-ignore
  const [parameters, gradients] = [new ParameterSet(kernels.arena, spec), new ParameterSet(kernels.arena, spec)];
  const kernel = parameters.get('heads.out.kernel').data;
  for (let k = 0; k < size; k++) kernel[k * size + k] = 1;
  const hidden = kernels.arena.tensor([outputs.length, size]);
  hidden.data.set(outputs.flat());
  const dHidden = kernels.arena.tensor([outputs.length, size]);
  const made = new Head(kernels, head, hidden, parameters, { training: { dHidden, gradients } });
  (made.targetClasses ?? made.targetValues)!.data.set(targets);
  const batch = { size: outputs.length, steps: 1, categories: [], features: [], targets: { out: targets } };
  weighRows([made], batch, { steps: 1, from: 0, count: outputs.length });
  const loss = (): number => {
    made.forward();
    return made.meanLoss();
  };
  return { loss, head: made, hidden, dHidden };
}

describe('losses', () => {
  it.each(cases)('$name: loss and gradient are those of PyTorch', ({ head, outputs, targets, loss, gradient }) => {
    const spec = { ...head, name: 'out', lossWeight: 2 };
    const it = saying(spec, outputs, targets.flat());
    expect(it.loss()).toBeCloseTo(loss, 12);
    it.head.backward();
    gradient.flat().forEach((each, at) => { expect(it.dHidden.data[at] / 2).toBeCloseTo(each, 12); }); // prettier-ignore
  });

  const anyLoss: fc.Arbitrary<NumbersLoss> = fc.oneof(
    fc.constant<NumbersLoss>({ kind: 'squared', positivePressure: 3 }),
    fc.constant<NumbersLoss>({ kind: 'absolute' }),
    fc.double({ min: 0.1, max: 3, noNaN: true }).map((delta): NumbersLoss => ({ kind: 'huber', delta })),
    fc.constant<NumbersLoss>({ kind: 'binary' }),
    fc.constant<NumbersLoss>({ kind: 'quantile', levels: [0.05, 0.5, 0.8] }),
    fc.constant<NumbersLoss>({ kind: 'gaussian' }),
    fc.integer({ min: 1, max: 4 }).map((components): NumbersLoss => ({ kind: 'mixture', components })),
  );

  it('have the gradients that differences have, whatever they are asked', () => {
    const number = fc.integer({ min: -200, max: 200 }).map((x) => x / 97);
    fc.assert(
      fc.property(anyLoss, fc.integer({ min: 1, max: 3 }), fc.infiniteStream(number), (loss, size, numbers) => {
        const head: HeadSpec = { name: 'out', kind: 'numbers', size, loss, lossWeight: 1 };
        const draw = (count: number): number[] => [...numbers.take(count)];
        const outputs = [draw(headSize(head)), draw(headSize(head))];
        const targets = draw(2 * size).map((x) => (loss.kind === 'binary' ? Number(x > 0) : x));
        const own = lossOf(head);
        const values = Float64Array.from(outputs[0]);
        const slope = new Float64Array(values.length);
        const wanted = Float64Array.from(targets.slice(0, size));
        fc.pre(!isBesideKink(loss, values, wanted));
        own.row(values, wanted, slope);
        const again = (): number => own.row(values, wanted, new Float64Array(values.length));
        expectGradients(again, [{ name: 'outputs', input: values, analytic: slope }], 1e-6);
      }),
    );
  });

  it('are least where they say: the median, the quantile, the mean and deviation, the log-odds', () => {
    const sample = Float64Array.from({ length: 199 }, (_, k) => Math.exp(Math.sin(k * k) * 2));
    const sorted = sample.toSorted();
    const mean = sample.reduce((a, b) => a + b) / 199;
    const deviation = Math.sqrt(sample.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 199);
    const flat = (loss: NumbersLoss, values: number[], from = sample): number[] => {
      const own = lossOf({ name: 'out', kind: 'numbers', size: 1, loss, lossWeight: 1 });
      const sum = new Float64Array(values.length);
      for (const x of from) {
        const slope = new Float64Array(values.length);
        own.row(Float64Array.from(values), Float64Array.of(x), slope);
        slope.forEach((each, k) => (sum[k] += each / 199));
      }
      return Array.from(sum);
    };
    expect(flat({ kind: 'absolute' }, [sorted[99]])[0]).toBeCloseTo(0, 12);
    for (const slope of flat({ kind: 'quantile', levels: [0.1, 0.9] }, [sorted[19], sorted[179]])) expect(Math.abs(slope)).toBeLessThan(0.005); // prettier-ignore
    for (const slope of flat({ kind: 'gaussian' }, [mean, Math.log(deviation)])) expect(slope).toBeCloseTo(0, 12);
    const odds = sample.map((x) => Number(x > 1));
    const share = odds.reduce((a, b) => a + b) / 199;
    expect(flat({ kind: 'binary' }, [Math.log(share / (1 - share))], odds)[0]).toBeCloseTo(0, 12);
  });

  it('press numbers below 0 up, and no others', () => {
    const own = lossOf({ name: 'out', kind: 'numbers', size: 2, loss: { kind: 'squared', positivePressure: 3 }, lossWeight: 1 }); // prettier-ignore
    const slope = new Float64Array(2);
    expect(own.row(Float64Array.of(-1, 2), Float64Array.of(1, 1), slope)).toBe((4 + 3 + 1) / 2);
    expect(slope).toEqual(Float64Array.of((-4 - 3) / 2, 2 / 2));
  });

  it('do not overflow, however sure the network is', () => {
    const row = (loss: NumbersLoss, values: number[], target: number): [number, Float64Array] => {
      const slope = new Float64Array(values.length);
      const own = lossOf({ name: 'out', kind: 'numbers', size: 1, loss, lossWeight: 1 });
      return [own.row(Float64Array.from(values), Float64Array.of(target), slope), slope];
    };
    expect(row({ kind: 'binary' }, [-900], 1)).toEqual([900, Float64Array.of(-1)]);
    expect(row({ kind: 'binary' }, [900], 1)).toEqual([0, Float64Array.of(0)]);
    const [far, slope] = row({ kind: 'mixture', components: 2 }, [0, 500, 40, -40, 0, 0], 0);
    expect(far).toBeCloseTo(800 + 0.5 * Math.log(2 * Math.PI), 9);
    expect([...slope].every(Number.isFinite)).toBe(true);
  });

  it('predict what people ask for: probabilities, quantiles in order, deviations', () => {
    const predicted = (head: HeadSpec, values: number[]): number[] => {
      const all = Float64Array.from(values);
      lossOf(head).predict?.(all);
      return Array.from(all, (x) => Number(x.toFixed(6)));
    };
    const numbers = (loss: NumbersLoss): HeadSpec => ({ name: 'out', kind: 'numbers', size: 1, loss, lossWeight: 1 });
    expect(predicted({ name: 'out', kind: 'categorical', size: 2, lossWeight: 1 }, [800, 800])).toEqual([0.5, 0.5]);
    expect(predicted(numbers({ kind: 'binary' }), [0])).toEqual([0.5]);
    expect(predicted(numbers({ kind: 'quantile', levels: [0.1, 0.5, 0.9] }), [3, 1, 2])).toEqual([1, 2, 3]);
    expect(predicted(numbers({ kind: 'gaussian' }), [3, 0])).toEqual([3, 1]);
    expect(predicted(numbers({ kind: 'mixture', components: 2 }), [0, 0, 3, 4, 0, 0])).toEqual([0.5, 0.5, 3, 4, 1, 1]);
    expect(predicted(numbers({ kind: 'squared' }), [3])).toEqual([3]);
  });

  it.each<[string, Partial<HeadSpec>, RegExp]>([
    ['a smoothing of 1', { kind: 'categorical', size: 3, smoothing: 1 }, /smoothing: expected a number from 0/],
    ['weights of too few classes', { kind: 'categorical', size: 3, classWeights: [1, 2] }, /each of 3 classes, got 2/],
    ['weights that are all 0', { kind: 'categorical', size: 2, classWeights: [0, 0] }, /all are 0/],
    [
      'levels that fall',
      { kind: 'numbers', size: 1, loss: { kind: 'quantile', levels: [0.9, 0.1] } },
      /rising numbers/,
    ],
    ['a level of 1', { kind: 'numbers', size: 1, loss: { kind: 'quantile', levels: [1] } }, /between 0 and 1/],
    ['a delta of 0', { kind: 'numbers', size: 1, loss: { kind: 'huber', delta: 0 } }, /delta: expected more than 0/],
    ['no components', { kind: 'numbers', size: 1, loss: { kind: 'mixture', components: 0 } }, /components: expected/],
    ['no such loss', { kind: 'numbers', size: 1, loss: { kind: 'cubed' } as unknown as NumbersLoss }, /one of squared, absolute/], // prettier-ignore
    ['no loss', { kind: 'numbers', size: 1 }, /one of squared, absolute/],
  ])('refuse %s', (_, part, message) => {
    const head = { name: 'out', lossWeight: 1, ...part } as HeadSpec;
    const spec: ModelSpec = { inputs: { categories: [], features: ['x'] }, lstm: { layers: 1, hiddenSize: 2, dropout: 0 }, heads: [head], lossOn: 'all' }; // prettier-ignore
    expect(() => validateSpec(spec)).toThrow(message);
  });
});

/** Where a loss has a corner a difference says nothing. */
function isBesideKink(loss: NumbersLoss, values: Float64Array, wanted: Float64Array): boolean {
  const reach = 5e-3;
  const each = values.length / wanted.length;
  if (!['squared', 'absolute', 'huber', 'quantile'].includes(loss.kind)) return false;
  return values.some((p, k) => {
    const d = Math.abs(p - wanted[Math.floor(k / each)]);
    return d < reach || Math.abs(p) < reach || (loss.kind === 'huber' && Math.abs(d - loss.delta) < reach);
  });
}
