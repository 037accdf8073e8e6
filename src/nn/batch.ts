/** Sequences side by side, time-major: row t * size + b is step t of sequence b. */
export interface Batch {
  /** How many sequences, B. */
  size: number;
  /** How many steps each has, T. */
  steps: number;
  /** For each categorical input the class of every row, [T * B]. */
  categories: ArrayLike<number>[];
  /** The features of every row, [T * B, F] row-major. */
  features: ArrayLike<number>;
  /**
   * For each head what should follow: [B] when the loss looks at the last step, [T * B] when at every step; a head of several
   * numbers has them side by side. A class of -1 is not asked for: the row counts nothing, nor in heads that read it.
   */
  targets?: Record<string, ArrayLike<number>>;
  /**
   * How long each sequence is, [B], from 1 to T; all T unless given. What stands beyond its end is run, since that is cheapest,
   * but neither counts nor teaches. Takes a model whose loss looks at every step.
   */
  lengths?: ArrayLike<number>;
  /** Whether only the last step of each sequence is asked for: one answer a sequence. */
  asked?: 'ends';
  /** How much each sequence counts, [B], 0 or more; 1 each unless given. Losses are then weighted means. */
  weights?: ArrayLike<number>;
  /**
   * Where each sequence begins, [B]: 1 with the state after the batch before, as that batch was trained on (or evaluated, in
   * `evaluate`), 0 with zeros. Batches without it begin with zeros and leave no state. Of a sequence that ended before the
   * batch the state is that after what filled it up.
   */
  carry?: ArrayLike<number>;
}

/** The same numbers in arrays of their own; what is missing stays missing. */
export function copyBatch({
  size,
  steps,
  categories,
  features,
  targets,
  lengths,
  asked,
  weights,
  carry,
}: Batch): Batch {
  const copy = (values: ArrayLike<number>): ArrayLike<number> => values && Array.from(values);
  return {
    size,
    steps,
    categories: categories.map(copy),
    features: copy(features),
    ...(asked && { asked }),
    ...(lengths && { lengths: copy(lengths) }),
    ...(weights && { weights: copy(weights) }),
    ...(carry && { carry: copy(carry) }),
    ...(targets && { targets: Object.fromEntries(Object.entries(targets).map(([name, each]) => [name, copy(each)])) }),
  };
}
