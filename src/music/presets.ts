import { UsageError } from '../errors.ts';
import { parseSettings, type Settings } from './settings.ts';

/** TensorFlow's tutorial "Generate music with an RNN", number for number, apart from its defects. */
const tutorial: Settings = {
  files: null, // The tutorial takes 5 of MAESTRO's files: say --files 5.
  instrument: 'first', // pm.instruments[0]
  validation: 0.1, // The tutorial has none and watches the training loss; a tenth is enough to see overfitting.
  allowDamaged: false, // Wrong times teach a wrong rhythm.
  transpose: 0, // No augmentation.
  tempo: 0,

  pitch: 'scalar', // One number, pitch / 128.
  step: 'raw', // Seconds, predicted by their mean.
  duration: 'raw',
  velocity: false, // Three features: pitch, step, duration.
  bins: 64, // Not used by this preset.

  layers: 1, // LSTM(128): 67,584 of the model's 84,354 parameters.
  hiddenSize: 128,
  dropout: 0,

  seqLength: 25, // seq_length = 25
  lossOn: 'last', // The note after the window.
  pitchWeight: 0.05, // Cross-entropy is some 5 nats, the squared errors some 0.1: the weights bring them together.
  stepWeight: 1,
  durationWeight: 1,
  velocityWeight: 1,
  positivePressure: 10, // 10 * max(-y, 0): times must not be negative.

  batchSize: 64,
  epochs: 50,
  stepsPerEpoch: null, // An epoch is all windows.
  learningRate: 0.005, // The original; a widely read retelling says 0.5, which diverges.
  schedule: 'constant',
  patience: 5, // EarlyStopping(patience=5, restore_best_weights=True)
  clip: null, // Keras's Adam does not clip.
  validationWindows: 5000, // More change the third digit only.
  checkpointEvery: null,
  maxSteps: null,
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
  schedule: 'plateau',
  patience: 6,
  clip: 1, // Loss on every step gives steep gradients at first.
};

export const PRESETS = { quick, tutorial } as const;
export type PresetName = keyof typeof PRESETS;

/**
 * A preset with some settings replaced.
 * @throws UsageError for an unknown preset or key, or a value out of range
 */
export function resolveSettings(preset: string, overrides: Partial<Record<string, unknown>> = {}): Settings {
  if (!Object.hasOwn(PRESETS, preset)) {
    throw new UsageError(`--preset: there is no "${preset}"; the presets are ${Object.keys(PRESETS).join(', ')}.`);
  }
  return parseSettings({ ...PRESETS[preset as PresetName], ...overrides });
}
