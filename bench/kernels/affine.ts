import type { KernelCase } from './case.ts';

const FLOAT = 4;

/** bias [n] + a [m, k] · b [k, n], in one operation. */
export function affine(m: number, k: number, n: number): KernelCase {
  return {
    operation: 'affine',
    shape: `${m}x${k}x${n}`,
    flops: 2 * m * k * n,
    bytes: FLOAT * (m * k + k * n + n + m * n),
    build(operands) {
      const [a, b, row] = [operands.tensor([m, k]), operands.tensor([k, n]), operands.tensor([n])];
      const out = operands.zeros([m, n]);
      return {
        run: () => {
          operands.kernels.affine(out, row, a, b);
        },
        outputs: [{ name: 'out', tensor: out, units: k + 1, of: 'terms' }],
      };
    },
  };
}

/** The gradients of the bias and of the kernels of two products with one output, as an LSTM layer has them: x and h. */
export function affineBackward(m: number, [first, second]: readonly [number, number], n: number): KernelCase {
  return {
    operation: 'affineBackward',
    shape: `${m}x${first}+${second}x${n}`,
    flops: 2 * m * (first + second) * n + m * n,
    bytes: FLOAT * (m * (first + second) + 2 * (first + second) * n + 2 * n + m * n),
    build(operands) {
      const dOut = operands.tensor([m, n]);
      const dBias = operands.tensor([n]);
      const products = [first, second].map((k) => ({ db: operands.tensor([k, n]), a: operands.tensor([m, k]) }));
      return {
        run: () => {
          operands.kernels.affineBackward(dBias, dOut, products);
        },
        outputs: [
          { name: 'dBias', tensor: dBias, units: m, of: 'terms' },
          ...products.map(({ db }, index) => ({ name: `db ${index}`, tensor: db, units: m + 1, of: 'terms' as const })),
        ],
      };
    },
  };
}
