import { CheckpointError } from '../errors.ts';
import type { NamedArrays } from '../parameters.ts';

/**
 * What optimizers keep for every weight from step to step, by the names that checkpoints give it: the least that a number of it
 * can be, and what is said of it. Adam and AdamW keep the same.
 */
export const SLOTS = {
  'adam.m': { least: -Number.MAX_VALUE, should: 'moments are finite' },
  'adam.v': { least: 0, should: 'second moments are finite and not below 0' },
  'sgd.velocity': { least: -Number.MAX_VALUE, should: 'velocities are finite' },
  'rmsprop.square': { least: 0, should: 'mean squares are finite and not below 0' },
} as const;

/** The name of what an optimizer keeps for every weight. */
export type Slot = keyof typeof SLOTS;

/** What an optimizer has kept, slot by slot. */
export type OptimizerState = Readonly<Partial<Record<Slot, NamedArrays>>>;

export function isSlot(value: unknown): value is Slot {
  return typeof value === 'string' && Object.hasOwn(SLOTS, value);
}

/** The slots of a state, in the order of the table. */
export function slotsOf(state: OptimizerState): Slot[] {
  return Object.keys(SLOTS).filter((slot): slot is Slot => isSlot(slot) && state[slot] !== undefined);
}

/**
 * Looks whether a state is that of the optimizer that is to go on with it.
 * @throws CheckpointError when it keeps something else
 */
export function assertKept(state: OptimizerState, keeps: readonly Slot[]): void {
  const found = slotsOf(state);
  if (found.length === keeps.length && keeps.every((slot) => found.includes(slot))) return;
  const inWords = (slots: readonly Slot[]): string => slots.join(', ') || 'nothing';
  throw new CheckpointError(
    `The training state is of another optimizer: this one keeps ${inWords(keeps)}, and the state has ${inWords(found)}. ` +
      'Resume with the optimizer that it was trained with.',
  );
}
