import { LARGE, REFERENCE, REFERENCE_LOSSES, LOSS_TOLERANCE, type WorkloadShape } from '../workload.ts';
import { OUTPUT_TOLERANCE, REFERENCE_OUTPUTS } from '../generate.ts';

/** What all peers do: a training step, a large one, a note from the carried state, a note over a window. */
export const TASKS = ['train', 'large', 'stateful', 'window'] as const;
export type Task = (typeof TASKS)[number];

/** How a task is called in results. */
export const TASK_WORDS: Readonly<Record<Task, string>> = {
  train: 'training step',
  large: 'large training step',
  stateful: 'one note, carrying the state',
  window: 'one note over a window of 25',
};

/** One way to do the work, to be started as a process. */
export interface Peer {
  /** How it is called in results. */
  name: string;
  /** What runs it; files are in this folder. */
  command: 'node' | 'python' | 'etude';
  file: string;
  variant: string;
  threads: number;
  tasks: readonly Task[];
  /** Takes minutes at the large task: only there when asked for. */
  slow?: boolean;
}

const ETUDE = { command: 'etude', file: 'peers/etude' } as const;
const TORCH = { command: 'python', file: 'torch_peer.py' } as const;

/** Our own engine first. */
export const PEERS: readonly Peer[] = [
  { name: 'Etude, 1 thread', ...ETUDE, variant: 'auto', threads: 1, tasks: TASKS },
  { name: 'Etude, 2 threads', ...ETUDE, variant: 'auto', threads: 2, tasks: ['train', 'large'] },
  { name: 'Etude, plain SIMD, 1 thread', ...ETUDE, variant: 'simd-plain', threads: 1, tasks: ['train', 'large'] },
  { name: 'PyTorch, nn.LSTM, 1 thread', ...TORCH, variant: 'nn.LSTM', threads: 1, tasks: TASKS },
  { name: 'PyTorch, nn.LSTM, 2 threads', ...TORCH, variant: 'nn.LSTM', threads: 2, tasks: ['train', 'large'] },
  { name: 'PyTorch, by hand, 1 thread', ...TORCH, variant: 'by hand', threads: 1, tasks: ['train', 'large'] },
  { name: 'PyTorch, by hand, 2 threads', ...TORCH, variant: 'by hand', threads: 2, tasks: ['train', 'large'] },
  {
    name: 'onnxruntime-node',
    command: 'node',
    file: 'onnx.mjs',
    variant: '',
    threads: 1,
    tasks: ['stateful', 'window'],
  },
  { name: 'jax-js, wasm', command: 'node', file: 'jax-js.mjs', variant: '', threads: 1, tasks: TASKS, slow: true },
  {
    name: 'TensorFlow.js, wasm, layers',
    command: 'node',
    file: 'tfjs.mjs',
    variant: 'layers',
    threads: 1,
    tasks: ['train', 'large', 'window'],
    slow: true,
  },
  {
    name: 'TensorFlow.js, wasm, core',
    command: 'node',
    file: 'tfjs.mjs',
    variant: 'core',
    threads: 1,
    tasks: TASKS,
    slow: true,
  },
  { name: 'plain loops', command: 'node', file: 'plain-loops.mjs', variant: '', threads: 1, tasks: TASKS, slow: true },
];

/** The workload of a task, and the steps whose losses are compared. */
export function shapeOfTask(task: Task): { shape: WorkloadShape; lossSteps: readonly number[] } {
  if (task === 'large') return { shape: LARGE, lossSteps: [1, 2] };
  return { shape: REFERENCE, lossSteps: REFERENCE_LOSSES.map(([step]) => step) };
}

/** At the large workload a loss is a sum over so many more steps that the last bits of float32 differ. */
const LARGE_TOLERANCE = 2e-5;

/** What a peer must have computed, and how far from it that may be; of the large task what our own engine says. */
export function expectedOf(task: Task, ours: readonly number[]): { numbers: readonly number[]; tolerance: number } {
  if (task === 'train') return { numbers: REFERENCE_LOSSES.map(([, loss]) => loss), tolerance: LOSS_TOLERANCE };
  if (task === 'large') return { numbers: ours, tolerance: LARGE_TOLERANCE };
  return { numbers: REFERENCE_OUTPUTS, tolerance: OUTPUT_TOLERANCE };
}
