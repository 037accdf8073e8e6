import { barAfter, type NoteTable } from '../midi/index.ts';
import { emptyTable, fillSteps } from '../midi/table.ts';
import type { ProbedModel, Recording } from '../nn/index.ts';
import type { MusicModel } from '../music/music-model.ts';
import { Random } from '../tensor/index.ts';
import { recordNotes } from './from-beginning.ts';
import { errorOfMean, meanOf } from './statistics/means.ts';
import type { StudyOrder } from './study-data.ts';

/** Shuffles whose losses are averaged. */
const SHUFFLES = 2;

/**
 * What the order of the notes is worth to a model: its losses on the same notes in random order, beside those in the order of the song.
 * Every note keeps its pitch, duration, velocity and the time since the note before it; onsets and places in bars follow from these.
 * @param recording of the model on the table in order
 */
export function studyOrder(
  probed: ProbedModel,
  model: Pick<MusicModel, 'codec'>,
  table: NoteTable,
  recording: Recording,
  seed: number,
): StudyOrder {
  const random = Random.stream(seed, 'control');
  const known = table.length - 1;
  const inOrder = lossesOf(recording, known);
  const shuffled = Array.from({ length: SHUFFLES }, () =>
    lossesOf(recordNotes(probed, model, shuffledNotes(table, random)), known),
  );
  return {
    notes: table.length,
    shuffles: SHUFFLES,
    heads: recording.heads.map(({ name }, head) => {
      const means = shuffled.map((losses) => meanOf(losses[head]));
      return {
        name,
        inOrder: meanOf(inOrder[head]),
        shuffled: meanOf(means),
        error: finiteOrNull(Math.hypot(errorOfMean(inOrder[head]), errorOfMean(shuffled[0][head]))),
      };
    }),
  };
}

/** The notes of a table in random order, one after another as before. */
export function shuffledNotes(table: NoteTable, random: Random): NoteTable {
  const { length, bars } = table;
  const order = random.shuffle(Uint32Array.from({ length }, (_, note) => note));
  const shuffled = emptyTable(length);
  order.forEach((from, to) => {
    shuffled.pitch[to] = table.pitch[from];
    shuffled.velocity[to] = table.velocity[from];
    shuffled.duration[to] = table.duration[from];
    shuffled.start[to] = to === 0 ? table.start[0] : shuffled.start[to - 1] + table.step[from];
  });
  fillSteps(shuffled.start, shuffled.step);
  if (!bars) return shuffled;
  const place = new Uint8Array(length);
  let bar = { meter: bars.meter, place: bars.place[0] };
  for (let note = 0; note < length; note++) {
    if (note > 0) bar = barAfter(bar, shuffled.step[note]);
    place[note] = bar.place;
  }
  return { ...shuffled, bars: { meter: bars.meter, place } };
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** By head the loss of each prediction whose note is known. */
function lossesOf({ heads }: Recording, known: number): number[][] {
  return heads.map(({ nextLoss }) => Array.from(nextLoss.subarray(0, known)));
}
