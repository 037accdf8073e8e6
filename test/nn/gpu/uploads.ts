import { layOut } from '../../../src/nn/gpu/layout.ts';
import type { ModelSpec } from '../../../src/nn/spec.ts';
import { loadGpuJs } from '../../../src/tensor/gpu/gpu-js.ts';
import type { GpuMode } from '../../../src/tensor/gpu/modes.ts';
import { GpuPlan, type DeviceArray } from '../../../src/tensor/gpu/plan.ts';

/**
 * How often all weights of a model, without their moments, go up while `work` runs. gpu.js sends every argument of a plan in whole at
 * every call; in the mode webgpu what it writes into the device's buffers is counted too.
 */
export async function uploadsOf(mode: GpuMode, spec: ModelSpec, work: () => Promise<void>): Promise<number> {
  const { layers, heads } = layOut(spec, { batchSize: 1, steps: 1 });
  const numbers = [...layers, heads].map(({ rows, columns }) => rows * columns);
  // Another array may happen to be as long as one of them, not as each.
  const asWeights = (lengths: readonly number[]): number =>
    Math.min(...numbers.map((size) => lengths.filter((length) => length === size).length));
  const sent: number[] = [];
  const written: number[] = [];
  const stop = [
    watch(GpuPlan.prototype, 'run', ([args]) => {
      sent.push(...(args as DeviceArray[]).map(({ data }) => data.length));
    }),
  ];
  if (mode === 'webgpu') {
    const queue = await sharedQueue();
    stop.push(watch(queue, 'writeBuffer', ([, , data]) => data instanceof Float32Array && written.push(data.length)));
  }
  try {
    await work();
  } finally {
    for (const restore of stop) restore();
  }
  const uploads = asWeights(sent);
  if (mode === 'webgpu' && asWeights(written) !== uploads) {
    throw new Error(`webgpu: the weights were written ${asWeights(written)} times for ${uploads} times in plans`);
  }
  return uploads;
}

/** Shows `see` the arguments of every call of a method, until what it returns is called. */
function watch(owner: object, name: string, see: (args: unknown[]) => void): () => void {
  const methods = owner as Record<string, (...args: unknown[]) => unknown>;
  const method = methods[name];
  methods[name] = function (this: unknown, ...args) {
    see(args);
    return method.apply(this, args);
  };
  return () => {
    methods[name] = method;
  };
}

/** What all queues have in common, that of the device which gpu.js shares among them. */
async function sharedQueue(): Promise<object> {
  const { device } = await (await loadGpuJs()).WebGPUContext.acquire();
  return Object.getPrototypeOf((device as unknown as { queue: object }).queue) as object;
}
