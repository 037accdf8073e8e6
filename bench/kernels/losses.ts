import { output, type KernelCase } from './case.ts';

const FLOAT = 4;

export function softmax(rows: number, classes: number): KernelCase {
  return {
    operation: 'softmaxCrossEntropy',
    shape: `${rows}x${classes}`,
    flops: 5 * rows * classes,
    bytes: FLOAT * 2 * rows * classes,
    build(operands) {
      const logits = operands.tensor([rows, classes], 4);
      const targets = operands.indices(rows, classes);
      const probabilities = operands.zeros([rows, classes]);
      return {
        run: () => operands.kernels.softmaxCrossEntropy(probabilities, logits, targets),
        outputs: [{ name: 'probabilities', tensor: probabilities, units: classes + 8 + 8, of: 'value' }],
      };
    },
  };
}

export function softmaxBackward(rows: number, classes: number): KernelCase {
  return {
    operation: 'softmaxCrossEntropyBackward',
    shape: `${rows}x${classes}`,
    flops: 2 * rows * classes,
    bytes: FLOAT * 3 * rows * classes,
    build(operands) {
      const probabilities = operands.unsigned([rows, classes]);
      const targets = operands.indices(rows, classes);
      const dLogits = operands.tensor([rows, classes]);
      return {
        run: () => {
          operands.kernels.softmaxCrossEntropyBackward(dLogits, probabilities, targets, 0.05);
        },
        outputs: [output('dLogits', dLogits, 4 * 1.2)],
      };
    },
  };
}

export function pressure(rows: number): KernelCase {
  return {
    operation: 'mseWithPositivePressure',
    shape: `${rows}`,
    flops: 5 * rows,
    bytes: FLOAT * 2 * rows,
    build(operands) {
      const [predictions, targets] = [operands.tensor([rows]), operands.unsigned([rows])];
      return { run: () => operands.kernels.mseWithPositivePressure(predictions, targets, 10), outputs: [] };
    },
  };
}

export function pressureBackward(rows: number): KernelCase {
  return {
    operation: 'mseWithPositivePressureBackward',
    shape: `${rows}`,
    flops: 5 * rows,
    bytes: FLOAT * 4 * rows,
    build(operands) {
      const [predictions, targets] = [operands.tensor([rows]), operands.unsigned([rows])];
      const dPredictions = operands.tensor([rows]);
      return {
        run: () => {
          operands.kernels.mseWithPositivePressureBackward(dPredictions, predictions, targets, 10, 1 / 64);
        },
        outputs: [output('dPredictions', dPredictions, 6 * 1.3)],
      };
    },
  };
}
