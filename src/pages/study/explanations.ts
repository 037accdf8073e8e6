/** The parts of the page, in order: the name that addresses use, the title, and what it shows, for readers new to LSTMs. */
export interface PagePart {
  id: string;
  title: string;
  /** Paragraphs. */
  explanation: readonly string[];
}

export const PARTS = {
  timeline: {
    id: 'timeline',
    title: 'The song, note by note',
    explanation: [
      'An LSTM reads the song one note at a time. After each note it predicts the next one, from nothing but what its units hold. All pictures here share one time axis: what stands below a note is what happened when the network read it.',
      'Surprise: how little probability the network gave to the note that came, as −log p (0: it was sure; 0.7: one in two; 4.6: one in a hundred). For times it is the squared error. The dashed line is what always giving the song’s own averages would get.',
      'Saliency: choose a note, and the notes before it are coloured by what they did to its prediction: blue ones made the network expect it more, orange ones less (where it predicts a number, such as a duration in seconds: raised or lowered it). It is gradient × input; integrated gradients, where they were asked for, say the same with more care.',
      'Heat maps: a row is a unit, a column is a note. Each unit has a cell c, its memory. The forget gate f says which part of it is kept (1: all), the input gate i which part of the candidate g is written into it, and the output gate o how much of it, as h = o · tanh c, the rest of the network hears. Gates go from 0 to 1, the others from minus to plus. Rows that do the same stand together.',
    ],
  },
  gradient: {
    id: 'gradient',
    title: 'How far the gradient reaches',
    explanation: [
      'Training changes the weights along the gradient: how the loss of a prediction depends on what the network held k steps before. Where that has fallen to nothing, the network cannot learn from what happened there. The cell (dashed) is the path that LSTMs have against this: along it the gradient is only multiplied by the forget gate.',
      'The norm is averaged over many predictions. The axis is logarithmic: a straight line falls by the same factor with every step.',
    ],
  },
  spans: {
    id: 'spans',
    title: 'How long units remember',
    explanation: [
      'For each unit: how many steps it takes until half of what was written into its cell has been forgotten, from the forget gate as it really stood in this song; the median over what was written. A triangle says that it kept more than half to the end of what one can see.',
    ],
  },
  units: {
    id: 'units',
    title: 'The units, one by one',
    explanation: [
      'Saturation: at which part of the notes a gate is nearly shut (below 0.1) or nearly open (above 0.9). A saturated gate is a switch, and learns slowly.',
      'Correlation: what the unit follows. r goes from −1 to 1; η, for classes such as the pitch class, from 0 to 1. Among so many comparisons some are strong by chance: p is the chance that anything in the whole table becomes so strong when the notes are moved against the network, and only correlations at or below the level count as significant.',
      'Cost: by how much the weighted loss rises when the unit is held still.',
    ],
  },
  ablation: {
    id: 'ablation',
    title: 'What is missed when it is taken away',
    explanation: [
      'Each row: one unit, one gate of all units or one layer was held at zero or at its mean, and the losses were measured again. Positive: the network predicts worse without it. Negative: it would be better off without. The numbers are rises over the loss of the whole network.',
    ],
  },
  path: {
    id: 'path',
    title: 'The path of the hidden state',
    explanation: [
      'After each note the outputs h of a layer are a point in a space of as many dimensions as there are units. Here it is seen from the sides on which it varies most (principal components). Where the path comes back to a place, the network is in the same situation, as far as it knows: look which notes they are.',
    ],
  },
  heads: {
    id: 'heads',
    title: 'How well it predicts this song',
    explanation: [
      'The loss is the mean surprise. Where the parts of a note are drawn one after another, each head is told those before it: its surprise is that of its part given these, and the surprises of all add up to that of the note.',
      'The baseline is the loss of always giving the song’s own frequencies (or means), without looking at what came before: what the network gains over it, it took from context or from what it learned of other music.',
    ],
  },
  matches: {
    id: 'matches',
    title: 'Where the same units are on together',
    explanation: [
      'Some units were chosen that are on during a few notes of this song. These are the other places at which they are on for as long, those with as few other units as possible first: if they sound alike, the units may stand for what they share.',
    ],
  },
  comparison: {
    id: 'comparison',
    title: 'What changed between two checkpoints',
    explanation: [
      'The same song, read by the network at two moments of its training. Change is the norm of the difference of the weights; size compares a unit’s change with how much units usually differ in that figure.',
    ],
  },
} as const satisfies Record<string, PagePart>;

export type PartId = keyof typeof PARTS;
