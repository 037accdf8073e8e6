import type { Floats } from '../../tensor/index.ts';
import type { Sequence } from '../sequence.ts';
import type { HeadSpec } from '../spec.ts';
import type { Ablation, Gate } from './ablation.ts';

/** A sequence to look at: what `Sequence` holds, targets if they are known. */
export type ProbedSequence = Omit<Sequence, 'targets'> & Partial<Pick<Sequence, 'targets'>>;

/** What one layer did over a sequence. Every array is [steps * size]: unit j at step t stands at t * size + j. */
export interface LayerRecording {
  /** The units, H. */
  size: number;
  /** The pre-activations, from which i, f, o follow by σ and g by tanh. An ablated gate's are what it would have followed. */
  z: Record<Gate, Floats>;
  /** Activations of the input, forget, candidate and output gates. */
  i: Floats;
  f: Floats;
  g: Floats;
  o: Floats;
  /** The cell state after the step, its tanh, and the output. */
  c: Floats;
  tanhC: Floats;
  h: Floats;
}

/** What one head said over a sequence. Row t is said after step t and judged by what stands at t + 1. */
export interface HeadRecording {
  name: string;
  kind: HeadSpec['kind'];
  size: number;
  /** Logits or predicted numbers, [steps * size]. */
  out: Floats;
  /**
   * The class of each step that heads which read this one have read, [steps]: what came next, or the likeliest where that is
   * not known; a categorical head's only.
   */
  taken?: Int32Array;
  /** The softmax of the logits; a categorical head's only. */
  probabilities?: Floats;
  /** The probability given to the class that came next, [steps]; a categorical head's only. NaN where none is known. */
  nextProbability?: Floats;
  /**
   * The loss of each prediction, [steps]: -log p in nats, or the squared error with its positive pressure. NaN where what
   * came next is not known: at a sequence's last step, or everywhere without targets.
   */
  nextLoss: Floats;
}

/** The state between two steps: h and c of every layer, [H] each. */
export interface NetworkState {
  h: Floats[];
  c: Floats[];
}

/** What a network did over a sequence, in one run with its state carried along, batch of one, without dropout. */
export interface Recording {
  /** The steps recorded, and the position in the sequence of the first. */
  steps: number;
  first: number;
  /** The inputs of the recorded steps; targets with one more row where the sequence has one. */
  sequence: ProbedSequence;
  layers: LayerRecording[];
  heads: HeadRecording[];
  /** The state before the first recorded step and after the last. */
  initialState: NetworkState;
  finalState: NetworkState;
  /** What was held while it ran. */
  ablation: readonly Ablation[];
  /** The kernels that ran, by name. */
  kernels: string;
}
