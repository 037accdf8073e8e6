/**
 * The words, help and options of the commands that make models and use them; see command-table.ts.
 *
 * @module
 */
import { parseInstrumentChoice, type InstrumentChoice } from '../midi/instruments.ts';
import type { Meter } from '../midi/types.ts';
import { GENERATION_SAMPLING } from '../music/drawing/default-sampling.ts';
import { PRESETS, type PresetName } from '../music/presets.ts';
import { BACKENDS } from '../tensor/backend-names.ts';
import { defineCommand } from './command.ts';
import {
  COMMON,
  ENGINE,
  FORCE,
  KERNELS,
  SEED,
  SOUNDFONT,
  choice,
  flag,
  needing,
  number,
  text,
  whole,
  type OptionSpec,
  outFolder,
} from './options.ts';
import { OUTPUT_INSTRUMENT } from './output-instrument.ts';
import { output, outFile } from './output-kinds.ts';
import { parseCompat, parseMeter, type Compat } from './generate/parse-words.ts';
import { CACHE, LIMITS, MODEL_READING } from './reading-options.ts';
import { LIST_LEFT_OUT } from './left-out.ts';
import { ROUNDS } from './rounds-options.ts';
import { SETTING_OPTIONS } from './setting-options.ts';
import { parseWatch } from './train/parse-watch.ts';

const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

const DATA_HELP = 'MIDI files, folders, patterns such as "music/**/*.mid", or a MAESTRO folder';
const MODEL_HELP = 'a run folder or a checkpoint file';

const COUNT = whole({ min: 1, max: 1_000_000, help: '' });

const NOTES: OptionSpec<number | 'auto' | undefined> = {
  value: 'n|auto',
  help:
    'number of new notes; auto: until the model ends the piece, at most 2,000 (default: auto for a model that has learned endings, else 120, ' +
    "as in TensorFlow's tutorial; with --seconds as many as it takes)",
  parse: (given) => (given === 'auto' ? given : COUNT.parse!(given)),
};

const THREADS_HELP = 'how many threads to use (default: auto, one per core; with --resume that of the run)';

const PRIMER_INSTRUMENT: OptionSpec<InstrumentChoice | undefined> = {
  value: 'which',
  help: "which instrument of the primer: first, all, drums, 2, program:40, name:TEXT (default: the training's --instrument)",
  parse: parseInstrumentChoice,
};

const TEMPERATURE = number({
  above: 0,
  max: 100,
  default: GENERATION_SAMPLING.temperature,
  because: 'its music is the most human-like',
  help: 'temperature of the pitch: below 1 safer and more predictable, above 1 more surprising',
});

const TIME_TEMPERATURES = {
  timeTemperature: number({
    above: 0,
    max: 100,
    default: 1,
    because: 'lower temperatures make times short and fast',
    help: 'temperature of steps and durations, if the model has classes for them',
  }),
  stepTemperature: temperatureOf('steps'),
  durationTemperature: temperatureOf('durations'),
};

const GENERATE_RECALL = number({
  min: 0,
  max: 1000,
  help:
    'how strongly the music recalls its own past, including the primer: 1 predicts music best, 0 turns it off ' +
    '(default: 4 for models that sample the attributes of a note in order, else 0)',
});

const RECALL_BUDGET = number({
  min: 0,
  max: 1,
  help:
    'the fraction of repeated patterns at which recall switches off: 0.05 is free, 0.2 repetitive (default: about as much as the ' +
    'training pieces repeat themselves)',
});

const WHOLE = 'one reads windows, the other whole pieces';

const COMPAT: OptionSpec<Compat | undefined> = {
  value: 'tutorial|pretty_midi|none',
  help:
    "tutorial: feed new pitches back undivided, as TensorFlow's tutorial does by mistake; pretty_midi: read the primer as " +
    'pretty_midi does, none: as players play it (default: as in training); separate two with a comma',
  parse: parseCompat,
};

export const train = defineCommand({
  name: 'train',
  summary: 'train a model on MIDI files',
  description:
    'Trains a model and writes it into a run folder: config.json, log.jsonl, best.safetensors, last.safetensors, ' +
    'samples generated during training, generated.mid, and report.html. Ctrl-C saves and stops; --resume continues at the next ' +
    'step, and ends with the same bytes as an uninterrupted run.\n\n' +
    'Settings that are not given come from the preset. With --json, each epoch is one object on its own line on ' +
    'stdout, and the last line is a summary; docs/cli.md describes them.',
  args: [{ name: 'data', required: false, variadic: true, help: `${DATA_HELP}; not needed with --resume` }],
  options: {
    out: outFolder('the run folder; must be new or empty (required)'),
    preset: choice(['auto', ...PRESET_NAMES] as const, {
      help: "the settings to start from (default: auto, which picks what suits the music and says why; with --from the model's own)",
    }),
    from: {
      ...text({
        value: 'model',
        help:
          "fine-tune this model: start from its weights, codec and layers; other settings are its own, or --preset's, with a third of " +
          'the learning rate',
      }),
      excludes: { resume: 'one starts a run from the weights of a model, the other continues a run' },
    },
    resume: {
      ...flag('continue the run in --out'),
      excludes: { force: 'one continues a run, the other replaces it' },
    },
    scheduleFrom: {
      ...choice<'start' | 'here'>(['start', 'here'], {
        default: 'start',
        help:
          'with --resume and a cosine or linear schedule: apply it to the whole run from the start, or from here to the ' +
          'rest, from the current learning rate or from --learning-rate',
      }),
      needs: ['resume'],
    },
    force: flag('replace the run in --out'),
    until: whole({
      min: 1,
      max: 1e9,
      help: 'pause after N training steps in total; --resume then continues as if it had not been stopped (--max-steps is where a run ends)',
    }),
    sampleNotes: whole({
      min: 1,
      max: 100_000,
      help: 'notes of the sample generated at the end (default: until the piece ends, or 120 if the model has not learned endings; with --resume that of the run)',
    }),
    noSample: {
      ...flag('generate no music'),
      excludes: { listen: 'there is nothing to play' },
    },
    noFitMemory: flag(
      'keep the default memory of the piece so far: do not fit one to a model that samples in order, which takes half a minute at the end',
    ),
    watch: {
      value: 'every=n',
      help: 'probe the network every N steps, always on the same phrase, and write the result to watch.jsonl',
      parse: parseWatch,
    } as OptionSpec<number | undefined>,
    listen: flag('also render the sample to generated.wav'),
    soundfont: { ...SOUNDFONT, needs: ['listen'] },
    listLeftOut: LIST_LEFT_OUT,
    cache: CACHE,
    ...LIMITS,
    backend: choice(BACKENDS, {
      value: ENGINE.backend.value,
      help: `${ENGINE.backend.help} (default: auto, the fastest that runs here; with --resume that of the run)`,
    }),
    threads: { ...ENGINE.threads, default: undefined, because: undefined, help: THREADS_HELP },
    ...COMMON,
    ...ROUNDS,
    ...SETTING_OPTIONS,
  },
  examples: [
    ['etude train data/songbook --out runs/first', 'with settings that suit the songbook'],
    ['etude train maestro-v2.0.0 --out runs/t --preset tutorial --files 5', "TensorFlow's tutorial"],
    ['etude train --out runs/first --resume --epochs 80', 'continues, up to epoch 80'],
    ['etude train waltzes --from runs/first --out runs/waltzes', 'fine-tunes a model on other music'],
  ],
});

export const generate = defineCommand({
  name: 'generate',
  summary: 'generate new music with a model, as a MIDI file',
  description:
    'Samples notes one after another. The model first reads a primer: the opening of a MIDI file or typed notes given with --primer, ' +
    'the one stored with the model, or none. The same model, options and seed give the same bytes.',
  args: [{ name: 'model', required: true, help: MODEL_HELP }],
  options: {
    out: outFile('midi', 'the MIDI file to write (required)', { wav: '--wav FILE', svg: '--svg FILE' }),
    notes: NOTES,
    seconds: number({
      min: 0.1,
      max: 36_000,
      help: 'end after X seconds of new music; anything still sounding is cut off (with --notes: whichever comes first)',
    }),
    tempo: number({
      min: 4,
      max: 60_000,
      help: 'quarter notes per minute, for a model that measures time in beats (default: the median of its training music)',
    }),
    meter: {
      value: 'n/n',
      help: 'the time signature of music without a primer, such as 3/4, for a model that measures time in beats (default: the most frequent in its training music)',
      parse: parseMeter,
    } as OptionSpec<Meter | undefined>,
    seed: SEED,
    samples: whole({
      min: 1,
      max: 10_000,
      help: 'generate N pieces, with consecutive seeds from --seed: --out new.mid writes new-1.mid and so on',
    }),
    threads: { ...ENGINE.threads, help: 'how many pieces are generated at once', needs: ['samples'] },
    temperature: TEMPERATURE,
    ...TIME_TEMPERATURES,
    recall: GENERATE_RECALL,
    recallBudget: RECALL_BUDGET,
    topK: whole({
      min: 0,
      max: 4096,
      default: 0,
      because: 'all',
      help: 'sample the pitch from the K most likely',
    }),
    topP: number({
      above: 0,
      max: 1,
      default: 1,
      because: 'all',
      help: 'sample the pitch from the most likely ones with this total probability',
    }),
    primer: text({
      value: 'file|notes|none',
      help:
        'what the model reads first, of any length: the opening of a MIDI file, or notes such as "C4 E4 [G4 C5]:2"; ' +
        'none: no primer',
    }),
    primerNotes: {
      ...whole({
        min: 1,
        max: 1e9,
        help: "maximum number of primer notes (default: for a file, the length of the model's window)",
      }),
      needs: ['primer'],
    },
    primerInstrument: { ...PRIMER_INSTRUMENT, needs: ['primer'] },
    includePrimer: flag('write the notes of the primer too, before the new ones'),
    instrument: OUTPUT_INSTRUMENT,
    ...needing(['primer'], MODEL_READING),
    compat: COMPAT,
    wav: output({ kind: 'wav', help: 'also render it to this WAV file' }),
    soundfont: { ...SOUNDFONT, needs: ['wav'] },
    svg: output({ kind: 'svg', help: 'also write its piano roll to this SVG file' }),
    backend: { ...KERNELS, default: 'reference', because: 'the same notes on every machine' },
    force: FORCE,
    ...COMMON,
  },
  examples: [
    ['etude generate runs/first --out new.mid', ''],
    [
      'etude generate runs/first --out new.mid --seed 7 --temperature 0.8 --wav new.wav',
      'more predictable, and as sound',
    ],
    ['etude generate runs/first --out new.mid --samples 8', 'eight pieces, new-1.mid to new-8.mid'],
    ['etude generate runs/first --out on.mid --primer piece.mid --include-primer', 'continues a piece'],
  ],
});

export const evaluate = defineCommand({
  name: 'evaluate',
  summary: 'measure how well a model predicts music, and how human-like its music is',
  description:
    'Has the model predict the note after each window of the data, and reports the mean loss of each head, their sum in nats, in bits ' +
    'and on a common 10 ms grid, next to the frequencies baseline (those of the training pieces). --pieces reads whole pieces ' +
    'from beginning to end instead, --recall with a memory of the piece so far; --generate compares metrics of new pieces with those of the data.\n\n' +
    'Data with their own split (MAESTRO) are evaluated on the validation set; other data on the pieces that the model ' +
    'was not trained on, or on all if there are none. --split selects another set.',
  args: [
    { name: 'model', required: true, help: MODEL_HELP },
    { name: 'data', required: true, variadic: true, help: DATA_HELP },
  ],
  options: {
    split: choice(['all', 'train', 'validation', 'test'] as const, {
      help: 'which pieces: by the split of the data, else by what the model was trained on (test: in neither set)',
    }),
    ...MODEL_READING,
    windows: {
      ...whole({ min: 1, max: 1e9, help: 'evaluate at most N windows, evenly spaced (default: all)' }),
      excludes: { pieces: WHOLE, recall: WHOLE },
    },
    pieces: flag('read whole pieces from beginning to end, not windows; also gives the loss by position'),
    recall: number({
      min: 0,
      max: 1000,
      help: 'like --pieces, without and with a memory of each piece: 1 is the fitted strength, which predicts music best',
    }),
    notes: {
      ...whole({ min: 2, max: 1e9, help: 'read only the first N notes of each piece (default: all)' }),
      needs: ['pieces', 'recall'],
    },
    grid: {
      ...flag('compute the sum on the 10 ms grid exactly, class by class, which takes about ten times as long'),
      needs: ['pieces', 'recall'],
    },
    generate: whole({ min: 1, max: 1000, help: 'generate N pieces, and compare their metrics with those of the data' }),
    notesEach: {
      ...whole({ min: 10, max: 100_000, default: 400, help: 'notes in each, and in the clips of the data' }),
      needs: ['generate'],
    },
    seed: { ...SEED, help: 'seed of the first piece; each further piece takes the next', needs: ['generate'] },
    temperature: { ...TEMPERATURE, needs: ['generate'] },
    ...needing(['generate'], TIME_TEMPERATURES),
    generateRecall: { ...GENERATE_RECALL, needs: ['generate'] },
    recallBudget: { ...RECALL_BUDGET, needs: ['generate'] },
    out: outFile('page', 'also write a page with pictures, or with the extension .json the numbers'),
    force: { ...FORCE, needs: ['out'] },
    listLeftOut: LIST_LEFT_OUT,
    cache: CACHE,
    ...ENGINE,
    ...COMMON,
  },
  examples: [
    ['etude evaluate runs/first data/songbook', 'the pieces that were held out'],
    ['etude evaluate runs/first maestro-v2.0.0 --split test --windows 5000', ''],
    [
      'etude evaluate runs/first maestro-v2.0.0 --recall 1 --generate 24 --out evaluation.html',
      'everything, as a page',
    ],
  ],
});

export const demo = defineCommand({
  name: 'demo',
  summary: 'from training to music in a minute or two, on the bundled songbook',
  description:
    'Trains the preset songbook on the bundled songbook, generates a new piece, and writes it as MIDI and as sound, with a ' +
    'report, into a run folder. "npm start" runs this.',
  args: [],
  options: {
    out: outFolder('the run folder (default: runs/songbook-1, or the next number)'),
    force: flag('replace the run in --out'),
    epochs: {
      ...SETTING_OPTIONS.epochs,
      group: undefined,
      help: 'epochs of 125 steps (default: 10, a minute or less)',
    },
    maxSteps: { ...SETTING_OPTIONS.maxSteps, group: undefined },
    seed: { ...SETTING_OPTIONS.seed, group: undefined },
    soundfont: SOUNDFONT,
    ...ENGINE,
    ...COMMON,
  },
  examples: [
    ['etude demo', ''],
    ['etude demo --seed 7', 'another split, other weights, another piece'],
  ],
});

function temperatureOf(what: string): OptionSpec<number | undefined> {
  return number({ above: 0, max: 100, help: `the temperature of ${what} (default: --time-temperature)` });
}
