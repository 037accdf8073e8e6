import { createWorkload, LEARNING_RATE, REFERENCE, TorchAdam } from '../../../bench/workload.ts';
import { GpuEngine } from '../../../src/nn/gpu/gpu-engine.ts';
import * as forwards from '../../../src/tensor/gpu/recurrent-forward.kernels.ts';
import { GpuDevice } from '../../../src/tensor/gpu/device.ts';
import type { GpuMode } from '../../../src/tensor/gpu/modes.ts';
import { Random } from '../../../src/tensor/index.ts';

/** The first steps of the tutorial's model, and what ran them. */
export interface Trained {
  losses: number[];
  /** `gpu.js webgpu, ..., fused plan of 1 step` */
  engine: string;
  secondsPerStep: number;
  /** Kernels and plans that gpu.js still holds after `dispose`. */
  handlesLeft: number;
}

/** Trains the reference workload of the benchmarks through gpu.js. */
export async function trainReference(mode: GpuMode, steps: number): Promise<Trained> {
  const { spec, parameters, batch } = createWorkload(REFERENCE);
  const optimizer = new TorchAdam();
  const device = await GpuDevice.open(mode);
  const streams = { init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') };
  const engine = new GpuEngine(device, spec, { optimizer, steps: REFERENCE.seqLength, planSteps: 1, ...streams });
  const losses: number[] = [];
  const begin = performance.now();
  try {
    await engine.writeParameters(parameters);
    for (let step = 0; step < steps; step++) {
      optimizer.nextStep();
      losses.push((await engine.trainStep(batch, LEARNING_RATE)).loss);
    }
  } finally {
    await engine.dispose();
  }
  const secondsPerStep = (performance.now() - begin) / 1000 / steps;
  return { losses, engine: engine.name, secondsPerStep, handlesLeft: device.handles };
}

/** What gpu.js calls the way in which it runs a plan that is worth threads. */
export async function executorOf(mode: GpuMode): Promise<string> {
  const device = await GpuDevice.open(mode);
  try {
    const size = [256, 64, 8];
    const plan = device.plan(1, ([values]) => [device.kernel(forwards.join, size, { each: 8 })(values, values, values, values, values, values)]); // prettier-ignore
    await plan.run([{ data: new Float32Array(256 * 64 * 8), size }]);
    const { executor } = plan.ran;
    await plan.dispose();
    return executor;
  } finally {
    await device.dispose();
  }
}
