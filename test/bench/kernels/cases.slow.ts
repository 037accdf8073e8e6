import { describe, expect, it } from 'vitest';
import {
  findError as errorOf,
  Operands,
  ROUNDING,
  type BuiltCase,
  type FoundError,
  type Judgement,
  type KernelCase,
} from '../../../bench/kernels/case.ts';
import { KERNEL_CASES } from '../../../bench/kernels/cases.ts';
import { judge } from '../../../bench/kernels/judgement.ts';
import { createKernels, HeapArena, ReferenceKernels } from '../../../src/tensor/index.ts';

const findError = ({ outputs }: BuiltCase, returned: unknown, judgement: Judgement): FoundError =>
  errorOf(outputs.map(({ tensor }) => tensor.data), returned, judgement); // prettier-ignore
const small = KERNEL_CASES.filter(({ large = false, flops }) => !large && flops < 5e7);
const named = small.map((kernelCase) => [`${kernelCase.operation} ${kernelCase.shape}`, kernelCase] as const);

describe('the cases', () => {
  it('run every operation of the kernels', () => {
    const operations = Object.getOwnPropertyNames(ReferenceKernels.prototype).filter((name) => name !== 'constructor');
    expect(new Set(KERNEL_CASES.map(({ operation }) => operation as string))).toEqual(new Set(operations));
  });

  it('have names of their own', () => {
    expect(new Set(KERNEL_CASES.map(({ operation, shape }) => `${operation} ${shape}`)).size).toBe(KERNEL_CASES.length);
  });

  it.each(named)('%s is exact in float64, and rounded otherwise', (_, kernelCase) => {
    const judgement = judge(kernelCase);
    const again = kernelCase.build(new Operands(new ReferenceKernels(new HeapArena('float64'))));
    expect(findError(again, again.run(), judgement)).toEqual({ error: 0, ofAllowed: 0 });
    const rounded = kernelCase.build(new Operands(createKernels('auto')));
    expect(findError(rounded, rounded.run(), judgement).ofAllowed).toBeLessThanOrEqual(1);
  });

  it.each(named)('%s does the same work each time it is run', (_, kernelCase) => {
    const built = kernelCase.build(new Operands(createKernels('auto')));
    const outputs = (): number[] => built.outputs.flatMap(({ tensor }) => Array.from(tensor.data));
    built.restore?.();
    built.run();
    const first = outputs();
    if (built.restore) {
      built.restore();
      built.run();
      const again = outputs();
      expect(first.findIndex((value, index) => !Object.is(value, again[index]))).toBe(-1);
    } else {
      for (let run = 0; run < 100; run++) built.run();
      const last = outputs();
      expect(last.every(Number.isFinite)).toBe(true);
      // Denormal numbers would be slow: what was not zero must not fade away.
      expect(last.some((value) => value !== 0 && Math.abs(value) < 2 ** -126)).toBe(false);
    }
  });
});

describe('findError', () => {
  const kernelCase: KernelCase = KERNEL_CASES.find(({ operation }) => operation === 'add')!;
  const ran = () => {
    const built = kernelCase.build(new Operands(createKernels('auto')));
    built.run();
    return built;
  };

  it('finds one number that is off, relative to what makes it up', () => {
    const judgement = judge(kernelCase);
    const built = ran();
    const { tensor, units } = built.outputs[0];
    tensor.data[77] += 1e-3 * judgement.magnitudes[0][77];
    const { error, ofAllowed } = findError(built, undefined, judgement);
    expect(error).toBeCloseTo(1e-3, 6);
    expect(ofAllowed).toBeCloseTo(error / (units * ROUNDING), 6);
  });

  it.each([NaN, Infinity])('counts %d as infinitely wrong', (value) => {
    const built = ran();
    built.outputs[0].tensor.data[3] = value;
    expect(findError(built, undefined, judge(kernelCase)).error).toBe(Infinity);
  });

  it('judges what a call returns', () => {
    const sum = KERNEL_CASES.find(({ operation }) => operation === 'sumOfSquares')!;
    const built = sum.build(new Operands(createKernels('auto')));
    const returned = built.run() as number;
    expect(findError(built, returned, judge(sum)).ofAllowed).toBeLessThanOrEqual(1);
    expect(findError(built, returned * 1.001, judge(sum)).error).toBeCloseTo(1e-3, 5);
  });
});
