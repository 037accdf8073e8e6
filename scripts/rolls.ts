import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCorpus, type Note, type Piece } from '../src/midi/node.ts';
import {
  generateNotes,
  GENERATION_SAMPLING,
  musicModel,
  noteEvents,
  prepareTable,
  type GenerateOptions,
  type MusicModel,
} from '../src/music/index.ts';
import { decodeCheckpoint, PLAIN_SAMPLING, type SamplingOptions } from '../src/nn/index.ts';
import { pianoRoll } from '../src/plot/index.ts';
import { createKernels } from '../src/tensor/index.ts';

/** Which of the pieces that were held back, how much of it the models hear first, and how long the music after it is shown. */
const PIECE = 40;
const HEARD = 96;
const NOTES = 400;
const SECONDS = 20;

/**
 * Three rolls that go on with the same opening, as SVG: a person, a model with its notes drawn as they used to be, and one as
 * `etude generate` draws now.
 *
 * @param folder MAESTRO v2.0.0
 * @param runs the run folders of the presets `quick` and `performance`
 */
export async function rolls(folder: string, runs: { quick: string; performance: string }): Promise<string[]> {
  const { pieces } = await loadCorpus([folder], {});
  const held = pieces.filter(({ split, table }) => split === 'validation' && table.length > HEARD + NOTES);
  const piece = held[PIECE % held.length];
  const [before, now] = [modelIn(runs.quick), modelIn(runs.performance)];
  const rows: [string, Note[]][] = [
    ['A person: MAESTRO, a piece that was held back', played(piece, now)],
    ['Before: preset quick, whatever key it strikes', drawn(piece, before, { ...PLAIN_SAMPLING, strikeHeld: true })],
    ['Now: preset performance, as etude generate draws it', drawn(piece, now, GENERATION_SAMPLING)],
  ];
  return rows.map(([title, notes]) => pianoRoll({ title, notes, range: [0, SECONDS], width: 1200 }));
}

function modelIn(run: string): MusicModel {
  return musicModel(decodeCheckpoint(readFileSync(join(run, 'best.safetensors'))));
}

function played(piece: Piece, { settings }: MusicModel): Note[] {
  const table = prepareTable(piece, { ...settings, chords: 0 });
  const begin = table.start[HEARD];
  return Array.from({ length: NOTES }, (_, i) => HEARD + i).map((row) => ({
    pitch: table.pitch[row],
    velocity: table.velocity[row],
    start: table.start[row] - begin,
    end: table.start[row] - begin + table.duration[row],
  }));
}

function drawn(piece: Piece, model: MusicModel, options: SamplingOptions & Partial<GenerateOptions>): Note[] {
  const primer = noteEvents(prepareTable(piece, model.settings), HEARD);
  const kernels = createKernels('auto');
  return generateNotes(model, { notes: NOTES, seed: 1, primer, kernels, ...options }).played;
}
