import { describe, expect, it } from 'vitest';

import { ShapeError, type Kernels, type Tensor } from '../../../src/tensor/index.ts';
import type { KernelsUnderTest } from './kernels-under-test.ts';
import { Workbench } from './workbench.ts';

type Call = (kernels: Kernels, bench: Workbench) => void;
const ADAM = { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, step: 1 };
const MOMENTUM = { learningRate: 0.1, momentum: 0.9, nesterov: false };
const RMSPROP = { learningRate: 0.1, decay: 0.99, epsilon: 1e-8 };

/** Calls whose operands do not fit together, each in one way. */
const WRONG_SHAPES: Record<string, Call> = {
  'copy: another size': (k, b) => { k.copy(b.tensor([6]), b.tensor([5])); },
  'add: another size': (k, b) => { k.add(b.tensor([6]), b.tensor([2, 4])); },
  'matmul: inner sizes differ': (k, b) => { k.matmul(b.tensor([2, 4]), b.tensor([2, 3]), b.tensor([2, 4])); },
  'matmul: out has other rows': (k, b) => { k.matmul(b.tensor([3, 4]), b.tensor([2, 3]), b.tensor([3, 4])); },
  'matmul: out has other columns': (k, b) => { k.matmul(b.tensor([2, 5]), b.tensor([2, 3]), b.tensor([3, 4])); },
  'matmul: transposed': (k, b) => { k.matmul(b.tensor([2, 4]), b.tensor([2, 3]), b.tensor([4, 3])); },
  'matmulBackwardA: da': (k, b) => { k.matmulBackwardA(b.tensor([2, 4]), b.tensor([2, 4]), b.tensor([3, 4])); },
  'matmulBackwardA: dOut': (k, b) => { k.matmulBackwardA(b.tensor([2, 3]), b.tensor([2, 5]), b.tensor([3, 4])); },
  'matmulBackwardA: b': (k, b) => { k.matmulBackwardA(b.tensor([2, 3]), b.tensor([2, 4]), b.tensor([4, 3])); },
  'matmulBackwardB: db': (k, b) => { k.matmulBackwardB(b.tensor([4, 4]), b.tensor([2, 3]), b.tensor([2, 4])); },
  'matmulBackwardB: a': (k, b) => { k.matmulBackwardB(b.tensor([3, 4]), b.tensor([3, 2]), b.tensor([2, 4])); },
  'matmulBackwardB: dOut': (k, b) => { k.matmulBackwardB(b.tensor([3, 4]), b.tensor([2, 3]), b.tensor([3, 4])); },
  'bias: another length': (k, b) => { k.bias(b.tensor([3, 4]), b.tensor([3])); },
  'bias: a divisor of the length': (k, b) => { k.bias(b.tensor([3, 4]), b.tensor([2])); },
  'biasBackward: another length': (k, b) => { k.biasBackward(b.tensor([3]), b.tensor([3, 4])); },
  'affine: bias': (k, b) => { k.affine(b.tensor([2, 4]), b.tensor([3]), b.tensor([2, 3]), b.tensor([3, 4])); },
  'affine: inner sizes differ': (k, b) => { k.affine(b.tensor([2, 4]), b.tensor([4]), b.tensor([2, 3]), b.tensor([2, 4])); },
  'affineBackward: bias': (k, b) => { k.affineBackward(b.tensor([3]), b.tensor([2, 4]), []); },
  'affineBackward: a': (k, b) => { k.affineBackward(b.tensor([4]), b.tensor([2, 4]), [{ db: b.tensor([3, 4]), a: b.tensor([2, 2]) }]); },
  'affineBackward: too many rows of zeros': (k, b) => { k.affineBackward(b.tensor([4]), b.tensor([2, 4]), [{ db: b.tensor([3, 4]), a: b.tensor([2, 3]), zeroRows: 3 }]); },
  'embedding: columns': (k, b) => { k.embedding(b.tensor([2, 4]), b.tensor([5, 3]), b.indices(2, 5)); },
  'embedding: indices': (k, b) => { k.embedding(b.tensor([2, 4]), b.tensor([5, 4]), b.indices(3, 5)); },
  'embeddingBackward: columns': (k, b) => { k.embeddingBackward(b.tensor([5, 3]), b.tensor([2, 4]), b.indices(2, 5)); },
  'embeddingBackward: indices': (k, b) => { k.embeddingBackward(b.tensor([5, 4]), b.tensor([2, 4]), b.indices(1, 5)); },
  'dropout: a': (k, b) => { k.dropout(b.tensor([6]), b.tensor([5]), b.tensor([6])); },
  'dropout: mask': (k, b) => { k.dropout(b.tensor([6]), b.tensor([6]), b.tensor([7])); },
  'dropoutBackward: dOut': (k, b) => { k.dropoutBackward(b.tensor([6]), b.tensor([5]), b.tensor([6])); },
  'dropoutBackward: mask': (k, b) => { k.dropoutBackward(b.tensor([6]), b.tensor([6]), b.tensor([7])); },
  'relu: a': (k, b) => { k.relu(b.tensor([6]), b.tensor([5])); },
  'reluBackward: dOut': (k, b) => { k.reluBackward(b.tensor([6]), b.tensor([5]), b.tensor([6])); },
  'reluBackward: out': (k, b) => { k.reluBackward(b.tensor([6]), b.tensor([6]), b.tensor([7])); },
  'softmaxCrossEntropy: probabilities': (k, b) => { k.softmaxCrossEntropy(b.tensor([2, 4]), b.tensor([2, 5]), b.indices(2, 4)); },
  'softmaxCrossEntropy: targets': (k, b) => { k.softmaxCrossEntropy(b.tensor([2, 5]), b.tensor([2, 5]), b.indices(3, 5)); },
  'softmaxCrossEntropyBackward: dLogits': (k, b) => { k.softmaxCrossEntropyBackward(b.tensor([3, 5]), b.tensor([2, 5]), b.indices(2, 5), 1); },
  'softmaxCrossEntropyBackward: targets': (k, b) => { k.softmaxCrossEntropyBackward(b.tensor([2, 5]), b.tensor([2, 5]), b.indices(1, 5), 1); },
  'mseWithPositivePressure: targets': (k, b) => { k.mseWithPositivePressure(b.tensor([5]), b.tensor([6]), 1); },
  'mseWithPositivePressureBackward: targets': (k, b) => { k.mseWithPositivePressureBackward(b.tensor([5]), b.tensor([5]), b.tensor([6]), 1, 1); },
  'mseWithPositivePressureBackward: dPredictions': (k, b) => { k.mseWithPositivePressureBackward(b.tensor([4]), b.tensor([5]), b.tensor([5]), 1, 1); },
  'adam: gradients': (k, b) => { k.adam(b.tensor([5]), b.tensor([4]), b.tensor([5]), b.tensor([5]), ADAM); },
  'adam: m': (k, b) => { k.adam(b.tensor([5]), b.tensor([5]), b.tensor([6]), b.tensor([5]), ADAM); },
  'adam: v': (k, b) => { k.adam(b.tensor([5]), b.tensor([5]), b.tensor([5]), b.tensor([6]), ADAM); },
  'sgd: gradients': (k, b) => { k.sgd(b.tensor([5]), b.tensor([4]), 0.1); },
  'sgdMomentum: gradients': (k, b) => { k.sgdMomentum(b.tensor([5]), b.tensor([4]), b.tensor([5]), MOMENTUM); },
  'sgdMomentum: velocity': (k, b) => { k.sgdMomentum(b.tensor([5]), b.tensor([5]), b.tensor([6]), MOMENTUM); },
  'rmsprop: gradients': (k, b) => { k.rmsprop(b.tensor([5]), b.tensor([4]), b.tensor([5]), RMSPROP); },
  'rmsprop: square': (k, b) => { k.rmsprop(b.tensor([5]), b.tensor([5]), b.tensor([6]), RMSPROP); },
}; // prettier-ignore

/** Calls with a class that does not exist. */
const WRONG_CLASSES: Record<string, (kernels: Kernels, bench: Workbench, index: number) => void> = {
  embedding: (k, b, index) => {
    k.embedding(
      b.tensor([2, 4]),
      b.tensor([5, 4]),
      b.indices(2, 5, (at) => (at === 1 ? index : 0)),
    );
  },
  embeddingBackward: (k, b, index) => {
    k.embeddingBackward(
      b.tensor([5, 4]),
      b.tensor([2, 4]),
      b.indices(2, 5, (at) => (at === 1 ? index : 0)),
    );
  },
  softmaxCrossEntropy: (k, b, index) => {
    k.softmaxCrossEntropy(
      b.tensor([2, 5]),
      b.tensor([2, 5]),
      b.indices(2, 5, (at) => (at === 1 ? index : 0)),
    );
  },
  softmaxCrossEntropyBackward: (k, b, index) => {
    k.softmaxCrossEntropyBackward(
      b.tensor([2, 5]),
      b.tensor([2, 5]),
      b.indices(2, 5, (at) => (at === 1 ? index : 0)),
      1,
    );
  },
};

/** What every operation refuses: operands that do not fit, classes that do not exist. */
export function describeRefusals(kernels: KernelsUnderTest): void {
  describe('operands that do not fit together', () => {
    it.each(Object.entries(WRONG_SHAPES))('are refused before anything is written: %s', (name, call) => {
      const bench = new Workbench(kernels(), 1);
      expect(() => {
        call(kernels(), bench);
      }).toThrow(ShapeError);
      expect(() => {
        call(kernels(), bench);
      }).toThrow(name.slice(0, name.indexOf(':')));
      bench.expectOnlyWritten();
    });

    it.each([0, 1, 2, 3])('are refused by lstmCell and lstmCellBackward, wherever they stand (%i)', (wrong) => {
      for (const shape of [
        [3, 5],
        [2, 4],
        [3, 4],
      ]) {
        const bench = new Workbench(kernels(), wrong);
        const state = (which: number): Tensor => bench.tensor(which === wrong ? shape : [2, 5]);
        const gates = bench.tensor([2, 20]);
        const states = [state(0), state(1), state(2), state(3)] as const;
        expect(() => {
          kernels().lstmCell(gates, ...states);
        }).toThrow(ShapeError);
        const [dc, dh, cPrev, tanhC] = states;
        expect(() => {
          kernels().lstmCellBackward(bench.tensor([2, 20]), dc, dh, gates, cPrev, tanhC);
        }).toThrow(ShapeError);
        bench.expectOnlyWritten();
      }
    });

    it('are refused by the cell when the gates are not four, or the gradient has another size', () => {
      const bench = new Workbench(kernels(), 5);
      const state = (): Tensor => bench.tensor([2, 5]);
      expect(() => {
        kernels().lstmCell(bench.tensor([2, 19]), state(), state(), state(), state());
      }).toThrow(ShapeError);
      expect(() => {
        kernels().lstmCellBackward(bench.tensor([2, 24]), state(), state(), bench.tensor([2, 20]), state(), state());
      }).toThrow(ShapeError);
      bench.expectOnlyWritten();
    });
  });

  describe('a class that does not exist', () => {
    it.each(Object.entries(WRONG_CLASSES))('is a RangeError: %s', (_, call) => {
      for (const index of [-1, 5, 1000, -(2 ** 31)]) {
        const bench = new Workbench(kernels(), 1);
        expect(() => {
          call(kernels(), bench, index);
        }).toThrow(RangeError);
      }
    });
  });
}
