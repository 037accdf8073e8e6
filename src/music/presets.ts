import { UsageError } from '../errors.ts';
import { inWords } from '../text/words.ts';
import { overriding, parseSettings, type Settings } from './settings.ts';

/** TensorFlow's tutorial "Generate music with an RNN", number for number, apart from its defects. */
const tutorial: Settings = {
  files: null, // The tutorial takes 5 of MAESTRO's files: say --files 5.
  instrument: 'first', // pm.instruments[0]
  compat: null, // What a player plays; pretty_midi, which the tutorial uses, mistimes some files.
  charset: null, // Of names only; their bytes tell it nearly always.
  validation: 0.1, // The tutorial has none and watches the training loss; a tenth is enough to see overfitting.
  allowDamaged: false, // Wrong times teach a wrong rhythm.
  transpose: 0, // No augmentation.
  tempo: 0,
  sustain: false, // Neither pretty_midi nor the tutorial looks at the pedal.
  chords: 0, // Notes start when they were played.
  time: 'seconds', // The tutorial knows no beats.

  pitch: 'scalar', // One number, pitch / 128.
  step: 'raw', // Seconds, predicted by their mean.
  duration: 'raw',
  velocity: 'none', // Three features: pitch, step, duration.
  bins: 64, // Not used by this preset.
  embedding: null, // Numbers go in as they are.
  order: null, // Three heads that know nothing of each other.
  ends: false, // Windows of notes, wherever they stand.

  cell: 'lstm',
  layers: 1, // LSTM(128): 67,584 of the model's 84,354 parameters.
  hiddenSize: 128,
  dropout: 0,
  inputDropout: 0,
  headHidden: 0, // Each head is one Dense layer.

  seqLength: 25, // seq_length = 25
  lossOn: 'last', // The note after the window.
  pitchWeight: 0.05, // Cross-entropy is some 5 nats, the squared errors some 0.1: the weights bring them together.
  stepWeight: 1,
  durationWeight: 1,
  velocityWeight: 1,
  positivePressure: 10, // 10 * max(-y, 0): times must not be negative.

  batchSize: 64,
  accumulate: 1,
  carryState: false, // Windows from anywhere, each of its own.
  epochs: 50,
  stepsPerEpoch: null, // An epoch is all windows.
  optimizer: 'adam', // Keras's, as the original.
  momentum: 0,
  weightDecay: 0,
  freeze: null, // There is nothing to keep in new weights.
  ema: null,
  learningRate: 0.005, // The original; a widely read retelling says 0.5, which diverges.
  schedule: 'constant',
  warmup: 0, // The original has neither.
  flat: 0,
  patience: 5, // EarlyStopping(patience=5, restore_best_weights=True)
  clip: null, // Keras's Adam does not clip.
  clipValue: null,
  validationWindows: 5000, // More change the third digit only.
  checkpointEvery: null,
  maxSteps: null,
  minutes: null, // The same model on every machine: no end by the clock.
  seed: 42, // seed = 42
};

/** What learns music fastest of all that was measured; docs/presets.md has the comparison. */
const quick: Settings = {
  ...tutorial,
  pitch: 'onehot', // Ten times fewer steps to the same loss: neighbouring keys are not similar notes.
  step: 'bins', // A distribution that can be sampled: the mean of a rhythm is no rhythm.
  duration: 'bins',
  bins: 48, // Notated music uses a dozen values; performances are 12 % apart then, less than a listener hears in a run.

  dropout: 0.1, // Small corpora are learned by heart within a few epochs.
  lossOn: 'all', // 25 times the signal for the same work.
  pitchWeight: 1, // All three are cross-entropies in nats now: equals.

  epochs: 40, // Early stopping ends it sooner.
  stepsPerEpoch: 250, // On large corpora the best comes long before all windows were seen: look often.
  learningRate: 0.004, // Twice the 0.002 that suits 40,000 windows, since small corpora have few steps; the schedule lowers it.
  schedule: 'cosine', // It ends in an annealed model on corpora that are too large for early stopping.
  flat: 0.6, // Small corpora stop early, in the flat part.
  patience: 6,
  clip: 1, // Loss on every step gives steep gradients at first.
};

/** Music as it is played, from a corpus of performances: every part of a note, each drawn knowing those before it. */
const performance: Settings = {
  ...quick,
  sustain: true, // What is heard: in MAESTRO the pedal is down most of the time.
  chords: 30, // Of a chord the order is the performer's asynchrony, which says nothing.
  transpose: 5, // Every piece in eleven keys, drawn anew for each window: several epochs do not learn it by heart.
  tempo: 0.1,

  velocity: 'classes', // Dynamics, as a distribution.
  embedding: 128, // Step, duration and velocity go in as classes, as they come out.
  order: 'step,pitch,duration,velocity', // The step first: it says whether the pitch belongs to the chord that sounds.
  headHidden: 128, // That two parts of a note go together is nothing that sums of tables can say.

  hiddenSize: 256, // Twice quick's: there is music enough to fill it.
  seqLength: 64, // More of the past than a phrase.

  batchSize: 32, // As many notes a step as quick, nearly.
  epochs: null, // The clock ends it.
  stepsPerEpoch: 1000, // A look a minute.
  minutes: 15, // On two cores; with more music, give it more.
  learningRate: 0.008,
  schedule: 'linear', // Down to a hundredth at the end.
  warmup: 50, // High rates from the first step on cost more than they bring.
  patience: null, // The end is where the rate has fallen, not where the loss does not.
  clip: 3,
};

/** Written music, and little of it: tunes, hymns, pieces for the piano. A minute on two cores. */
const songbook: Settings = {
  ...quick,
  time: 'auto', // In beats, where the music is written: a quarter is then one class at any tempo.
  chords: 1, // Written chords start together; this orders them low to high.
  transpose: 6, // Every melody in every key: a few pieces leave most keys unheard, and those held back stand in some of them.
  tempo: 0.1, // Of music in seconds alone: beats have no tempo.

  velocity: 'none', // Written music has a few values, which tell pieces apart and are learned by heart instead of the notes.
  embedding: 32, // A quarter of what performances have: a few thousand notes do not tell more directions apart.
  order: 'step,pitch,duration,velocity',
  ends: true, // Tunes have an end, and it is near.
  headHidden: 64,

  dropout: 0.5, // With less, what was held back is worse from the fifth epoch on.
  inputDropout: 0.2,
  seqLength: 48, // Some bars: what comes back in a tune comes back after four or eight.

  batchSize: 32,
  stepsPerEpoch: 125, // Look often: the best may come early.
  epochs: 10,
  learningRate: 0.005, // At 0.01 the best comes earlier and is worse.
  flat: 0, // The time is set, not the loss: slow down from the first step on.
  clip: 5, // A norm of 1 would clip nearly every step.
};

/** The presets by name; docs/presets.md explains every number. */
export const PRESETS = { songbook, quick, performance, tutorial } as const;
/** The name of a preset. */
export type PresetName = keyof typeof PRESETS;

/**
 * A preset with some settings replaced.
 * @throws UsageError for an unknown preset or key, or a value out of range
 */
export function resolveSettings(preset: string, overrides: Partial<Record<string, unknown>> = {}): Settings {
  if (!Object.hasOwn(PRESETS, preset)) {
    throw new UsageError(`--preset: unknown preset "${preset}"; expected ${inWords(Object.keys(PRESETS))}.`);
  }
  return parseSettings({ ...PRESETS[preset as PresetName], ...overriding(overrides) });
}
