import { REFERENCE, LARGE } from '../workload.ts';
import { affine, affineBackward } from './affine.ts';
import type { KernelCase } from './case.ts';
import { pressure, pressureBackward, softmax, softmaxBackward } from './losses.ts';
import { adam, clip, rmsprop, sgd, sgdMomentum } from './optimizers.ts';
import { product } from './products.ts';
import { otherCells } from './cells.ts';
import { cellBackward, cellForward, sequenceBackward, sequenceForward } from './recurrent.ts';
import {
  bias,
  biasBackward,
  dropout,
  dropoutBackward,
  elementwise,
  embedding,
  embeddingBackward,
  relu,
  reluBackward,
  sumOfSquares,
} from './rows.ts';

const { batchSize: B, seqLength: T, hiddenSize: H } = REFERENCE;
/** Rows of a training step's input product and of its weight gradients. */
const ROWS = B * T;
/** The parameters of the reference model. */
const PARAMETERS = 84_354;

/** Everything that is measured: products at the shapes of a training step and at round ones, then the rest of the step. */
export const KERNEL_CASES: readonly KernelCase[] = [
  product('matmul', 64, 128, 512),
  product('matmul', 64, 512, 128),
  product('matmul', 512, 512, 512),
  product('matmul', 1, 128, 512),
  product('matmul', ROWS, 3, 4 * H),
  product('matmul', B, H, 128),
  product('matmul', B, H, 1),
  product('matmul', B, LARGE.hiddenSize, 4 * LARGE.hiddenSize, true),
  product('matmulBackwardA', B, H, 4 * H),
  product('matmulBackwardA', B, LARGE.hiddenSize, 4 * LARGE.hiddenSize, true),
  product('matmulBackwardB', ROWS, H, 4 * H),
  product('matmulBackwardB', ROWS, 3, 4 * H),
  product('matmulBackwardB', ROWS, LARGE.hiddenSize, 4 * LARGE.hiddenSize, true),
  affine(ROWS, 3, 4 * H),
  affineBackward(ROWS, [3, H], 4 * H),
  sequenceForward(T, B, H),
  sequenceBackward(T, B, H),
  cellForward(B, H),
  cellBackward(B, H),
  ...otherCells(B, H),
  softmax(B, 128),
  softmaxBackward(B, 128),
  pressure(B),
  pressureBackward(B),
  adam(PARAMETERS),
  sgd(PARAMETERS),
  sgdMomentum(PARAMETERS, false),
  sgdMomentum(PARAMETERS, true),
  rmsprop(PARAMETERS),
  clip(PARAMETERS),
  bias(ROWS, 4 * H),
  biasBackward(ROWS, 4 * H),
  embedding(ROWS, 128, 4 * H),
  embeddingBackward(ROWS, 128, 4 * H),
  dropout(ROWS, H),
  dropoutBackward(ROWS, H),
  relu(ROWS, H),
  reluBackward(ROWS, H),
  elementwise('fill', PARAMETERS),
  elementwise('copy', PARAMETERS),
  elementwise('add', PARAMETERS),
  elementwise('scale', PARAMETERS),
  sumOfSquares(PARAMETERS),
];
