import type { GpuDevice } from '../../../src/tensor/gpu/device.ts';
import type { DeviceArray, KernelConstants } from '../../../src/tensor/gpu/plan.ts';
import { mulberry32 } from '../../support/generators.ts';

/** An array for a kernel, and its numbers to compute with: at(z, y, x). */
export interface TestArray extends DeviceArray {
  at(z: number, y: number, x: number): number;
}

/** Draws operands. */
export class Operands {
  readonly random: () => number;

  constructor(seed: number) {
    this.random = mulberry32(seed);
  }

  /** Of the sizes along x, y, z: uniform in [-1, 1), or what `value` gives. */
  array(size: readonly number[], value: (index: number) => number = () => 2 * this.random() - 1): TestArray {
    const [x, y = 1, z = 1] = size;
    return testArray(
      Float32Array.from({ length: x * y * z }, (_, index) => value(index)),
      size,
    );
  }
}

/** Numbers in the order of a kernel's output, as an array that another kernel can take. */
export function testArray(data: Float32Array, size: readonly number[]): TestArray {
  const [columns, rows = 1] = size;
  return { data, size, at: (z, y, x) => data[(z * rows + y) * columns + x] };
}

/** Runs one kernel in a plan of its own. Numbers among the arguments become part of the plan. */
export async function runKernel(
  device: GpuDevice,
  source: (...args: never[]) => number,
  output: readonly number[],
  constants: KernelConstants,
  args: readonly (DeviceArray | number)[],
): Promise<TestArray> {
  const arrays = args.filter((arg) => typeof arg === 'object');
  const kernel = device.kernel(source, output, constants);
  const plan = device.plan(arrays.length, (handles) => {
    const left = [...handles];
    return [kernel(...args.map((arg) => (typeof arg === 'number' ? arg : left.shift()!)))];
  });
  try {
    const [result] = await plan.run(arrays);
    // gpu.js calls both kinds of WebGL by one name.
    const expected = ['webgl2', 'headlessgl'].includes(device.mode) ? ['gpu', device.mode] : [device.mode];
    const { mode } = plan.ran;
    if (!expected.includes(String(mode))) throw new Error(`${source.name} ran in ${mode}, not in ${device.mode}`);
    return testArray(result, output);
  } finally {
    await plan.dispose();
  }
}
