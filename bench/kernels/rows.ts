import { output, type KernelCase } from './case.ts';

const FLOAT = 4;

export function bias(rows: number, columns: number): KernelCase {
  return {
    operation: 'bias',
    shape: `${rows}x${columns}`,
    flops: 0,
    bytes: FLOAT * rows * columns,
    build(operands) {
      const [out, row] = [operands.zeros([rows, columns]), operands.tensor([columns])];
      return {
        run: () => {
          operands.kernels.bias(out, row);
        },
        outputs: [output('out', out, 0.5)],
      };
    },
  };
}

export function biasBackward(rows: number, columns: number): KernelCase {
  return {
    operation: 'biasBackward',
    shape: `${rows}x${columns}`,
    flops: rows * columns,
    bytes: FLOAT * rows * columns,
    build(operands) {
      const [row, dOut] = [operands.tensor([columns]), operands.tensor([rows, columns])];
      return {
        run: () => {
          operands.kernels.biasBackward(row, dOut);
        },
        outputs: [{ name: 'dBias', tensor: row, units: rows, of: 'terms' }],
      };
    },
  };
}

export function embedding(rows: number, classes: number, columns: number): KernelCase {
  return {
    operation: 'embedding',
    shape: `${rows}x${columns} of ${classes}`,
    flops: rows * columns,
    bytes: FLOAT * 3 * rows * columns,
    build(operands) {
      const [out, table] = [operands.tensor([rows, columns]), operands.tensor([classes, columns])];
      const indices = operands.indices(rows, classes);
      return {
        run: () => {
          operands.kernels.embedding(out, table, indices);
        },
        outputs: [{ name: 'out', tensor: out, units: 1, of: 'terms' }],
      };
    },
  };
}

export function embeddingBackward(rows: number, classes: number, columns: number): KernelCase {
  return {
    operation: 'embeddingBackward',
    shape: `${rows}x${columns} of ${classes}`,
    flops: rows * columns,
    bytes: FLOAT * 3 * rows * columns,
    build(operands) {
      const [dOut, dTable] = [operands.tensor([rows, columns]), operands.tensor([classes, columns])];
      const indices = operands.indices(rows, classes);
      return {
        run: () => {
          operands.kernels.embeddingBackward(dTable, dOut, indices);
        },
        outputs: [{ name: 'dTable', tensor: dTable, units: rows, of: 'terms' }],
      };
    },
  };
}

export function dropout(rows: number, columns: number): KernelCase {
  return {
    operation: 'dropout',
    shape: `${rows}x${columns}`,
    flops: rows * columns,
    bytes: FLOAT * 3 * rows * columns,
    build(operands) {
      const out = operands.zeros([rows, columns]);
      const [a, mask] = [operands.tensor([rows, columns]), operands.unsigned([rows, columns])];
      return {
        run: () => {
          operands.kernels.dropout(out, a, mask);
        },
        outputs: [{ name: 'out', tensor: out, units: 1, of: 'value' }],
      };
    },
  };
}

export function dropoutBackward(rows: number, columns: number): KernelCase {
  return {
    operation: 'dropoutBackward',
    shape: `${rows}x${columns}`,
    flops: 2 * rows * columns,
    bytes: FLOAT * 4 * rows * columns,
    build(operands) {
      const [da, dOut] = [operands.tensor([rows, columns]), operands.tensor([rows, columns])];
      const mask = operands.unsigned([rows, columns]);
      return {
        run: () => {
          operands.kernels.dropoutBackward(da, dOut, mask);
        },
        outputs: [{ name: 'da', tensor: da, units: 2, of: 'terms' }],
      };
    },
  };
}

export function relu(rows: number, columns: number): KernelCase {
  return {
    operation: 'relu',
    shape: `${rows}x${columns}`,
    flops: rows * columns,
    bytes: FLOAT * 2 * rows * columns,
    build(operands) {
      const [out, a] = [operands.zeros([rows, columns]), operands.tensor([rows, columns])];
      return {
        run: () => {
          operands.kernels.relu(out, a);
        },
        outputs: [{ name: 'out', tensor: out, units: 1, of: 'value' }],
      };
    },
  };
}

export function reluBackward(rows: number, columns: number): KernelCase {
  return {
    operation: 'reluBackward',
    shape: `${rows}x${columns}`,
    flops: 2 * rows * columns,
    bytes: FLOAT * 4 * rows * columns,
    build(operands) {
      const [da, dOut] = [operands.tensor([rows, columns]), operands.tensor([rows, columns])];
      const out = operands.unsigned([rows, columns]);
      return {
        run: () => {
          operands.kernels.reluBackward(da, dOut, out);
        },
        outputs: [{ name: 'da', tensor: da, units: 1, of: 'terms' }],
      };
    },
  };
}

export function elementwise(operation: 'fill' | 'copy' | 'add' | 'scale', count: number): KernelCase {
  const moved = { fill: 1, copy: 2, add: 3, scale: 2 }[operation];
  return {
    operation,
    shape: `${count}`,
    flops: operation === 'add' || operation === 'scale' ? count : 0,
    bytes: FLOAT * moved * count,
    build(operands) {
      const { kernels } = operands;
      const [out, a] = [operands.tensor([count]), operands.tensor([count])];
      const run = {
        fill: () => {
          kernels.fill(out, 0.1);
        },
        copy: () => {
          kernels.copy(out, a);
        },
        add: () => {
          kernels.add(out, a);
        },
        // Small steps away from 1 would end in denormal numbers or infinities after many runs.
        scale: () => {
          kernels.scale(out, -1);
        },
      }[operation];
      return { run, outputs: [{ name: 'out', tensor: out, units: 2, of: 'terms' }] };
    },
  };
}

export function sumOfSquares(count: number): KernelCase {
  return {
    operation: 'sumOfSquares',
    shape: `${count}`,
    flops: 2 * count,
    bytes: FLOAT * count,
    build(operands) {
      const a = operands.tensor([count]);
      return { run: () => operands.kernels.sumOfSquares(a), outputs: [] };
    },
  };
}
