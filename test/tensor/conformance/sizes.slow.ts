import { describe, it } from 'vitest';

import type { Kernels } from '../../../src/tensor/index.ts';
import { SIMD_BUILDS } from '../../support/simd-builds.ts';
import { expectAffine, expectAffineBackward } from './affine.ts';
import { expectMatmul, expectMatmulBackwardA, expectMatmulBackwardB } from './products.ts';
import { expectLstmBackward, expectLstmForward } from './sequence.ts';
import { Workbench } from './workbench.ts';

type Check = (bench: Workbench, ...sizes: number[]) => void;

/** Past two blocks of rows, and past the depth of one. */
const LONGEST = 300;
/** Units and sequences of an LSTM: past a block of rows. */
const [MOST_UNITS, MOST_SEQUENCES] = [140, 280];
/** The other axes: a single one, less than a tile or a panel, one more than they have, and several. */
const BESIDE: [number, number][] = [
  [1, 1],
  [2, 17],
  [7, 5],
  [13, 34],
];

const PRODUCTS: [name: string, check: Check][] = [
  ['matmul', expectMatmul],
  ['matmulBackwardA', expectMatmulBackwardA],
  ['matmulBackwardB', expectMatmulBackwardB],
  ['affine', expectAffine],
  ['affineBackward', (bench, m, k, n) => expectAffineBackward(bench, m, k, n, 3)],
];
const SEQUENCES: [name: string, check: Check][] = [
  ['lstmForward', expectLstmForward],
  ['lstmBackward', expectLstmBackward],
];

describe.each(SIMD_BUILDS)('every size of $name', ({ create }) => {
  /** Judges one call, and gives its memory back. */
  const judge = (kernels: Kernels, check: Check, sizes: number[]): void => {
    const { release } = kernels.arena.lease(() => {
      check(new Workbench(kernels, sizes[0]), ...sizes);
    });
    release();
  };

  it.each(PRODUCTS)(`%s, each axis from 1 to ${LONGEST}`, (_, check) => {
    const kernels = create();
    for (const beside of BESIDE) {
      for (let axis = 0; axis < 3; axis++) {
        for (let size = 1; size <= LONGEST; size++) judge(kernels, check, beside.toSpliced(axis, 0, size));
      }
    }
  });

  it.each(SEQUENCES)(`%s, up to ${MOST_UNITS} units and ${MOST_SEQUENCES} sequences`, (_, check) => {
    const kernels = create();
    for (let units = 1; units <= MOST_UNITS; units++) judge(kernels, check, [2, 2, units]);
    for (let sequences = 1; sequences <= MOST_SEQUENCES; sequences++) judge(kernels, check, [2, sequences, 3]);
  });
});
