import { UsageError } from '../../errors.ts';
import type { Random } from '../../tensor/index.ts';

/** How strongly a memory speaks, and how it is kept from saying the same for ever. The defaults are those of evaluation: as fitted. */
export interface RecallOptions {
  /** How strong it is: 1 as fitted, 0 says nothing. */
  recall?: number;
  /**
   * The share of repeated figures from which on the memory falls silent: while more of the last notes (a running mean over
   * 50 that were drawn) end four pitches that had occurred before, its strength falls by e^(-30 (share - budget)). 1 never.
   */
  budget?: number;
  /** So many of the newest places are not copied from. */
  minLag?: number;
  /** Times are copied to their class only, not to the neighbours: a smeared rhythm is none. */
  sharp?: boolean;
  /** How strong transposed figures are, as `recall`; that unless given. 0 has none. */
  transposed?: number;
  /** Transposed figures stay between the lowest and the highest pitch that is remembered: copied intervals drift otherwise. */
  inRange?: boolean;
  /**
   * Copies whole notes: whether a note is copied, and from which place, is drawn before its first head; each head keeps to that place
   * with this probability. 0 asks every head anew.
   */
  joint?: number;
  /** Draws what `joint` asks for. */
  random?: Random;
}

export type ResolvedRecall = Required<Omit<RecallOptions, 'random'>> & Pick<RecallOptions, 'random'>;

/** What was found to bring as much repetition into generated music as people's has (docs/recall.md). */
export const GENERATION_RECALL = {
  recall: 4,
  budget: 0.1,
  minLag: 8,
  sharp: true,
  transposed: 0,
  inRange: true,
  joint: 1,
} as const satisfies RecallOptions;

/**
 * Fills in the defaults.
 * @throws UsageError for what is out of range
 */
export function resolveRecall(options: RecallOptions = {}): ResolvedRecall {
  const { recall = 1, budget = 1, minLag = 0, sharp = false, inRange = false, joint = 0, random } = options;
  const { transposed = recall } = options;
  between('recall', recall, 0, 1000);
  between('budget', budget, 0, 1);
  between('transposed', transposed, 0, 1000);
  between('joint', joint, 0, 1);
  if (!Number.isSafeInteger(minLag) || minLag < 0) {
    throw new UsageError(`minLag: expected a whole number of notes from 0 on, got ${minLag}.`);
  }
  if (joint > 0 && !random) throw new UsageError('joint: copying whole notes draws places; give `random`.');
  return { recall, budget, minLag, sharp, transposed, inRange, joint, random };
}

function between(name: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) {
    throw new UsageError(`${name}: expected a number from ${least} to ${most}, got ${value}.`);
  }
}
