/**
 * One sequence to learn from, such as a piece of music. Row t of each array belongs to position t; the windowing pairs the
 * inputs up to t with the targets of t + 1.
 */
export interface Sequence {
  length: number;
  /** For each categorical input its class at every position. */
  categories: ArrayLike<number>[];
  /** The features at every position, [length, F] row-major. */
  features: ArrayLike<number>;
  /** For each head what it should have said at every position: a class or a number. */
  targets: Record<string, ArrayLike<number>>;
}
