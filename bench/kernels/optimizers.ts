import { output, type KernelCase } from './case.ts';

/** The bytes of a number. */
const FLOAT = 4;

export function adam(count: number): KernelCase {
  return {
    operation: 'adam',
    shape: `${count}`,
    flops: 12 * count,
    bytes: FLOAT * 7 * count,
    build(operands) {
      const settings = { learningRate: 0.005, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, step: 7 };
      const [w, g, m] = [0, 1, 2].map(() => operands.tensor([count]));
      const v = operands.unsigned([count]);
      return {
        run: () => {
          operands.kernels.adam(w, g, m, v, settings);
        },
        outputs: [output('m', m, 8), output('v', v, 8), output('parameters', w, 16)],
      };
    },
  };
}

export function sgd(count: number): KernelCase {
  return {
    operation: 'sgd',
    shape: `${count}`,
    flops: 2 * count,
    bytes: FLOAT * 3 * count,
    build(operands) {
      const [w, g] = [0, 1].map(() => operands.tensor([count]));
      return {
        run: () => {
          operands.kernels.sgd(w, g, 0.01);
        },
        outputs: [output('parameters', w, 3)],
      };
    },
  };
}

export function sgdMomentum(count: number, nesterov: boolean): KernelCase {
  return {
    operation: 'sgdMomentum',
    shape: `${count}${nesterov ? ', nesterov' : ''}`,
    flops: (nesterov ? 6 : 4) * count,
    bytes: FLOAT * 5 * count,
    build(operands) {
      const [w, g, velocity] = [0, 1, 2].map(() => operands.tensor([count]));
      return {
        run: () => {
          operands.kernels.sgdMomentum(w, g, velocity, { learningRate: 0.01, momentum: 0.9, nesterov });
        },
        outputs: [output('velocity', velocity, 3 * 2), output('parameters', w, 8)],
      };
    },
  };
}

export function rmsprop(count: number): KernelCase {
  return {
    operation: 'rmsprop',
    shape: `${count}`,
    flops: 9 * count,
    bytes: FLOAT * 5 * count,
    build(operands) {
      const [w, g] = [0, 1].map(() => operands.tensor([count]));
      const square = operands.unsigned([count]);
      return {
        run: () => {
          operands.kernels.rmsprop(w, g, square, { learningRate: 0.005, decay: 0.99, epsilon: 1e-8 });
        },
        outputs: [output('square', square, 8), output('parameters', w, 16)],
      };
    },
  };
}

export function clip(count: number): KernelCase {
  return {
    operation: 'clip',
    shape: `${count}`,
    flops: 2 * count,
    bytes: FLOAT * 2 * count,
    build(operands) {
      const gradients = operands.tensor([count]);
      return {
        run: () => Number(operands.kernels.clip(gradients, 0.5)),
        outputs: [output('gradients', gradients, 1)],
      };
    },
  };
}
