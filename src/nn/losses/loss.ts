/**
 * How far a head's outputs are from what they should have been, one row at a time, and in which direction they should move. This is
 * all that a loss of one's own has to say: the head averages over rows, weighs and goes on back into the network.
 */
export interface Loss {
  /** How many outputs of the network it reads in a row. */
  readonly outputs: number;
  /** How many numbers the row should have predicted: one class, or the numbers of the head. */
  readonly targets: number;
  /**
   * The loss of one row.
   * @param values the outputs, `outputs` numbers; not to be changed
   * @param targets what they should have predicted, `targets` numbers; not to be changed
   * @param gradient dL/d(values), to be written, every number of it
   */
  row(values: Float64Array, targets: Float64Array, gradient: Float64Array): number;
  /** How much a row with these targets counts in the mean; 1 unless given. */
  weight?(targets: Float64Array): number;
  /** Turns the outputs into what they predict, in place: logits into probabilities, say. They are that already unless given. */
  predict?(values: Float64Array): void;
}
