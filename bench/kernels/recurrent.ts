import { output, type KernelCase, type Operands } from './case.ts';

const FLOAT = 4;

/** A whole sequence forward. The bounds of product and cell add up from step to step. */
export function sequenceForward(steps: number, batch: number, hidden: number): KernelCase {
  const cells = steps * batch * hidden;
  return {
    operation: 'lstmForward',
    shape: `${steps}x${batch}x${hidden}`,
    flops: 8 * cells * hidden + CELL_FLOPS * cells,
    bytes: FLOAT * (11 * cells + 4 * hidden * hidden),
    build(operands) {
      const { gates, h, c, tanhC, kernel } = sequence(operands, steps, batch, hidden);
      const units = steps * (hidden + 1 + 8);
      return {
        run: () => {
          operands.kernels.lstmForward(gates, h, c, tanhC, kernel);
        },
        restore: operands.saved(gates),
        outputs: [output('gates', gates, units), output('c', c, units), output('h', h, units)],
      };
    },
  };
}

export function sequenceBackward(steps: number, batch: number, hidden: number): KernelCase {
  const cells = steps * batch * hidden;
  return {
    operation: 'lstmBackward',
    shape: `${steps}x${batch}x${hidden}`,
    flops: (8 * cells * hidden * (steps - 1)) / steps + CELL_BACKWARD_FLOPS * cells,
    bytes: FLOAT * (12 * cells + 4 * hidden * hidden),
    build(operands) {
      const { gates, h, c, tanhC, kernel } = sequence(operands, steps, batch, hidden);
      operands.kernels.lstmForward(gates, h, c, tanhC, kernel);
      const [dh, dc] = [operands.tensor([steps, batch, hidden]), operands.tensor([batch, hidden])];
      const restore = [gates, dh, dc].map((tensor) => operands.saved(tensor));
      const units = steps * (4 * hidden + 1 + 8);
      return {
        run: () => {
          operands.kernels.lstmBackward(gates, dh, dc, c, tanhC, kernel);
        },
        restore: () => {
          for (const each of restore) each();
        },
        outputs: [output('dGates', gates, units), output('dh', dh, units), output('dc', dc, units)],
      };
    },
  };
}

function sequence(operands: Operands, steps: number, batch: number, hidden: number) {
  return {
    gates: operands.tensor([steps, batch, 4 * hidden]),
    h: operands.tensor([steps + 1, batch, hidden]),
    c: operands.tensor([steps + 1, batch, hidden]),
    tanhC: operands.zeros([steps, batch, hidden]),
    kernel: operands.tensor([hidden, 4 * hidden], 1 / Math.sqrt(hidden)),
  };
}

/** Three sigmoids (exp, addition, division), two tanh, two products and a sum, one product. */
const CELL_FLOPS = 3 * 3 + 2 + 3 + 1;
/** See Kernels.lstmCellBackward: five for dc', and 4, 4, 4, 4, 1 for the five results. */
const CELL_BACKWARD_FLOPS = 5 + 4 * 4 + 1;

export function cellForward(batch: number, hidden: number): KernelCase {
  return {
    operation: 'lstmCell',
    shape: `${batch}x${hidden}`,
    flops: CELL_FLOPS * batch * hidden,
    bytes: FLOAT * 12 * batch * hidden,
    build(operands) {
      const gates = operands.tensor([batch, 4 * hidden], 3);
      const cPrev = operands.tensor([batch, hidden]);
      const [c, tanhC, h] = [0, 1, 2].map(() => operands.zeros([batch, hidden]));
      return {
        run: () => {
          operands.kernels.lstmCell(gates, cPrev, c, tanhC, h);
        },
        restore: operands.saved(gates),
        outputs: [output('gates', gates, 4), output('c', c, 16), output('tanhC', tanhC, 16), output('h', h, 24)],
      };
    },
  };
}

export function cellBackward(batch: number, hidden: number): KernelCase {
  return {
    operation: 'lstmCellBackward',
    shape: `${batch}x${hidden}`,
    flops: CELL_BACKWARD_FLOPS * batch * hidden,
    bytes: FLOAT * 13 * batch * hidden,
    build(operands) {
      const gates = operands.unsigned([batch, 4 * hidden]);
      const dGates = operands.zeros([batch, 4 * hidden]);
      const [cPrev, tanhC] = [operands.tensor([batch, hidden]), operands.tensor([batch, hidden])];
      const [dh, dc] = [operands.tensor([batch, hidden]), operands.tensor([batch, hidden])];
      return {
        run: () => {
          operands.kernels.lstmCellBackward(dGates, dc, dh, gates, cPrev, tanhC);
        },
        restore: operands.saved(dc),
        outputs: [output('dGates', dGates, 16), output('dc', dc, 16)],
      };
    },
  };
}
