import type { GpuDevice } from './device.ts';
import { GpuUnavailableError } from './errors.ts';
import type { GpuPlan } from './plan.ts';
import { twice } from './probe.kernels.ts';

/**
 * Runs a small plan, to learn what gpu.js makes of one here.
 * @throws GpuUnavailableError when the device computes wrongly or not at all
 */
export async function probe(device: GpuDevice): Promise<GpuPlan['ran']> {
  const plan = device.plan(1, ([values]) => {
    const kernel = device.kernel(twice, [3, 2], {});
    return [kernel(kernel(values))];
  });
  try {
    const data = Float32Array.of(1, -2, 3, 0.5, 0, 7);
    const [result] = await plan.run([{ data, size: [3, 2] }]);
    if (!result.every((value, at) => value === 4 * data[at])) throw new Error(`it says that 4 times ${data.join(' ')} is ${result.join(' ')}`); // prettier-ignore
    return plan.ran;
  } catch (error) {
    throw new GpuUnavailableError(`--backend gpu-${device.mode}: it does not compute: ${(error as Error).message.split('\n')[0]}. Use --backend simd.`, { cause: error }); // prettier-ignore
  } finally {
    await plan.dispose();
  }
}
