import type * as gpuJs from 'gpu.js';
import type { BuiltCase, Operands } from './case.ts';

/** The modes of gpu.js that need no GPU. */
export const GPU_JS_MODES = ['cpu', 'webasm'] as const;
export type GpuJsMode = (typeof GPU_JS_MODES)[number];

type GpuJs = typeof gpuJs;

/** A matrix product written as a kernel for gpu.js, on one thread: something to compare `matmul` with. */
export interface GpuJsProduct extends BuiltCase {
  /** What ran: `gpu.js (webasm)`. */
  name: string;
  /** Adds the last result to the numbers that `matmul` adds to, so that both are judged alike. Call it once. */
  collect(): void;
  dispose(): void;
}

interface ProductThis {
  thread: { x: number; y: number };
  constants: { depth: number };
}

/** One number of the product: row y of a times column x of b. gpu.js translates its source text. */
function productKernel(this: ProductThis, a: number[][], b: number[][]): number {
  let sum = 0;
  for (let k = 0; k < this.constants.depth; k++) sum += a[this.thread.y][k] * b[k][this.thread.x];
  return sum;
}

/** Where gpu.js is installed, or undefined where it is not: it is an optional package. */
export function findGpuJs(): string | undefined {
  try {
    return import.meta.resolve('gpu.js');
  } catch {
    return undefined;
  }
}

/** gpu.js from the place where `findGpuJs` found it. */
export async function loadGpuJs(url: string): Promise<GpuJs> {
  return ((await import(url)) as { default: GpuJs }).default;
}

/** Lays out a [m, k] · b [k, n] with the numbers that `matmul` is given. */
export function gpuJsProduct(
  { GPU, Input }: GpuJs,
  mode: GpuJsMode,
  operands: Operands,
  [m, k, n]: readonly number[],
): GpuJsProduct {
  const [a, b, out] = [operands.tensor([m, k]), operands.tensor([k, n]), operands.tensor([m, n])];
  const gpu = new GPU({ mode });
  const kernel = gpu.createKernel(productKernel as never, { output: [n, m], constants: { depth: k } }) as never as {
    (...inputs: unknown[]): Float32Array[];
    kernel: { constructor: { mode: string } };
  };
  const [left, right] = [new Input(a.data as never, [k, m]), new Input(b.data as never, [n, k])];
  let rows = kernel(left, right);
  return {
    // gpu.js falls back to another mode without an error: say what it became.
    name: `gpu.js (${kernel.kernel.constructor.mode})`,
    run: () => {
      rows = kernel(left, right);
    },
    collect: () => {
      rows.forEach((row, y) => {
        for (let x = 0; x < n; x++) out.data[y * n + x] += row[x];
      });
    },
    outputs: [{ name: 'out', tensor: out, units: k + 2, of: 'terms' }],
    dispose: () => void gpu.destroy(),
  };
}
