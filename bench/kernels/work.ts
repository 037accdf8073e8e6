import { createKernels, type Floats } from '../../src/tensor/index.ts';
import { sampleRuns, warmUp, type Effort } from '../timing.ts';
import { Operands, type BuiltCase } from './case.ts';
import { KERNEL_CASES } from './cases.ts';
import { gpuJsProduct, loadGpuJs, type GpuJsMode } from './gpu-js.ts';
import { judge } from './judgement.ts';

/** What a thread is there for: to say what is right, or to compete with kernels of ours or of gpu.js. */
export type WorkerRole =
  | { kind: 'judge' }
  | { kind: 'kernels'; backend: string }
  /** `url` is where gpu.js was found. */
  | { kind: 'gpu.js'; mode: GpuJsMode; url: string };

/** What a thread is asked: to judge or lay out case number `index` of KERNEL_CASES, or to time the one laid out last. */
export type WorkerRequest = { kind: 'judge' | 'open'; index: number } | { kind: 'warm up' | 'sample'; effort: Effort };

/** A case that was laid out and run once. */
export interface Opened {
  /** What really runs: `simd (relaxed)`. */
  backend: string;
  /** The numbers of each output, and what `run` returned. */
  outputs: Floats[];
  returned: unknown;
}

/** The work of a role, request by request. */
export function createWork(role: WorkerRole): (request: WorkerRequest) => Promise<unknown> {
  const open =
    role.kind === 'kernels' ? kernelsOpener(role.backend) : role.kind === 'gpu.js' ? gpuJsOpener(role) : refuse;
  let built: BuiltCase | undefined;
  let dispose: (() => void) | undefined;
  return async (request) => {
    switch (request.kind) {
      case 'judge':
        return judge(KERNEL_CASES[request.index]);
      case 'open': {
        dispose?.();
        const { opened, ...laidOut } = await open(request.index);
        ({ built, dispose } = laidOut);
        return opened;
      }
      case 'warm up':
        warmUp(built!, request.effort);
        return undefined;
      case 'sample':
        return sampleRuns(built!, request.effort);
    }
  };
}

interface LaidOut {
  opened: Opened;
  built: BuiltCase;
  dispose?: () => void;
}

function refuse(): Promise<LaidOut> {
  return Promise.reject(new Error('internal: a judge does not compete'));
}

function kernelsOpener(backend: string): (index: number) => Promise<LaidOut> {
  const kernels = createKernels(backend);
  return (index) => {
    const built = KERNEL_CASES[index].build(new Operands(kernels));
    const returned = built.run();
    return Promise.resolve({ built, opened: { backend: kernels.name, outputs: copies(built), returned } });
  };
}

function gpuJsOpener({ mode, url }: { mode: GpuJsMode; url: string }): (index: number) => Promise<LaidOut> {
  return async (index) => {
    const operands = new Operands(createKernels('reference'));
    const shape = KERNEL_CASES[index].shape.split('x').map(Number);
    const built = gpuJsProduct(await loadGpuJs(url), mode, operands, shape);
    built.collect();
    return {
      built,
      dispose: built.dispose,
      opened: { backend: built.name, outputs: copies(built), returned: undefined },
    };
  };
}

function copies({ outputs }: BuiltCase): Floats[] {
  return outputs.map(({ tensor }) => tensor.data.slice());
}
