// What a page runs when a test asks it to; see gpu.slow.ts. Everything that comes back is plain JSON.
import fc from 'fast-check';
import { GpuUnavailableError } from '../../../src/tensor/gpu/errors.ts';
import { GpuDevice } from '../../../src/tensor/gpu/device.ts';
import type { GpuMode } from '../../../src/tensor/gpu/modes.ts';
import { describeGpuEngine } from '../../nn/gpu/engine-conformance.ts';
import { describeGpuKernels } from '../../tensor/gpu/kernel-conformance.ts';
import { runSuite } from './vitest.ts';
import { executorOf, trainReference } from './workload.ts';

// As test/setup.ts has it for Node.
fc.configureGlobal({ seed: 20_260_101 });

const host = globalThis as { Buffer?: object; crossOriginIsolated?: boolean };
// All of Node's that a suite asks for: the bytes of a buffer as text.
host.Buffer ??= { from: (bytes: ArrayBuffer) => ({ toString: () => new Uint8Array(bytes).join() }) };

/** What a mode computes on, or why it is missing. */
async function find(mode: GpuMode): Promise<{ adapter?: string; missing?: string }> {
  try {
    const device = await GpuDevice.open(mode);
    const { adapter } = device;
    await device.dispose();
    return { adapter: adapter ?? 'the processor' };
  } catch (thrown) {
    if (!(thrown instanceof GpuUnavailableError)) throw thrown;
    return { missing: thrown.message };
  }
}

const page = {
  isIsolated: () => host.crossOriginIsolated === true,
  find,
  kernels: (mode: GpuMode, runs: number) => runSuite(() => describeGpuKernels(mode, runs)),
  engine: (mode: GpuMode, runs: number) => runSuite(() => describeGpuEngine(mode, runs)),
  trainReference,
  executorOf,
};
/** What a test finds in the page, each function asynchronous. */
export type InPage = { [K in keyof typeof page]: (...args: Parameters<(typeof page)[K]>) => Awaited<ReturnType<(typeof page)[K]>> }; // prettier-ignore
Object.assign(globalThis, { page });
