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
import { LIMITS, MODEL_READING } from './reading-options.ts';
import { LIST_LEFT_OUT } from './left-out.ts';
import { SETTING_OPTIONS } from './setting-options.ts';
import { parseWatch } from './train/parse-watch.ts';

const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

const DATA_HELP = 'MIDI files, folders, patterns such as "music/**/*.mid", or a MAESTRO folder';
const MODEL_HELP = 'a run folder or a checkpoint file';

/** Where readings of MIDI files are kept between runs. */
const CACHE = text({
  value: 'folder|none',
  help:
    'cache of parsed MIDI files, so that the next run starts sooner (default: etude in the cache folder of the ' +
    'system)',
});

const COUNT = whole({ min: 1, max: 1_000_000, help: '' });

const NOTES: OptionSpec<number | 'auto' | undefined> = {
  value: 'n|auto',
  help:
    'number of new notes; auto: until the model ends the piece, 2,000 at most (default: auto for a model that knows ends, else 120, ' +
    "as in TensorFlow's tutorial; with --seconds as many as it takes)",
  parse: (given) => (given === 'auto' ? given : COUNT.parse!(given)),
};

const THREADS_HELP = 'how many threads compute (default: auto, one a core; with --resume that of the run)';

const PRIMER_INSTRUMENT: OptionSpec<InstrumentChoice | undefined> = {
  value: 'which',
  help: "whose notes of the primer: first, all, drums, 2, program:40, name:TEXT (default: the training's --instrument)",
  parse: parseInstrumentChoice,
};

const TEMPERATURE = number({
  above: 0,
  max: 100,
  default: GENERATION_SAMPLING.temperature,
  because: "its music is most like people's",
  help: 'of the pitch: below 1 safer and more predictable, above 1 more surprising',
});

const TIME_TEMPERATURES = {
  timeTemperature: number({
    above: 0,
    max: 100,
    default: 1,
    because: 'cooled times are short and fast',
    help: 'of steps and durations, where the model has classes of them',
  }),
  stepTemperature: temperatureOf('steps'),
  durationTemperature: temperatureOf('durations'),
};

const GENERATE_RECALL = number({
  min: 0,
  max: 1000,
  help:
    'how strongly the music recalls its own past, the primer included: 1 as much as predicts music best, 0 not at all ' +
    '(default: 4 for models that draw the parts of a note in an order, else 0)',
});

const RECALL_BUDGET = number({
  min: 0,
  max: 1,
  help:
    'the share of repeated figures at which the recall falls silent: 0.05 is free, 0.2 insistent (default: about as the training ' +
    'pieces repeat themselves)',
});

const WHOLE = 'one reads windows, the other whole pieces';

const COMPAT: OptionSpec<Compat | undefined> = {
  value: 'tutorial|pretty_midi|none',
  help:
    "tutorial: feed new pitches back undivided, as TensorFlow's tutorial does by mistake; pretty_midi: read the primer as " +
    'pretty_midi does, none: as players play it (default: as for the training); two of them with a comma between',
  parse: parseCompat,
};

export const train = defineCommand({
  name: 'train',
  summary: 'train a model on MIDI files',
  description:
    'Trains a model and writes it into a run folder: config.json, log.jsonl, best.safetensors, last.safetensors, ' +
    'samples drawn on the way, generated.mid, and report.html. Ctrl-C saves and stops; --resume continues at the next ' +
    'step, and ends with the same bytes as an uninterrupted run.\n\n' +
    'Settings that are not given come from the preset. With --json, each epoch is one object on a line of its own on ' +
    'stdout, and the last line is a summary; docs/cli.md describes them.',
  args: [{ name: 'data', required: false, variadic: true, help: `${DATA_HELP}; not needed with --resume` }],
  options: {
    out: outFolder('the run folder; must be new or empty (required)'),
    preset: choice(['auto', ...PRESET_NAMES] as const, {
      help: "the settings to start from (default: auto, what suits the music: it says what and why; with --from the model's own)",
    }),
    from: {
      ...text({
        value: 'model',
        help:
          "train this model on: begin with its weights, codec and layers; other settings are its own, or --preset's, with a third of " +
          'the learning rate',
      }),
      excludes: { resume: 'one begins a run with the weights of a model, the other goes on with a run' },
    },
    resume: {
      ...flag('continue the run in --out'),
      excludes: { force: 'one continues a run, the other replaces it' },
    },
    scheduleFrom: {
      ...choice<'start' | 'here'>(['start', 'here'], {
        default: 'start',
        help:
          'with --resume and a cosine or linear schedule: lay it over the whole run from the start, or from here over the ' +
          'rest, beginning at the current learning rate or at --learning-rate',
      }),
      needs: ['resume'],
    },
    force: flag('replace the run in --out'),
    sampleNotes: whole({
      min: 1,
      max: 100_000,
      help: 'notes of the sample drawn at the end (default: until the piece ends, or 120 where the model knows no end; with --resume that of the run)',
    }),
    noSample: {
      ...flag('draw no music'),
      excludes: { listen: 'there is nothing to play' },
    },
    noFitMemory: flag(
      'keep the default memory of what was played: do not fit one to a model that draws in an order, which takes half a minute at the end',
    ),
    watch: {
      value: 'every=n',
      help: 'probe the network every N steps, always on the same phrase, and write the result to watch.jsonl',
      parse: parseWatch,
    } as OptionSpec<number | undefined>,
    listen: flag('also play the sample into generated.wav'),
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
    ...SETTING_OPTIONS,
  },
  examples: [
    ['etude train data/songbook --out runs/first', 'what suits the songbook'],
    ['etude train maestro-v2.0.0 --out runs/t --preset tutorial --files 5', "TensorFlow's tutorial"],
    ['etude train --out runs/first --resume --epochs 80', 'continues, up to epoch 80'],
    ['etude train waltzes --from runs/first --out runs/waltzes', 'trains a model on, on other music'],
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
      help: 'end after X seconds of new music; what would sound on is cut there (with --notes: whichever comes first)',
    }),
    tempo: number({
      min: 4,
      max: 60_000,
      help: 'quarters a minute, for a model that counts beats (default: the median of what it learned from)',
    }),
    meter: {
      value: 'n/n',
      help: 'the time signature of music that begins with no primer, such as 3/4, for a model that counts beats (default: the most frequent one that it learned from)',
      parse: parseMeter,
    } as OptionSpec<Meter | undefined>,
    seed: SEED,
    samples: whole({
      min: 1,
      max: 10_000,
      help: 'draw N pieces, with the seeds from --seed on: --out new.mid writes new-1.mid and so on',
    }),
    threads: { ...ENGINE.threads, help: 'how many pieces are drawn at once', needs: ['samples'] },
    temperature: TEMPERATURE,
    ...TIME_TEMPERATURES,
    recall: GENERATE_RECALL,
    recallBudget: RECALL_BUDGET,
    topK: whole({
      min: 0,
      max: 4096,
      default: 0,
      because: 'all',
      help: 'draw the pitch from the K most probable only',
    }),
    topP: number({
      above: 0,
      max: 1,
      default: 1,
      because: 'all',
      help: 'draw the pitch from the most probable that together reach this probability',
    }),
    primer: text({
      value: 'file|notes|none',
      help:
        'what the model reads first, of any length: the opening of a MIDI file, or notes such as "C4 E4 [G4 C5]:2"; ' +
        'none: it begins from nothing',
    }),
    primerNotes: {
      ...whole({
        min: 1,
        max: 1e9,
        help: "how many notes of the primer it reads at most (default: of a file the length of the model's window)",
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
    svg: output({ kind: 'svg', help: 'also draw its piano roll into this SVG file' }),
    backend: { ...KERNELS, default: 'reference', because: 'the same notes on every machine' },
    force: FORCE,
    ...COMMON,
  },
  examples: [
    ['etude generate runs/first --out new.mid', ''],
    [
      'etude generate runs/first --out new.mid --seed 7 --temperature 0.8 --wav new.wav',
      'more predictable, and as sound too',
    ],
    ['etude generate runs/first --out new.mid --samples 8', 'eight pieces, new-1.mid to new-8.mid'],
    ['etude generate runs/first --out on.mid --primer piece.mid --include-primer', 'continues a piece'],
  ],
});

export const evaluate = defineCommand({
  name: 'evaluate',
  summary: 'measure how well a model predicts music, and how much its music is like people’s',
  description:
    'Has the model predict the note after each window of the data, and reports the mean loss of each head, their sum in nats, in bits ' +
    'and on a common grid of 10 ms, beside what knowing only the frequencies of the training pieces would cost. --pieces reads whole pieces ' +
    'from beginning to end instead, --recall with a memory of what was played; --generate sets the figures of new pieces beside those of the data.\n\n' +
    'Data with a split of their own (MAESTRO) are evaluated on the validation side; other data on the pieces that the model ' +
    'was not trained on, or on all if there are none. --split chooses another side.',
  args: [
    { name: 'model', required: true, help: MODEL_HELP },
    { name: 'data', required: true, variadic: true, help: DATA_HELP },
  ],
  options: {
    split: choice(['all', 'train', 'validation', 'test'] as const, {
      help: 'which pieces: by the split of the data, else by what the model was trained on (test: neither side)',
    }),
    ...MODEL_READING,
    windows: {
      ...whole({ min: 1, max: 1e9, help: 'evaluate at most N windows, evenly spaced (default: all)' }),
      excludes: { pieces: WHOLE, recall: WHOLE },
    },
    pieces: flag('read whole pieces from beginning to end, not windows; the loss by position, too'),
    recall: number({
      min: 0,
      max: 1000,
      help: 'as --pieces, without and with a memory of each piece: 1 is as fitted, which predicts music best',
    }),
    notes: {
      ...whole({ min: 2, max: 1e9, help: 'read only the first N notes of each piece (default: all)' }),
      needs: ['pieces', 'recall'],
    },
    grid: {
      ...flag('take the sum on the grid of 10 ms exactly, class by class, which takes some ten times as long'),
      needs: ['pieces', 'recall'],
    },
    generate: whole({ min: 1, max: 1000, help: 'generate N pieces, and set their figures beside those of the data' }),
    notesEach: {
      ...whole({ min: 10, max: 100_000, default: 400, help: 'notes of each, and of the clips of the data' }),
      needs: ['generate'],
    },
    seed: { ...SEED, help: 'of the first; each further one has the next', needs: ['generate'] },
    temperature: { ...TEMPERATURE, needs: ['generate'] },
    ...needing(['generate'], TIME_TEMPERATURES),
    generateRecall: { ...GENERATE_RECALL, needs: ['generate'] },
    recallBudget: { ...RECALL_BUDGET, needs: ['generate'] },
    out: outFile('page', 'also write a page with pictures, or with the ending .json the numbers'),
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
      'all there is, as a page',
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
