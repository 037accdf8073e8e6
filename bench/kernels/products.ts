import type { KernelCase } from './case.ts';

const FLOAT = 4;

type Product = 'matmul' | 'matmulBackwardA' | 'matmulBackwardB';

/** a [m, k] · b [k, n] and its two gradients. */
export function product(operation: Product, m: number, k: number, n: number, large = false): KernelCase {
  const depth = { matmul: k, matmulBackwardA: n, matmulBackwardB: m }[operation];
  const numbers = { matmul: m * n, matmulBackwardA: m * k, matmulBackwardB: k * n }[operation];
  return {
    operation,
    shape: `${m}x${k}x${n}`,
    flops: 2 * m * k * n,
    bytes: FLOAT * (m * k + k * n + m * n + numbers),
    large,
    build(operands) {
      const [a, b, c] = [operands.tensor([m, k]), operands.tensor([k, n]), operands.tensor([m, n])];
      const [to, ...from] = { matmul: [c, a, b], matmulBackwardA: [a, c, b], matmulBackwardB: [b, a, c] }[operation];
      const { kernels } = operands;
      return {
        run: () => {
          kernels[operation](to, from[0], from[1]);
        },
        outputs: [{ name: 'out', tensor: to, units: depth + 1, of: 'terms' }],
      };
    },
  };
}
