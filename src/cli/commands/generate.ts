import { availableParallelism } from 'node:os';
import { UsageError } from '../../errors.ts';
import {
  analyseGenerated,
  asPlayed,
  instrumentOf,
  layOut,
  midiOf,
  scaleOf,
  type GeneratedMusic,
  type MusicAnalysis,
  type MusicModel,
} from '../../music/index.ts';
import type { Note } from '../../midi/index.ts';
import type { PlayedFile } from '../audio-file.ts';
import type { ActionOf, Call } from '../command.ts';
import { describeMusicFigures } from '../describe-music.ts';
import { InterruptedError } from '../exit-codes.ts';
import { describePieces } from '../generate/describe-pieces.ts';
import { drawingRequest, notesFor, drawPiece, lengthOf } from '../generate/draw-piece.ts';
import { checkOutputs, writePiece, type Outputs } from '../generate/outputs.ts';
import { primerOf, type Primer } from '../generate/primer.ts';
import { outputName } from '../output.ts';
import type { generate as words } from '../model-commands-table.ts';
import { createProgress } from '../progress.ts';
import { readMusicModel } from '../run-folder.ts';
import type { Terminal } from '../terminal.ts';
import { clock, counted } from '../../text/words.ts';

type Options = Call<(typeof words)['options']>['options'];

/** What all pieces have in common. */
interface Drawing {
  model: MusicModel;
  primer: Primer;
  options: Options;
  terminal: Terminal;
}

/** A piece that is written. */
export interface WrittenPiece extends Outputs {
  seed: number;
  drawn: Pick<GeneratedMusic, 'ended'>;
  analysis: MusicAnalysis;
  written: string[];
  played?: PlayedFile;
}

/** `etude generate`: new music from a model. */
export const generate: ActionOf<typeof words> = async ({ args: [path], options, terminal }) => {
  const { samples, includePrimer } = options;
  const outputs = checkOutputs(options, terminal);
  checkSeeds(options);
  const model = readMusicModel(path);
  const primer = primerOf(model, options, terminal);
  const drawing = { model, primer, options, terminal };
  const pieces = samples === undefined ? [await drawOne(drawing, outputs[0])] : await drawMany(drawing, outputs);

  const figures: [string, string][] = [
    ['Model', [path, model.preset, ...(model.step === null ? [] : [counted(model.step, 'step')])].join(', ')],
    ['Primer', describePrimer(primer, options)],
    ...(samples === undefined ? describeMusicFigures(pieces[0].analysis) : []),
    ...(pieces[0].played ? ([['Played by', pieces[0].played.why]] as [string, string][]) : []),
    ...(samples === undefined
      ? ([['Written', pieces[0].written.map(outputName).join(', ')]] as [string, string][])
      : []),
  ];
  for (const [label, text] of figures) terminal.say(`${terminal.chatterColors.bold(label.padEnd(9))} ${text}`);
  if (samples !== undefined) terminal.say(`\n${describePieces(pieces, terminal.chatterColors.bold)}`);
  if (terminal.json) {
    const heard = { name: primer.name, notes: primer.notes.length, included: includePrimer };
    const shared = { model: path, primer: heard };
    terminal.printJson(
      samples === undefined ? { ...shared, ...pieceJson(pieces[0]) } : { ...shared, pieces: pieces.map(pieceJson) },
    );
  }
};

function describePrimer({ name, notes }: Primer, { includePrimer }: Options): string {
  if (notes.length === 0) return name;
  return `${name}, ${counted(notes.length, 'note')}${includePrimer ? ', written before the new notes' : ''}`;
}

function pieceJson({ out, wav, svg, seed, drawn, analysis }: WrittenPiece): object {
  return { out, wav: wav ?? null, svg: svg ?? null, seed, notes: analysis.notes, ended: drawn.ended, analysis };
}

function checkSeeds({ seed, samples = 1 }: Options): void {
  if (seed <= Number.MAX_SAFE_INTEGER - (samples - 1)) return;
  throw new UsageError(
    `generate: ${samples} pieces have seeds from ${seed} on, and the last would be too large. Give a smaller --seed.`,
  );
}

async function drawOne(drawing: Drawing, outputs: Outputs): Promise<WrittenPiece> {
  const { model, primer, options, terminal } = drawing;
  const request = drawingRequest(model, options, primer);
  const { total, unit } = lengthOf(request);
  const progress = createProgress(terminal, { unit });
  progress.start(total, 'Generating');
  let drawn: GeneratedMusic;
  try {
    drawn = drawPiece(model, request, options.seed, (done) => progress.update(done));
  } finally {
    progress.abandon();
  }
  return finishPiece(drawing, drawn, outputs, options.seed);
}

/** Draws as many pieces as there are outputs, on threads; what is written when it is interrupted is whole, and stays. */
async function drawMany(drawing: Drawing, outputs: readonly Outputs[]): Promise<WrittenPiece[]> {
  const { model, primer, options, terminal } = drawing;
  const request = drawingRequest(model, options, primer);
  const { total, unit } = lengthOf(request);
  const threads = options.threads === 'auto' ? availableParallelism() : options.threads;
  const signal = terminal.interrupts('stopping; the pieces that are written stay');
  const progress = createProgress(terminal, { unit });
  const label = `Generating ${counted(outputs.length, 'piece')}`;
  const pieces: WrittenPiece[] = [];
  // Only who draws many needs threads, and the text of what they run.
  const { drawPieces } = await import('../generate/threads/draw-pieces.ts');
  progress.start(total * outputs.length, label);
  try {
    const seeds = outputs.map((_, index) => options.seed + index);
    const all = await drawPieces(model, request, seeds, {
      threads,
      signal,
      onProgress: (done) => progress.update(done),
      onPiece: async (index, drawn) => {
        pieces[index] = await finishPiece(drawing, drawn, outputs[index], seeds[index]);
      },
    });
    if (all) return pieces;
  } finally {
    progress.abandon();
  }
  const done = pieces.filter(Boolean);
  const more = done.length > 1 ? ` and ${done.length - 1} more` : '';
  const names = done.length > 0 ? `: ${done[0].out}${more}` : '';
  throw new InterruptedError(`interrupted; of ${counted(outputs.length, 'piece')} ${done.length} are written${names}.`);
}

/** Makes files of what was drawn. */
async function finishPiece(
  { model, primer, options, terminal }: Drawing,
  drawn: GeneratedMusic,
  outputs: Outputs,
  seed: number,
): Promise<WrittenPiece> {
  if (drawn.ended === 'stuck') warnOfStuck(drawn, outputs, terminal);
  if (drawn.ended === 'notes' && notesFor(model, options) === 'auto') warnOfNoEnd(drawn, outputs, terminal);
  const notes = options.includePrimer ? withPrimer(model, primer, drawn, { ...options, seed }) : drawn.played;
  const beats = drawn.beats && options.includePrimer ? { ...drawn.beats, first: primer.notes[0].bar! } : drawn.beats;
  const midi = midiOf(notes, options.instrument ?? instrumentOf(model), beats);
  const { written, played } = await writePiece({ midi, notes }, outputs, options, terminal);
  return { ...outputs, seed, drawn: { ended: drawn.ended }, analysis: analyseGenerated(drawn), written, played };
}

function warnOfNoEnd({ notes }: GeneratedMusic, { out }: Outputs, terminal: Terminal): void {
  terminal.warn(
    `${outputName(out)}: the model did not end the piece, which stops after ${counted(notes.length, 'note')}. Try another --seed, or say how long it shall be with --notes or --seconds.`,
  );
}

function warnOfStuck({ notes, events }: GeneratedMusic, { out }: Outputs, terminal: Terminal): void {
  const end = notes.at(-1)?.end ?? 0;
  terminal.warn(
    `${outputName(out)}: only ${counted(notes.length, 'note')}, ${clock(end)}, came of ${events.length} draws: the others struck a key that was struck at that very time. ` +
      'The model is stuck; raise --temperature, or train it longer.',
  );
}

/** What was drawn, after the notes that it follows; its seconds count from its own first note. */
function withPrimer(
  model: MusicModel,
  primer: Primer,
  { events, beats }: GeneratedMusic,
  { seconds, seed }: Pick<Options, 'seconds' | 'seed'>,
): Note[] {
  const all = [...primer.notes, ...events];
  const scale = beats ? scaleOf(beats) : 1;
  const start = scale * all.slice(1, primer.notes.length + 1).reduce((sum, { step }) => sum + step, 0);
  return asPlayed(model, layOut(all, { scale, ...(seconds !== undefined && { until: start + seconds }) }), seed);
}
