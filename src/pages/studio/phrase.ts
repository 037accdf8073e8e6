import { quantitiesOf, type CellKind, type Quantity } from '../../nn/cells/kinds.ts';
import { QUANTITY_NAMES } from '../../study/quantity-names.ts';

/** Which notes of the music the network is watched on. */
export interface PhraseChoice {
  /** The piece's path. */
  path: string;
  /** The first note, and how many. */
  from: number;
  count: number;
  layer: number;
}

/** The numbers of a layer that are shown as heat maps: gates, states and outputs. */
export type ShownQuantity = Exclude<Quantity, 'tanhC'>;

/** All of them, of any cell. */
export const SHOWN_QUANTITIES = (Object.keys(QUANTITY_NAMES) as Quantity[]).filter(isShown);

function isShown(quantity: Quantity): quantity is ShownQuantity {
  return quantity !== 'tanhC';
}

/** What one is, in words. */
export function quantityName(quantity: Quantity): string {
  return `${QUANTITY_NAMES[quantity].name} ${QUANTITY_NAMES[quantity].symbol}`;
}

/** The quantities of a cell that are shown. */
export function shownQuantities(cell: CellKind): ShownQuantity[] {
  return quantitiesOf(cell).filter(isShown);
}

/** What the network does on a phrase, step by step: T steps, H units. */
export interface PhraseView {
  /** Training steps that the network had taken. */
  step: number;
  choice: PhraseChoice;
  cell: CellKind;
  units: number;
  /** The notes that it read, in order; times in seconds. */
  pitch: number[];
  start: number[];
  duration: number[];
  /** What `shownQuantities` of the cell are, [T, H] each, row by row. */
  values: Partial<Record<ShownQuantity, Float32Array>>;
  /**
   * What each note cost, given those before it: the sum of -log p over the heads with classes, in nats; of heads that read others
   * given the note's own parts before. NaN for the first.
   */
  surprise: Float64Array;
  /** The probability that was given to the pitch of each note; NaN for the first. */
  probability: Float64Array;
  /** The parts of the note that the head of the pitch was told. */
  given: string[];
  /** The norm of dL/dh and, where there is a cell, dL/dc at each step, L being the loss of the last prediction of which it is known what came. */
  gradientH: Float64Array;
  gradientC?: Float64Array;
}

/** A unit at a step of a phrase. */
export interface CellChoice extends PhraseChoice {
  unit: number;
  /** From 0, within the phrase. */
  at: number;
}
