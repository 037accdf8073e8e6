import { LARGE, REFERENCE, REFERENCE_LOSSES, LOSS_TOLERANCE, type WorkloadShape } from '../workload.ts';
import { counted } from '../../src/text/words.ts';
import type { MeasuredNode } from '../nodes.ts';
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
  /** The Node that runs it, of those that race; of PyTorch none. */
  node?: MeasuredNode;
  /** Takes minutes at the large task: only there when asked for. */
  slow?: boolean;
  /** Its loss and its optimizer are its own, so that nothing can be compared but the time of as many sequences. */
  otherWork?: boolean;
}

export const TORCH_FORMS = ['nn.LSTM', 'by hand', 'jit.script'] as const;

const TRAINING: readonly Task[] = ['train', 'large'];
const NOTES: readonly Task[] = ['stateful', 'window'];

/**
 * Everybody who takes part: our own engine on every Node, and the others in every form and with every number of threads that
 * could be their best. The first is our own engine on one thread of the first Node, on which the other JavaScript peers run too.
 */
export function peersOn(nodes: readonly MeasuredNode[], cores: number): Peer[] {
  const [node] = nodes;
  const threads = Array.from({ length: cores }, (_, index) => index + 1);
  const js = { command: 'node', node, variant: '', threads: 1 } as const;
  return [
    ...nodes.flatMap((own) => threads.map((count) => etude(own, count))),
    { ...etude(node, 1), name: `Etude, ${node.name}, plain SIMD, 1 thread`, variant: 'simd-plain', tasks: ['train'] },
    ...TORCH_FORMS.flatMap((form) => threads.map((count) => torch(form, count))),
    ...threads.map((count): Peer => ({ ...js, name: `onnxruntime-node, ${counted(count, 'thread')}`, file: 'onnx.mjs', threads: count, tasks: NOTES })), // prettier-ignore
    { ...js, name: 'jax-js, wasm', file: 'jax-js.mjs', tasks: TASKS, slow: true },
    { ...js, name: 'TensorFlow.js, wasm, layers', file: 'tfjs.mjs', variant: 'layers', tasks: ['train', 'large', 'window'], slow: true }, // prettier-ignore
    { ...js, name: 'TensorFlow.js, wasm, core', file: 'tfjs.mjs', variant: 'core', tasks: TASKS, slow: true },
    { ...js, name: 'plain loops', file: 'plain-loops.mjs', tasks: TASKS, slow: true },
    { ...js, name: 'brain.js', file: 'brain-js.mjs', tasks: ['train'], otherWork: true },
  ];
}

/** How our own engine is called in results. */
export function etudeName(node: string, threads: number): string {
  return `Etude, ${node}, ${counted(threads, 'thread')}`;
}

function etude(node: MeasuredNode, threads: number): Peer {
  const tasks = threads === 1 ? TASKS : TRAINING;
  return { name: etudeName(node.name, threads), command: 'etude', file: 'peers/etude', variant: 'auto', threads, tasks, node }; // prettier-ignore
}

/** Notes are PyTorch's own form's alone: the others are forms of training. */
function torch(form: string, threads: number): Peer {
  const tasks = form === 'nn.LSTM' && threads === 1 ? TASKS : TRAINING;
  return { name: `PyTorch, ${form}, ${counted(threads, 'thread')}`, command: 'python', file: 'torch_peer.py', variant: form, threads, tasks }; // prettier-ignore
}

/** The workload of a task, and the steps whose losses are compared. */
export function shapeOfTask(task: Task): { shape: WorkloadShape; lossSteps: readonly number[] } {
  if (task === 'large') return { shape: LARGE, lossSteps: [1, 2] };
  return { shape: REFERENCE, lossSteps: REFERENCE_LOSSES.map(([step]) => step) };
}

/** At the large workload the second loss is ten times the first, and as much more of it is rounding: so this is relative. */
const LARGE_TOLERANCE = 5e-6;

/** What a peer must have computed, and how far from it that may be; of the large task what our own engine says, relative to it. */
export function expectedOf(task: Task, ours: readonly number[]): { numbers: readonly number[]; tolerance: number } {
  if (task === 'train') return { numbers: REFERENCE_LOSSES.map(([, loss]) => loss), tolerance: LOSS_TOLERANCE };
  if (task === 'large') return { numbers: ours, tolerance: LARGE_TOLERANCE };
  return { numbers: REFERENCE_OUTPUTS, tolerance: OUTPUT_TOLERANCE };
}
