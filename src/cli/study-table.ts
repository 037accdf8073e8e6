/**
 * The words, help and options of `etude study`; see command-table.ts.
 *
 * @module
 */
import { parseInstrumentChoice, type InstrumentChoice } from '../midi/instruments.ts';
import { defineCommand } from './command.ts';
import { servingOptions } from './local-server/serving-options.ts';
import { COMMON, KERNELS, FORCE, SEED, flag, needing, number, text, whole, type OptionSpec } from './options.ts'; // prettier-ignore
import { outFile } from './output-kinds.ts';
import { MODEL_READING } from './reading-options.ts';
import { STUDY_PORT } from './study/study-port.ts';
import { parsePlace, parseUnits, parseWholeList, type NotePlace } from './study/parse-lists.ts';

/** Places of a song for which every input of the past is integrated over: each takes a tenth of a second. */
const MOST_NOTES = 20;

export const study = defineCommand({
  name: 'study',
  summary: 'look inside a model as it reads a song: a page, numbers, findings',
  description:
    'Runs a model over a song and shows what happens inside: gates and cells as heat maps, how long each unit remembers, what ' +
    'it correlates with, what its ablation costs, how far gradients reach back, which past notes each prediction depends on, ' +
    'and the path of the hidden state. The five strongest findings are printed in plain words; --out writes everything as ' +
    'one self-contained page that works offline; --serve serves the page on localhost, where it can fetch the details of any note ' +
    'of a long song.\n\n' +
    'Notes, units and layers are counted from 1. With --json the numbers are printed as one object; docs/study.md describes ' +
    'it. --out FILE.json writes the same object into a file.',
  args: [
    { name: 'model', required: true, help: 'a run folder or a checkpoint file' },
    { name: 'song', required: true, help: 'a MIDI file' },
  ],
  options: {
    out: outFile('page', 'the page to write, or with the extension .json the numbers'),
    units: {
      value: 'list|n',
      help: 'units to show: a list such as 3,17,40-47, or how many of the most important (default: all that fit)',
      parse: parseUnits,
    } as OptionSpec<number | readonly number[] | undefined>,
    layer: whole({ min: 1, max: 16, help: 'show only this layer' }),
    at: {
      value: 'notes',
      help: 'a note, or a list of notes: show its surroundings, and integrated gradients of its prediction',
      parse: (given) => parseWholeList(given, MOST_NOTES),
    } as OptionSpec<readonly number[] | undefined>,
    from: whole({
      min: 1,
      max: 1e9,
      help: 'in a song with more notes than the page has room for: show heat maps, saliency, path and gradients from this note on',
    }),
    match: {
      value: 'from-to',
      help: 'find other places where the units that are on at these notes are on together',
      parse: parsePlace,
    } as OptionSpec<NotePlace | undefined>,
    threshold: {
      ...number({
        above: 0,
        max: 1,
        default: 0.3,
        because: 'as in LSTMVis',
        help: 'with --match: a unit is on if its output is at least this large',
      }),
      needs: ['match'],
    },
    data: text({ value: 'data', help: 'MIDI files, a folder or a pattern: measure ablation and search matches there' }),
    compare: text({ value: 'model', help: 'another checkpoint of the same run: also say what changed' }),
    instrument: {
      value: 'which',
      help: "which instrument of the song: first, all, drums, 2, program:40, name:TEXT (default: the training's --instrument)",
      parse: parseInstrumentChoice,
    } as OptionSpec<InstrumentChoice | undefined>,
    ...MODEL_READING,
    seed: { ...SEED, help: 'seed of the permutation test: same seed, same study' },
    cache: {
      ...text({ value: 'folder|none', help: 'with --data: where parsed MIDI files are kept' }),
      needs: ['data'],
    },
    backend: KERNELS,
    force: { ...FORCE, needs: ['out'] },
    serve: flag('serve the page on localhost, where it can fetch the details of any note; Ctrl-C ends it'),
    ...needing(['serve'], servingOptions(STUDY_PORT)),
    ...COMMON,
  },
  examples: [
    ['etude study runs/first song.mid --out study.html', 'everything, as a page'],
    [
      'etude study runs/first song.mid --at 43 --json | jq .saliency.integrated',
      'what the prediction of note 43 was based on',
    ],
    [
      'etude study runs/first song.mid --match 25-32 --units 4,8 --data music',
      'where else these units are on together',
    ],
    ['etude study runs/first long.mid --serve', 'in the browser, any note of a long song in detail'],
    ['etude study runs/first song.mid --compare runs/first/last.safetensors', 'what the later epochs changed'],
  ],
});
