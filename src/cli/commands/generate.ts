import { resolve } from 'node:path';
import { EtudeError, UsageError } from '../../errors.ts';
import type { Note } from '../../midi/index.ts';
import {
  analyseGenerated,
  asPlayed,
  generateNotes,
  instrumentOf,
  layOut,
  midiOf,
  scaleOf,
  type GeneratedMusic,
  type MusicModel,
} from '../../music/index.ts';
import { pianoRoll } from '../../plot/index.ts';
import { createKernels } from '../../tensor/index.ts';
import type { PlayedFile } from '../audio-file.ts';
import type { ActionOf, Call } from '../command.ts';
import { describeMusicFigures } from '../describe-music.ts';
import { primerOf, type Primer } from '../generate/primer.ts';
import { checkOutput, outputName, writeOutput } from '../output.ts';
import type { generate as words } from '../model-commands-table.ts';
import { createProgress } from '../progress.ts';
import { readMusicModel } from '../run-folder.ts';
import type { Terminal } from '../terminal.ts';
import { clock, counted } from '../../words.ts';

type Options = Call<(typeof words)['options']>['options'];

/** As on a CD. */
const SAMPLE_RATE = 44_100;

/** `etude generate`: new music from a model. */
export const generate: ActionOf<typeof words> = async ({ args: [path], options, terminal }) => {
  const { seed, wav, svg, includePrimer } = options;
  const out = checkOutputs(options, terminal);
  const model = readMusicModel(path);
  const primer = primerOf(model, options, terminal);
  const drawn = draw(model, primer, options, terminal);
  if (drawn.ended === 'stuck') warnOfStuck(drawn, terminal);
  if (drawn.ended === 'notes' && (options.notes ?? usualLength(model)) === 'auto') warnOfNoEnd(drawn, terminal);
  const notes = includePrimer ? withPrimer(model, primer, drawn, options) : drawn.played;
  const beats = drawn.beats && includePrimer ? { ...drawn.beats, first: primer.notes[0].bar! } : drawn.beats;
  const midi = midiOf(notes, options.instrument ?? instrumentOf(model), beats);

  const { written, played } = await writeOutputs({ out, midi, notes }, options, terminal);

  const analysis = analyseGenerated(drawn);
  const figures: [string, string][] = [
    ['Model', `${path}, ${model.preset}, ${counted(model.step, 'step')}`],
    [
      'Primer',
      primer.notes.length === 0
        ? primer.name
        : `${primer.name}, ${counted(primer.notes.length, 'note')}${includePrimer ? ', written before the new notes' : ''}`,
    ],
    ...describeMusicFigures(analysis),
    ...(played ? ([['Played by', played.why]] as [string, string][]) : []),
    ['Written', written.map(outputName).join(', ')],
  ];
  for (const [label, text] of figures) terminal.say(`${terminal.chatterColors.bold(label.padEnd(9))} ${text}`);
  if (terminal.json) {
    terminal.printJson({
      model: path,
      out,
      wav: wav ?? null,
      svg: svg ?? null,
      seed,
      primer: { name: primer.name, notes: primer.notes.length, included: includePrimer },
      notes: drawn.notes.length,
      ended: drawn.ended,
      analysis,
    });
  }
};

function warnOfNoEnd({ notes }: GeneratedMusic, terminal: Terminal): void {
  terminal.warn(
    `The model did not end the piece: it stops after ${counted(notes.length, 'note')}. Try another --seed, or say how long it shall be with --notes or --seconds.`,
  );
}

function warnOfStuck({ notes, events }: GeneratedMusic, terminal: Terminal): void {
  const end = notes.at(-1)?.end ?? 0;
  terminal.warn(
    `Only ${counted(notes.length, 'note')}, ${clock(end)}, came of ${events.length} draws: the others struck a key that was struck at that very time. ` +
      'The model is stuck; raise --temperature, or train it longer.',
  );
}

/** What was drawn, after the notes that it follows; its seconds count from its own first note. */
function withPrimer(model: MusicModel, primer: Primer, { events, beats }: GeneratedMusic, { seconds, seed }: Options): Note[] {
  const all = [...primer.notes, ...events];
  const scale = beats ? scaleOf(beats) : 1;
  const start = scale * all.slice(1, primer.notes.length + 1).reduce((sum, { step }) => sum + step, 0);
  return asPlayed(model, layOut(all, { scale, ...(seconds !== undefined && { until: start + seconds }) }), seed);
}

/** Refuses outputs that cannot be written, or would write over each other, before anything is done. @returns the MIDI file */
function checkOutputs({ out, wav, svg, force }: Options, terminal: Terminal): string {
  if (out === undefined)
    throw new UsageError('generate: name the MIDI file to write with --out, for instance --out new.mid.');
  const outputs = [out, wav, svg].filter((path) => path !== undefined);
  if (new Set(outputs.map((path) => resolve(path))).size < outputs.length) {
    throw new UsageError('generate: --out, --wav and --svg must be different files.');
  }
  for (const path of outputs) checkOutput(path, { force, binary: path !== svg }, terminal);
  return out;
}

/** From so many on it pays to start the wide kernels. */
const MANY_NOTES = 10_000;
/** What a piece may have that ends by itself, for the progress. */
const USUAL_PIECE = 500;
/** About as piano music has them. */
const NOTES_A_SECOND = 8;

/** Until the model ends the piece, or 120 notes, as in TensorFlow's tutorial. */
function usualLength({ codec }: MusicModel): number | 'auto' {
  return codec.endClass === undefined ? 120 : 'auto';
}

function draw(model: MusicModel, primer: Primer, options: Options, terminal: Terminal): GeneratedMusic {
  const { seed, seconds, tempo, temperature, topK, topP, compat, backend } = options;
  const notes = options.notes ?? (seconds === undefined ? usualLength(model) : undefined);
  const {
    timeTemperature,
    stepTemperature: step,
    durationTemperature: duration,
    recall,
    recallBudget: budget,
  } = options;
  const progress = createProgress(terminal, { unit: seconds === undefined ? 'note' : 'second' });
  const count = notes === 'auto' ? USUAL_PIECE : notes;
  progress.start(Math.ceil(seconds ?? count!), 'Generating');
  try {
    return generateNotes(model, {
      notes,
      seconds,
      tempo,
      seed,
      temperature,
      timeTemperature,
      temperatures: { step, duration },
      recall: { ...(recall !== undefined && { recall }), budget },
      topK,
      topP,
      primer: primer.notes,
      compat: compat?.tutorial ? 'tutorial' : undefined,
      kernels: createKernels(backend, { lasting: (count ?? NOTES_A_SECOND * seconds!) >= MANY_NOTES }),
      onNote: (done, _, { note }) => {
        progress.update(seconds === undefined ? done : Math.floor(note.start));
      },
    });
  } finally {
    progress.abandon();
  }
}

interface Drawn {
  out: string;
  midi: Uint8Array;
  notes: readonly Note[];
}

/** Writes all that was asked for. An error says what had been written before it: that stays. */
async function writeOutputs({ out, midi, notes }: Drawn, options: Options, terminal: Terminal) {
  const { force, svg, wav, soundfont } = options;
  const written: string[] = [];
  let played: PlayedFile | undefined;
  const put = (path: string, content: Uint8Array | string): number => {
    const bytes = writeOutput(path, content, { force }, terminal);
    written.push(path);
    return bytes;
  };
  try {
    put(out, midi);
    if (svg !== undefined) put(svg, pianoRoll({ title: outputName(out), notes }));
    if (wav !== undefined) {
      const { playIntoFile } = await import('../audio-file.ts');
      played = await playIntoFile(midi, { sampleRate: SAMPLE_RATE, soundfont }, (sound) => put(wav, sound));
    }
  } catch (thrown) {
    if (thrown instanceof EtudeError && written.length > 0) terminal.say(`Written before the error: ${written.map(outputName).join(', ')}`); // prettier-ignore
    throw thrown;
  }
  return { written, played };
}
