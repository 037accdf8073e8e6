import { UsageError } from '../errors.ts';
import { velocityWord } from '../midi/codec/spec.ts';
import { CELL_KINDS, type CellKind } from '../nn/cells/kinds.ts';
import { boundsInWords, inWords, isWithin, type Bounds } from '../text/words.ts';

/** Every number and choice of a training run. Presets fill it, flags override it, `config.json` and checkpoints keep it. */
export interface Settings {
  /** The first so many training files; null takes all. */
  files: number | null;
  instrument: string;
  /** Whose reading of MIDI files: null is what a player plays, see `readMidi`. */
  compat: 'pretty_midi' | null;
  /** Of track names, by which an instrument may be chosen; null goes by their bytes. */
  charset: string | null;
  validation: number;
  allowDamaged: boolean;
  transpose: number;
  tempo: number;
  /** Whether notes last until the sustain pedal is released. */
  sustain: boolean;
  /** Notes that start within so many milliseconds of a chord's first are one onset; 0 leaves them where they were. */
  chords: number;
  /** Whether time is counted in seconds or in beats; `auto` goes by whether the music is written or played. */
  time: 'seconds' | 'beats' | 'auto';

  pitch: 'scalar' | 'onehot';
  step: 'raw' | 'log' | 'bins';
  duration: 'raw' | 'log' | 'bins';
  velocity: 'none' | 'number' | 'classes';
  bins: number;
  /** The width of the vectors that all inputs are embedded in; null reads them as they are. */
  embedding: number | null;
  /** The heads in the order in which they are drawn, with commas; null draws them independently. */
  order: string | null;
  /** Whether pieces have a beginning and an end, so that an end can be drawn. */
  ends: boolean;

  /** What the recurrent layers are made of. */
  cell: CellKind;
  layers: number;
  /** Of each layer; text with commas where layers differ, such as `256,128`. */
  hiddenSize: number | string;
  dropout: number;
  inputDropout: number;
  headHidden: number;

  seqLength: number;
  lossOn: 'last' | 'all';
  pitchWeight: number;
  stepWeight: number;
  durationWeight: number;
  velocityWeight: number;
  positivePressure: number;

  batchSize: number;
  /** Batches of a training step. */
  accumulate: number;
  /** Whether windows go on from the state after the one before, each piece as a stream. */
  carryState: boolean;
  /** null where `maxSteps` or `minutes` end the run. */
  epochs: number | null;
  stepsPerEpoch: number | null;
  /** `nesterov` is `sgd` with Nesterov's momentum. */
  optimizer: 'adam' | 'adamw' | 'sgd' | 'nesterov' | 'rmsprop';
  momentum: number;
  weightDecay: number;
  /** Parameters that stay as they are, with commas, by name or by what names begin with. */
  freeze: string | null;
  /** The decay of the moving average of the weights. */
  ema: number | null;
  learningRate: number;
  schedule: 'constant' | 'cosine' | 'linear' | 'plateau';
  /** Steps. */
  warmup: number;
  /** Of the run. */
  flat: number;
  patience: number | null;
  clip: number | null;
  clipValue: number | null;
  validationWindows: number;
  checkpointEvery: number | null;
  maxSteps: number | null;
  minutes: number | null;
  seed: number;
}

/** The name of a setting. */
export type SettingKey = keyof Settings;

/** How one setting is written, checked and explained; flags and help texts are made from it. */
export interface SettingInfo extends Bounds {
  key: SettingKey;
  /** The flag without its dashes. */
  flag: string;
  kind: 'integer' | 'number' | 'boolean' | 'choice' | 'text';
  choices?: readonly string[];
  /** The word that stands for null on the command line. */
  none?: string;
  /** Whether several whole numbers may stand there with commas, one for each layer: text then. */
  list?: boolean;
  /** The value in files that were written before there was this setting. */
  before?: string | number | boolean | null;
  /** What is said of the switch that turns a setting off which a preset may turn on. */
  off?: string;
  help: string;
  group: 'data' | 'codec' | 'network' | 'training';
}

/** A limit that nobody meets: it is there to be told. */
const MOST = 1e9;
const COUNT = { kind: 'integer', min: 1, max: MOST } as const;
const WEIGHT = { kind: 'number', min: 0, max: 1e6, group: 'network' } as const;

/** All settings, in the order of help texts. */
// prettier-ignore
export const SETTINGS: readonly SettingInfo[] = [
  { key: 'files', flag: 'files', ...COUNT, none: 'all', group: 'data', help: 'use only the first N training files' },
  { key: 'instrument', flag: 'instrument', kind: 'text', group: 'data', help: 'which instrument of each file: first, all (but drums, merged into one), an index, program:N, name:TEXT or drums' },
  { key: 'compat', flag: 'compat', kind: 'choice', choices: ['pretty_midi'], none: 'none', before: 'pretty_midi', group: 'data', help: 'read MIDI files exactly as pretty_midi does, bit for bit, instead of as players play them' },
  { key: 'charset', flag: 'charset', kind: 'text', none: 'auto', before: null, group: 'data', help: 'charset of track names, such as shift_jis' },
  { key: 'validation', flag: 'validation', kind: 'number', min: 0, below: 1, group: 'data', help: 'fraction of the pieces held out for validation, unless the data set has its own split; 0 holds out none' },
  { key: 'allowDamaged', flag: 'allow-damaged', kind: 'boolean', group: 'data', help: 'also train on damaged files, as far as they could be read' },
  { key: 'transpose', flag: 'transpose', kind: 'integer', min: 0, max: 12, group: 'data', help: 'in training, transpose each window by a random interval of up to N semitones up or down' },
  { key: 'tempo', flag: 'tempo', kind: 'number', min: 0, below: 1, group: 'data', help: 'in training, make each window slower or faster by a random factor of up to 1 + X, such as 0.1' },
  { key: 'sustain', flag: 'sustain', kind: 'boolean', before: false, group: 'data', off: 'notes end when their keys are released, whatever the pedal does', help: 'notes last until the sustain pedal is released' },
  { key: 'chords', flag: 'chords', kind: 'number', min: 0, max: 1000, before: 0, group: 'data', help: "notes that start within N ms of a chord's first note count as one onset, ordered low to high; 0 leaves them as they were played" },
  { key: 'time', flag: 'time', kind: 'choice', choices: ['auto', 'seconds', 'beats'], before: 'seconds', group: 'data', help: 'measure time in seconds, or in beats on the tempo map of each piece; auto: in beats if the onsets lie on a grid' },

  { key: 'pitch', flag: 'pitch', kind: 'choice', choices: ['scalar', 'onehot'], group: 'codec', help: 'how the network reads pitch' },
  { key: 'step', flag: 'step', kind: 'choice', choices: ['raw', 'log', 'bins'], group: 'codec', help: 'how it reads and predicts steps: seconds, their logarithm, or classes that can be sampled' },
  { key: 'duration', flag: 'duration', kind: 'choice', choices: ['raw', 'log', 'bins'], group: 'codec', help: 'the same for durations' },
  { key: 'velocity', flag: 'velocity', kind: 'choice', choices: ['none', 'number', 'classes'], group: 'codec', help: 'also learn velocity, as a fourth head: a number, or classes that can be sampled' },
  { key: 'bins', flag: 'bins', kind: 'integer', min: 2, max: 512, group: 'codec', help: 'maximum number of classes for a column encoded as bins' },
  { key: 'embedding', flag: 'embedding', kind: 'integer', min: 1, max: 4096, none: 'none', before: null, group: 'codec', help: 'input all attributes of a note as classes, each with an embedding of this width' },
  { key: 'order', flag: 'order', kind: 'text', none: 'none', before: null, group: 'codec', help: 'sample the attributes of a note in this order, such as step,pitch,duration,velocity, each head reading those before it; with none the heads are independent' },
  { key: 'ends', flag: 'ends', kind: 'boolean', before: false, group: 'codec', off: 'pieces have no end', help: 'learn how pieces begin and end, so that the model can end a piece; requires --embedding and an --order that begins with step' },

  { key: 'cell', flag: 'cell', kind: 'choice', choices: CELL_KINDS, before: 'lstm', group: 'network', help: 'the cell of the recurrent layers: lstm; lstm-peephole, whose gates see the cell; lstm-norm, with layer normalisation; gru, which resets behind the product as PyTorch does; gru-before, before it; rnn, with tanh' },
  { key: 'layers', flag: 'layers', kind: 'integer', min: 1, max: 16, group: 'network', help: 'recurrent layers' },
  { key: 'hiddenSize', flag: 'hidden-size', kind: 'integer', list: true, min: 1, max: 8192, group: 'network', help: 'units in each recurrent layer; several with commas, one for each of --layers, such as 256,128' },
  { key: 'dropout', flag: 'dropout', kind: 'number', min: 0, below: 1, group: 'network', help: "fraction of each layer's output dropped in training" },
  { key: 'inputDropout', flag: 'input-dropout', kind: 'number', min: 0, below: 1, before: 0, group: 'network', help: 'fraction of the inputs dropped in training' },
  { key: 'headHidden', flag: 'head-hidden', kind: 'integer', min: 0, max: 8192, before: 0, group: 'network', help: 'units of a relu layer in each head that predicts classes, beside its direct path; 0 for none' },
  { key: 'seqLength', flag: 'seq-length', kind: 'integer', min: 1, max: 10_000, group: 'network', help: 'notes in a window' },
  { key: 'lossOn', flag: 'loss-on', kind: 'choice', choices: ['last', 'all'], group: 'network', help: 'whether the loss is taken at the last note of a window or at every one' },
  { key: 'pitchWeight', flag: 'pitch-weight', ...WEIGHT, help: 'weight of the pitch loss' },
  { key: 'stepWeight', flag: 'step-weight', ...WEIGHT, help: 'weight of the step loss' },
  { key: 'durationWeight', flag: 'duration-weight', ...WEIGHT, help: 'weight of the duration loss' },
  { key: 'velocityWeight', flag: 'velocity-weight', ...WEIGHT, help: 'weight of the velocity loss' },
  { key: 'positivePressure', flag: 'positive-pressure', ...WEIGHT, help: 'penalty on predicted times below 0' },

  { key: 'batchSize', flag: 'batch-size', ...COUNT, max: 65_536, group: 'training', help: 'windows in a batch' },
  { key: 'accumulate', flag: 'accumulate', ...COUNT, max: 65_536, before: 1, group: 'training', help: 'batches in a training step, which is then as one batch N times as large, in the memory of one' },
  { key: 'carryState', flag: 'carry-state', kind: 'boolean', before: false, group: 'training', off: 'each window stands alone', help: 'read each piece from beginning to end, each window going on from the state after the one before; requires --loss-on all' },
  { key: 'epochs', flag: 'epochs', ...COUNT, max: 1_000_000, none: 'none', group: 'training', help: 'maximum number of passes over the data; --minutes alone means none' },
  { key: 'stepsPerEpoch', flag: 'steps-per-epoch', ...COUNT, none: 'all', group: 'training', help: 'end each epoch after N steps, on a fresh sample of the windows' },
  { key: 'optimizer', flag: 'optimizer', kind: 'choice', choices: ['adam', 'adamw', 'sgd', 'nesterov', 'rmsprop'], before: 'adam', group: 'training', help: "what turns gradients into steps; adamw decays the weights, nesterov is sgd with Nesterov's momentum" },
  { key: 'momentum', flag: 'momentum', kind: 'number', min: 0, below: 1, before: 0, group: 'training', help: 'momentum of sgd and nesterov' },
  { key: 'weightDecay', flag: 'weight-decay', kind: 'number', min: 0, max: 1e6, before: 0, group: 'training', help: 'weight decay of adamw, times the learning rate in each step; biases do not decay' },
  { key: 'freeze', flag: 'freeze', kind: 'text', none: 'none', before: null, group: 'training', help: 'leave these parameters as they are, such as embeddings,lstm.0' },
  { key: 'ema', flag: 'ema', kind: 'number', min: 0, below: 1, none: 'none', before: null, group: 'training', help: 'validate and keep a moving average of the weights with this decay, such as 0.999' },
  { key: 'learningRate', flag: 'learning-rate', kind: 'number', above: 0, max: 1e6, group: 'training', help: 'step size of the optimizer' },
  { key: 'schedule', flag: 'schedule', kind: 'choice', choices: ['constant', 'cosine', 'linear', 'plateau'], group: 'training', help: 'how the learning rate changes: cosine and linear fall to a hundredth at the end of the run' },
  { key: 'warmup', flag: 'warmup', kind: 'integer', min: 0, max: MOST, before: 0, group: 'training', help: 'raise the learning rate from 0 over the first N steps' },
  { key: 'flat', flag: 'flat', kind: 'number', min: 0, below: 1, before: 0, group: 'training', help: 'fraction of the run before a cosine or linear schedule begins to fall' },
  { key: 'patience', flag: 'patience', ...COUNT, none: 'none', group: 'training', help: 'stop after N epochs without a better validation loss' },
  { key: 'clip', flag: 'clip', kind: 'number', above: 0, max: MOST, none: 'none', group: 'training', help: 'clip the gradient to this global norm' },
  { key: 'clipValue', flag: 'clip-value', kind: 'number', above: 0, max: MOST, none: 'none', before: null, group: 'training', help: 'clip each number of the gradient to this magnitude, before its norm' },
  { key: 'validationWindows', flag: 'validation-windows', ...COUNT, group: 'training', help: 'maximum number of validation windows evaluated after each epoch' },
  { key: 'checkpointEvery', flag: 'checkpoint-every', ...COUNT, none: 'none', group: 'training', help: 'also save every N steps within an epoch' },
  { key: 'maxSteps', flag: 'max-steps', ...COUNT, none: 'none', group: 'training', help: 'stop after N training steps in total' },
  { key: 'minutes', flag: 'minutes', kind: 'number', above: 0, max: MOST, none: 'none', before: null, group: 'training', help: 'stop after N minutes of training in total; a cosine or linear schedule then falls by the clock' },
  { key: 'seed', flag: 'seed', kind: 'integer', min: 0, max: 2 ** 53 - 1, group: 'training', help: 'the same seed gives the same model, byte for byte' },
];

/**
 * Checks settings from anywhere (a preset with overrides, a JSON file): every key known and present, every value in range.
 * Files that are older than a setting lack it; they get what was so then.
 * @throws UsageError that names the key, what was expected and what came
 */
export function parseSettings(json: unknown): Settings {
  if (typeof json !== 'object' || json === null) throw new UsageError('settings: expected an object.');
  const given = json as Record<string, unknown>;
  for (const key of Object.keys(given)) {
    if (!SETTINGS.some((info) => info.key === key)) {
      throw new UsageError(`settings: unknown key "${key}"; the keys are ${SETTINGS.map((s) => s.key).join(', ')}.`);
    }
  }
  const valueOf = ({ key, before }: SettingInfo): unknown => {
    if (!(key in given)) return before;
    return key === 'velocity' ? velocityWord(given[key]) : given[key];
  };
  return Object.fromEntries(
    SETTINGS.map((info) => [info.key, checkSetting(info, valueOf(info))]),
  ) as unknown as Settings;
}

/**
 * Settings that replace others, with what goes with them: an end that is given is the end of the run, whatever was to end it
 * otherwise; a schedule that never falls has no flat part; and an optimizer has its own momentum and weight decay.
 */
export function overriding<T extends Partial<Record<string, unknown>>>(
  overrides: T,
): T & Partial<Record<'epochs' | 'minutes' | 'flat' | 'momentum' | 'weightDecay', unknown>> {
  const { minutes, epochs, maxSteps, schedule, flat, optimizer, momentum, weightDecay } = overrides;
  const given = (value: unknown): boolean => value !== undefined && value !== null;
  return {
    ...overrides,
    ...(given(minutes) && epochs === undefined && { epochs: null }),
    ...((given(epochs) || given(maxSteps)) && minutes === undefined && { minutes: null }),
    ...(schedule !== undefined && !scheduleFalls(schedule) && flat === undefined && { flat: 0 }),
    ...(optimizer !== undefined && momentum === undefined && { momentum: optimizer === 'nesterov' ? 0.9 : 0 }),
    ...(optimizer !== undefined && weightDecay === undefined && { weightDecay: optimizer === 'adamw' ? 0.01 : 0 }),
  };
}

/** The windows of a training step. */
export function windowsOfStep({ batchSize, accumulate }: Pick<Settings, 'batchSize' | 'accumulate'>): number {
  return batchSize * accumulate;
}

/** Whether a schedule falls towards the end of the run. */
export function scheduleFalls(schedule: unknown): boolean {
  return schedule === 'cosine' || schedule === 'linear';
}

/**
 * Whether settings that are right one by one make sense together.
 * @throws UsageError where a run would have no end, layers have more or fewer widths than there are, a schedule a flat part
 *   before an end that it has not, an optimizer what it has no use for, or windows that go on from each other what they cannot have
 */
export function checkTogether(settings: Settings): void {
  const { epochs, maxSteps, minutes, schedule, flat, optimizer, momentum, weightDecay, layers, hiddenSize } = settings;
  checkCarryState(settings);
  const widths = listOf(hiddenSize).length;
  if (widths > 1 && widths !== layers) {
    throw new UsageError(`--hidden-size: ${hiddenSize} are the units of ${widths} layers, and --layers is ${layers}.`);
  }
  if (epochs === null && maxSteps === null && minutes === null) {
    throw new UsageError('--epochs: with "none", say with --max-steps or --minutes when the training ends.');
  }
  if (flat > 0 && !scheduleFalls(schedule)) {
    throw new UsageError(`--flat: only the schedules cosine and linear fall after a flat part, not ${schedule}.`);
  }
  if (momentum > 0 && optimizer !== 'sgd' && optimizer !== 'nesterov') {
    throw new UsageError(`--momentum: only the optimizers sgd and nesterov have one, not ${optimizer}.`);
  }
  if (optimizer === 'nesterov' && momentum === 0) {
    throw new UsageError('--momentum: the optimizer nesterov needs one above 0, such as 0.9; without it is sgd.');
  }
  if (weightDecay > 0 && optimizer !== 'adamw') {
    throw new UsageError(`--weight-decay: only the optimizer adamw decays weights, not ${optimizer}.`);
  }
}

function checkCarryState({ carryState, lossOn, accumulate }: Settings): void {
  if (!carryState) return;
  if (lossOn !== 'all') throw new UsageError('--carry-state: windows that go on from each other have their loss on every note; add --loss-on all.'); // prettier-ignore
  if (accumulate > 1) throw new UsageError('--accumulate: with --carry-state each batch is a training step; take a larger --batch-size instead.'); // prettier-ignore
}

/**
 * Checks one value of a setting.
 * @throws UsageError that says what was expected
 */
export function checkSetting(info: SettingInfo, value: unknown): unknown {
  if (value === null && info.none !== undefined) return null;
  const fits = {
    integer: Number.isSafeInteger(value) && isWithin(value as number, info),
    number: Number.isFinite(value) && isWithin(value as number, info),
    boolean: typeof value === 'boolean',
    choice: info.choices?.includes(value as string) ?? false,
    text: typeof value === 'string' && value.length > 0,
  }[info.kind];
  if (fits || (info.list && isList(info, value))) return value;
  // JSON would call NaN and infinity null.
  const found = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  throw new UsageError(`--${info.flag}: expected ${describeSetting(info)}, got ${found}.`);
}

/** The numbers of a setting that may be several; one where it is a number. */
export function listOf(value: number | string): number[] {
  return typeof value === 'number' ? [value] : value.split(',').map((part) => (part === '' ? NaN : Number(part)));
}

function isList(info: SettingInfo, value: unknown): boolean {
  if (typeof value !== 'string' || !value.includes(',')) return false;
  return listOf(value).every((each) => Number.isSafeInteger(each) && isWithin(each, info));
}

/**
 * Reads one setting from the text of a flag.
 * @throws UsageError that says what was expected
 */
export function parseSettingText(info: SettingInfo, text: string): unknown {
  if (info.none !== undefined && text === info.none) return null;
  if (info.list && text.includes(',')) return checkSetting(info, text.replaceAll(' ', ''));
  if (info.kind === 'integer' || info.kind === 'number') {
    const number = text.trim() === '' ? NaN : Number(text);
    return checkSetting(info, Number.isNaN(number) ? text : number);
  }
  if (info.kind === 'boolean') return checkSetting(info, text === 'true' ? true : text === 'false' ? false : text);
  return checkSetting(info, text);
}

/** What a setting may be, in words: `a whole number from 1 to 4,096, or "none"`. */
export function describeSetting({ kind, choices, none, list, ...bounds }: SettingInfo): string {
  const range = boundsInWords(bounds);
  const what = {
    integer: `a whole number ${range}`,
    number: `a number ${range}`,
    boolean: 'true or false',
    choice: inWords((choices ?? []).map((word, _, { length }) => (length > 1 ? word : `"${word}"`))),
    text: 'some text',
  }[kind];
  const several = list ? `${what}, or one for each layer with commas` : what;
  return none === undefined ? several : `${several}, or "${none}"`;
}
