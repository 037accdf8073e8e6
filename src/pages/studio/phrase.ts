/** Which notes of the music the network is watched on. */
export interface PhraseChoice {
  /** The piece's path. */
  path: string;
  /** The first note, and how many. */
  from: number;
  count: number;
  layer: number;
}

/** The numbers of a layer that are shown as heat maps. */
export const QUANTITIES = ['i', 'f', 'g', 'o', 'c', 'h'] as const;
export type Quantity = (typeof QUANTITIES)[number];

/** What each is, in words. */
export const QUANTITY_NAMES: Readonly<Record<Quantity, string>> = {
  i: 'input gate i',
  f: 'forget gate f',
  g: 'candidate g',
  o: 'output gate o',
  c: 'cell c',
  h: 'output h',
};

/** What the network does on a phrase, step by step: T steps, H units. */
export interface PhraseView {
  /** Training steps that the network had taken. */
  step: number;
  choice: PhraseChoice;
  units: number;
  /** The notes that it read, in order; times in seconds. */
  pitch: number[];
  start: number[];
  duration: number[];
  /** Gates, cell and output, [T, H] each, row by row. */
  values: Record<Quantity, Float32Array>;
  /**
   * What each note cost, given those before it: the sum of -log p over the heads with classes, in nats; of heads that read others
   * given the note's own parts before. NaN for the first.
   */
  surprise: Float64Array;
  /** The probability that was given to the pitch of each note; NaN for the first. */
  probability: Float64Array;
  /** The parts of the note that the head of the pitch was told. */
  given: string[];
  /** The norm of dL/dh and dL/dc at each step, L being the loss of the last prediction of which it is known what came. */
  gradientH: Float64Array;
  gradientC: Float64Array;
}

/** A unit at a step of a phrase. */
export interface CellChoice extends PhraseChoice {
  unit: number;
  /** From 0, within the phrase. */
  at: number;
}
