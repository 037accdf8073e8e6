import type { Floats } from '../../tensor/index.ts';
import type { Sequence } from '../sequence.ts';
import type { HeadSpec } from '../spec.ts';
import { CELLS, type CellKind } from '../cells/kinds.ts';
import type { Ablation } from './ablation.ts';

/** A sequence to look at: what `Sequence` holds, targets if they are known. */
export type ProbedSequence = Omit<Sequence, 'targets'> & Partial<Pick<Sequence, 'targets'>>;

/** What one layer did over a sequence. Every array is [steps * size]: unit j at step t stands at t * size + j. */
export interface LayerRecording {
  /** The units, H. */
  size: number;
  cell: CellKind;
  /**
   * The pre-activations by the names of the gates, from which candidates follow by tanh and the others by σ; of the RNN that of
   * its output, `h`. An ablated gate's are what it would have followed.
   */
  z: Record<string, Floats>;
  /** The activations of the gates by their names (`gatesOf(cell)`): i f g o, or r z n; none of the RNN. */
  gates: Record<string, Floats>;
  /** The cell state after the step, where the cell has one, and what the output gate lets through of it: tanh(c), or of its norm. */
  c?: Floats;
  tanhC?: Floats;
  /** The output, which is all that a GRU or an RNN carries. */
  h: Floats;
}

/** What has a pre-activation in a cell: its gates, or where there are none the output. */
export function preActivations(cell: CellKind): string[] {
  return CELLS[cell].gates.map((gate) => gate || 'h');
}

/** The quantities of a recorded layer by their names, in the order of `quantitiesOf`. */
export function recordedQuantities({ gates, c, tanhC, h }: LayerRecording): Record<string, Floats> {
  return { ...gates, ...(c && { c }), ...(tanhC && { tanhC }), h };
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

/** The state between two steps: of every layer h, and c where the cell has one, [H] each. */
export interface NetworkState {
  h: Floats[];
  c?: Floats[];
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
