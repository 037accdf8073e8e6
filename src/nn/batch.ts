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
  /** For each head what should follow: [B] when the loss looks at the last step, [T * B] when at every step. */
  targets?: Record<string, ArrayLike<number>>;
}

/** The same numbers in arrays of their own; what is missing stays missing. */
export function copyBatch({ size, steps, categories, features, targets }: Batch): Batch {
  const copy = (values: ArrayLike<number>): ArrayLike<number> => values && Array.from(values);
  return {
    size,
    steps,
    categories: categories.map(copy),
    features: copy(features),
    ...(targets && { targets: Object.fromEntries(Object.entries(targets).map(([name, each]) => [name, copy(each)])) }),
  };
}
