import { beforeAll, describe, expect, it } from 'vitest';

import type { Kernels } from '../../../src/tensor/index.ts';
import { describeAdam } from './adam.ts';
import { describeAffine } from './affine.ts';
import { describeCell } from './cell.ts';
import { describeDescent } from './descent.ts';
import { describeElementwise } from './elementwise.ts';
import { describeGru } from './gru.ts';
import type { KernelsUnderTest } from './kernels-under-test.ts';
import { describeLayerNorm } from './layer-norm.ts';
import { describePeephole } from './peephole.ts';
import { describeEmbedding, describeProducts } from './products.ts';
import { describeLosses } from './losses.ts';
import { describeRefusals } from './refusals.ts';
import { describeSequence } from './sequence.ts';

/**
 * The contract of `src/tensor/kernels.ts` as tests: every operation against a float64 computation of its definition, within
 * the bound that the interface states, for sizes that fill no vector and for tensors that start anywhere. Every
 * implementation of Kernels must pass them without a change.
 *
 * @param createKernels called once; may load something first
 */
export function describeKernels(name: string, createKernels: () => Kernels | Promise<Kernels>): void {
  describe(`the kernels "${name}"`, () => {
    let created: Kernels | undefined;
    const kernels: KernelsUnderTest = () => created!;
    beforeAll(async () => {
      created = await createKernels();
    });

    it('say what they are', () => {
      expect(kernels().name).not.toBe('');
      expect(['float32', 'float64']).toContain(kernels().arena.precision);
    });
    describeElementwise(kernels);
    describeProducts(kernels);
    describeAffine(kernels);
    describeEmbedding(kernels);
    describeCell(kernels);
    describeSequence(kernels);
    describeGru(kernels);
    describePeephole(kernels);
    describeLayerNorm(kernels);
    describeLosses(kernels);
    describeAdam(kernels);
    describeDescent(kernels);
    describeRefusals(kernels);
  });
}
