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
