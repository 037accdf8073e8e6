import type { NumbersLoss } from '../../nn/index.ts';

/** The cells that Keras has, too. */
export type KerasCell = 'lstm' | 'gru' | 'gru-before' | 'rnn';

/** A layer with weights, and where they lie: `dense/vars`, `time_distributed/layer/vars`. */
export interface Weighted {
  name: string;
  at: string;
  /** Whether it has a bias, where that was said. */
  useBias?: boolean;
}

/** A recurrent layer. */
export interface Recurrent {
  name: string;
  /** Of a GRU without a configuration the shape of the bias says which it is. */
  cell: KerasCell;
  /** One cell, or the forward and the backward one. */
  cells: Weighted[];
}

/** What the outputs of a head are, where something says it. */
export type Meaning = { kind: 'categorical' } | { kind: 'numbers'; loss: NumbersLoss };

/** A Dense layer whose outputs are the model's. */
export interface Head extends Weighted {
  /** The Dense layer with relu that it reads, if it does. */
  hidden?: Weighted;
  meaning?: Meaning;
  lossWeight: number;
}

/** What of a model of Keras is one of Etude. */
export interface Network {
  embedding?: Weighted;
  recurrent: Recurrent[];
  heads: Head[];
  /** Whether the heads are asked at the last step alone (`return_sequences=False`). */
  lastOnly: boolean;
  /** Lines for people. */
  notes: string[];
}
