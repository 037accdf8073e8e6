import { HeapArena, ReferenceKernels } from '../../src/tensor/index.ts';
import { Operands, type Judgement, type KernelCase } from './case.ts';

/** What a case gives in float64, with the plain TypeScript kernels. */
export function judge({ build }: KernelCase): Judgement {
  const built = build(new Operands(float64()));
  const returned = built.run();
  // The same without signs: every sum becomes the sum of its terms' magnitudes.
  const unsigned = build(new Operands(float64(), true));
  if (unsigned.outputs.some(({ of }) => of === 'terms')) unsigned.run();
  const values = built.outputs.map(({ tensor }) => tensor.data as Float64Array);
  return {
    values,
    magnitudes: built.outputs.map(({ of }, index) => {
      if (of === 'one') return new Float64Array(values[index].length).fill(1);
      const { data } = of === 'terms' ? unsigned.outputs[index].tensor : built.outputs[index].tensor;
      return Float64Array.from(data, Math.abs);
    }),
    units: built.outputs.map(({ units }) => units),
    returned: typeof returned === 'number' ? returned : null,
  };
}

function float64(): ReferenceKernels {
  return new ReferenceKernels(new HeapArena('float64'));
}
