import type { Codec, Marks, NoteTable } from '../midi/index.ts';
import { emptyTable } from '../midi/table.ts';
import type { Checkpoint, Vary } from '../nn/index.ts';
import type { Random } from '../tensor/index.ts';
import type { Settings } from './settings.ts';

/** The keys that a window moves among: those of a piano, A0 to C8, or every pitch where it has others already. */
const PIANO = [21, 108] as const;
const MIDI = [0, 127] as const;

/** Values enough to fit bins on; there is no need to copy all of a large corpus. */
const MOST_NOTES = 1_000_000;

/** How far windows are varied: `transpose` semitones up or down, and times by a factor from 1 / (1 + tempo) to 1 + tempo. */
export type Variation = Pick<Settings, 'transpose' | 'tempo'>;

/** How far settings vary windows, time being counted in this way: beats have no tempo. */
export function variationOf({ transpose, tempo }: Variation, time: Settings['time']): Variation {
  return { transpose, tempo: time === 'beats' ? 0 : tempo };
}

function isVaried({ transpose, tempo }: Variation): boolean {
  return transpose > 0 || tempo > 0;
}

/**
 * What gives each window of some pieces another key and another tempo whenever it is trained on: all its notes are moved by
 * a whole number of semitones, every one that keeps them on the piano equally likely, and all its times multiplied by a
 * factor whose logarithm is uniform. Nothing is kept but one window.
 *
 * @param marks those around each piece
 * @returns undefined where nothing is to be varied
 */
export function varyPieces(
  codec: Codec,
  tables: readonly NoteTable[],
  { before = 0 }: Marks,
  variation: Variation,
): Vary | undefined {
  if (!isVaried(variation)) return undefined;
  let stretch = emptyTable(0);
  return (index, from, count, random) => {
    const table = tables[index];
    // Positions count the marks around the piece, where there are some.
    const marks = {
      before: Math.max(0, before - from),
      after: Math.max(0, from + count - before - table.length),
    };
    const notes = count - marks.before - marks.after;
    if (stretch.length !== notes) stretch = emptyTable(notes);
    writeVaried(table, Math.max(0, from - before), variation, random, stretch);
    return codec.encode(stretch, marks);
  };
}

/** Writes as many notes as `stretch` has, from note `from` on, in a form drawn from `random`; the velocities are kept. */
export function writeVaried(
  table: NoteTable,
  from: number,
  { transpose, tempo }: Variation,
  random: Random,
  stretch: NoteTable,
): void {
  const [down, up] = reach(table, from, from + stretch.length, transpose);
  const semitones = random.integer(down + up + 1) - down;
  const factor = Math.exp((2 * random.uniform() - 1) * Math.log1p(tempo));
  for (let i = 0; i < stretch.length; i++) {
    stretch.pitch[i] = table.pitch[from + i] + semitones;
    stretch.velocity[i] = table.velocity[from + i];
    stretch.start[i] = table.start[from + i] * factor;
    stretch.step[i] = table.step[from + i] * factor;
    stretch.duration[i] = table.duration[from + i] * factor;
  }
  const { bars } = table;
  if (bars) stretch.bars = { meter: bars.meter, place: bars.place.subarray(from, from + stretch.length) };
}

/**
 * Whether a run was begun when pieces were copied into other keys and tempos before the training: its model is as good as
 * any, but its windows are no more, so that it cannot be gone on with.
 */
export function trainedOnCopies({ extra, training }: Checkpoint): boolean {
  const { settings } = extra as { settings: Variation & Pick<Settings, 'time'> };
  return (
    training !== undefined &&
    isVaried(variationOf(settings, settings.time)) &&
    training.trainer.windows.varied === undefined
  );
}

/** How many semitones the notes from `from` up to, not including, `to` can go down and up, `most` at most. */
function reach(table: NoteTable, from: number, to: number, most: number): [down: number, up: number] {
  let [low, high] = [table.pitch[from], table.pitch[from]];
  for (let i = from + 1; i < to; i++) {
    low = Math.min(low, table.pitch[i]);
    high = Math.max(high, table.pitch[i]);
  }
  const [lowest, highest] = low >= PIANO[0] && high <= PIANO[1] ? PIANO : MIDI;
  return [Math.min(most, low - lowest), Math.min(most, highest - high)];
}

/**
 * The notes to fit a codec on, so that its bins hold the times of varied windows too: as they are, and slowed down and sped
 * up as far as windows are. Of many notes an evenly spaced part stands for all.
 */
export function tablesToFit(tables: readonly NoteTable[], { tempo }: Variation): readonly NoteTable[] {
  if (tempo === 0) return tables;
  const factors = [1 / (1 + tempo), 1, 1 + tempo];
  const notes = tables.reduce((sum, { length }) => sum + length, 0);
  const stride = Math.ceil((notes * factors.length) / MOST_NOTES);
  return factors.flatMap((factor) => tables.map((table) => thinned(table, stride, factor)));
}

/** Every note number 0, stride, 2 stride and so on, its times multiplied by `factor`. */
function thinned(table: NoteTable, stride: number, factor: number): NoteTable {
  const part = emptyTable(Math.ceil(table.length / stride));
  for (let i = 0; i < part.length; i++) {
    part.pitch[i] = table.pitch[i * stride];
    part.velocity[i] = table.velocity[i * stride];
    part.start[i] = table.start[i * stride] * factor;
    part.step[i] = table.step[i * stride] * factor;
    part.duration[i] = table.duration[i * stride] * factor;
  }
  return part;
}
