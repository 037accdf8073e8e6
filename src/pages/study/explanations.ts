import { CELLS, type CellKind } from '../../nn/cells/kinds.ts';

/** The parts of the page, in order: the name that addresses use, the title, and what it shows, for readers new to such networks. */
export interface PagePart {
  id: string;
  title: string;
  /** Paragraphs. */
  explanation: readonly string[] | ((words: CellWords & { network: string }) => string[]);
}

/** What is said of a network by its cell. */
interface CellWords {
  /** How a unit works, and what its heat maps show. */
  units: string;
  /** How the gradient gets back. */
  gradient: string;
  /** Where what is remembered stands, and the gate that keeps it. */
  memory: string;
}

const LSTM: CellWords = {
  units:
    'Each unit has a cell c, its memory. The forget gate f sets how much of it is kept (1: all), the input gate i how much of the candidate g is written to it, and the output gate o how much of it, as h = o · tanh c, is passed on to the rest of the network. Gates range from 0 to 1; the others can be negative or positive.',
  gradient:
    'The cell (dashed) is how LSTMs avoid this: along that path the gradient is only multiplied by the forget gate.',
  memory: 'written to its cell has been forgotten, given the actual forget gate',
};

/** By what the names of a cell's parameters begin with. */
const WORDS: Readonly<Record<string, CellWords>> = {
  lstm: LSTM,
  gru: {
    units:
      'Each unit carries its output h from note to note. The update gate z sets how much of it is kept (1: all); the rest is replaced by the candidate n, for which the reset gate r sets how much of what the units said before is taken into account. Gates range from 0 to 1; the others can be negative or positive.',
    gradient: 'The update gate is how GRUs avoid this: where it is open, the gradient passes unchanged.',
    memory: 'written to its output has been replaced, given the actual update gate',
  },
  rnn: {
    units:
      'Each unit has no gates and its output h alone, between −1 and 1, computed anew at every note from what was read and from the outputs before.',
    gradient:
      'A plain RNN has nothing against this: with every time step the gradient is multiplied by the weights and by the slope of tanh.',
    memory: '',
  },
};

/** The paragraphs of a part for a network of this cell. */
export function explanationOf(id: PartId, cell: CellKind): readonly string[] {
  const { title, prefix } = CELLS[cell];
  const { explanation }: PagePart = PARTS[id];
  if (typeof explanation !== 'function') return explanation;
  return explanation({ ...WORDS[prefix], network: `${prefix === 'gru' ? 'A' : 'An'} ${title}` });
}

export const PARTS = {
  timeline: {
    id: 'timeline',
    title: 'The song, note by note',
    explanation: ({ units, network }) => [
      `${network} reads the song one note at a time. After each note it predicts the next one, using only what its units hold. All plots here share one time axis: what is below a note is what happened when the network read it.`,
      'Surprise: −log p, where p is the probability the network gave to the actual note (0: it was certain; 0.7: one in two; 4.6: one in a hundred). For times as numbers it is the squared error. The dashed line is the baseline: always predicting the frequencies (or means) of the training music.',
      'Saliency: select a note, and the notes before it are coloured by their effect on its prediction: blue ones made the network expect it more, orange ones less (for a predicted number, such as a duration in seconds: raised or lowered it). It is gradient × input; integrated gradients, if requested, measure the same thing more accurately.',
      `Heat maps: each row is a unit, each column a note. ${units} Similar rows are side by side.`,
    ],
  },
  gradient: {
    id: 'gradient',
    title: 'How far the gradient reaches',
    explanation: ({ gradient }) => [
      `Training changes the weights along the gradient: how the loss of a prediction depends on the state k time steps before. Where it has vanished, the network cannot learn from what happened there. ${gradient}`,
      'The norm is averaged over many predictions. The axis is logarithmic: a straight line falls by the same factor with every time step.',
    ],
  },
  spans: {
    id: 'spans',
    title: 'How long units remember',
    explanation: ({ memory }) => [
      `For each unit: the number of time steps until half of what was ${memory} in this song; the median over all writes. A triangle means that it still kept more than half at the end of the observed range.`,
    ],
  },
  units: {
    id: 'units',
    title: 'The units, one by one',
    explanation: [
      'Saturation: the fraction of notes at which a gate is nearly shut (below 0.1) or nearly open (above 0.9). A saturated gate is a switch, and learns slowly.',
      'Correlation: what the unit follows. r ranges from −1 to 1; η, for classes such as the pitch class, from 0 to 1. With so many comparisons some are strong by chance: p is the probability that anything in the whole table is as strong when the notes are shuffled relative to the network, and only correlations with p at or below the level count as significant. An untrained network has significant correlations too, since its units depend on what it reads: the findings name only those that exceed them.',
      'Cost: how much the weighted loss rises when the unit’s output is held at zero.',
    ],
  },
  ablation: {
    id: 'ablation',
    title: 'Ablation: what the network loses without each part',
    explanation: [
      'In each row, one unit, one gate of all units or one layer was held at zero or at its mean, and the losses were measured again. Positive: the network predicts worse without it. Negative: it predicts better without it. The numbers are increases over the loss of the intact network.',
    ],
  },
  path: {
    id: 'path',
    title: 'The path of the hidden state',
    explanation: [
      'After each note the outputs h of a layer are a point in a space of as many dimensions as there are units. The plot shows the directions in which it varies most (principal components). Where the path returns to a place, the network is in nearly the same state: see which notes these are.',
    ],
  },
  heads: {
    id: 'heads',
    title: 'How well it predicts this song',
    explanation: [
      'The loss is the mean surprise. If the attributes of a note are sampled one after another, each head is given the true ones before it (teacher forcing): its surprise is conditional on these, and the surprises of all heads add up to that of the note.',
      'The baseline is the loss of always predicting the frequencies (or means) of the training music, without any context: what the network gains over it comes from context. If the model’s file does not have them, the song’s own frequencies are used, which no model can know in advance.',
    ],
  },
  matches: {
    id: 'matches',
    title: 'Where the same units are on together',
    explanation: [
      'The selected units are on together during a few notes of this song. These are the other places where they are on for as long, those with the fewest other units on first: if they sound alike, the units may represent what they share.',
    ],
  },
  comparison: {
    id: 'comparison',
    title: 'What changed between two checkpoints',
    explanation: [
      'The same song, read by the network at two points in its training. Change is the norm of the difference of the weights; size compares a unit’s change with how much units usually differ in that quantity.',
    ],
  },
} as const satisfies Record<string, PagePart>;

export type PartId = keyof typeof PARTS;
