import { DataError, UsageError } from '../errors.ts';
import { CELLS, cellOf, layerWidths } from '../nn/index.ts';
import { sliceTable, type MidiFile, type NoteTable, type Pedal, type Timing } from '../midi/index.ts';
import type { MusicModel } from '../music/music-model.ts';
import { leastNotes } from '../music/prepare.ts';
import { assertSameArchitecture } from './comparison.ts';
import type { StudyOmission } from './study-data.ts';
import { counted } from '../text/words.ts';

/** A song or another model that cannot be studied as it was asked. */
export class StudyError extends DataError {
  override name = 'StudyError';
}

/** A song as it is studied. */
export interface StudiedSong {
  name: string;
  instrument: string;
  /** SHA-256 of its file, by which a model knows whether it was trained on it. */
  digest?: string;
  table: NoteTable;
  /** The sustain pedal, where it is ever down; a model that was trained with it hears the notes so. */
  pedal?: Pedal;
  tempo: MidiFile['tempo'];
  /** The time signatures, by which a model that counts beats hears its bars; 4/4 unless given. */
  meter?: MidiFile['meter'];
}

/** What is to be studied. Notes, units and layers are counted from 1, the last of a range included, as in the study itself. */
export interface StudyRequest {
  model: MusicModel;
  /** What the model is called in the study. */
  path: string;
  song: StudiedSong;
  /** What computes. @default 'auto' */
  backend?: string;
  /** Of the permutation test. @default 42 */
  seed?: number;
  /** Units of the heat maps: the numbers of some, or how many of those that matter most. */
  units?: number | readonly number[];
  /** The only layer with heat maps. */
  layer?: number;
  /** The first note of the detail; around the first of `at`, or the beginning, unless given. */
  from?: number;
  /** Predicted notes that get integrated gradients. */
  at?: readonly number[];
  /** Other music: ablation is measured and matches are searched there. */
  corpus?: { name: string; pieces: readonly { name: string; table: NoteTable; pedal?: Pedal; timing?: Timing }[] };
  compare?: { path: string; model: MusicModel };
  /** A place of the song whose units are to be found on together elsewhere; units as above, if they were listed. */
  match?: { from: number; to: number; threshold: number };
  /** Called as the work goes on; throwing from it ends the study. */
  onProgress?: (stage: string, done: number, total: number) => void;
}

/** The request with its numbers as indices, and ranges without their end. */
export function byIndex(request: StudyRequest): StudyRequest {
  const { units, layer, from, at, match } = request;
  const before = (number: number): number => number - 1;
  return {
    ...request,
    ...(typeof units === 'object' && { units: units.map(before) }),
    ...(layer !== undefined && { layer: before(layer) }),
    ...(from !== undefined && { from: before(from) }),
    ...(at && { at: at.map(before) }),
    ...(match && { match: { ...match, from: before(match.from) } }),
  };
}

/** Notes beyond are not studied: their columns alone would fill a page. */
const MOST_NOTES = 20_000;
/** Bytes that the recording of a song may take. */
const RECORDING_BYTES = 5e8;
/** As many notes as there is room for. */
export function takeNotes({ model: { spec }, song: { table } }: StudyRequest): {
  table: NoteTable;
  leftOut: StudyOmission[];
} {
  // Pre-activations and gates of a unit, its states, and the way back.
  const numbers = 2 * CELLS[cellOf(spec)].gates.length + 3;
  const units = layerWidths(spec).reduce((sum, width) => sum + width);
  const perNote = 4 * (units * numbers + 300);
  const most = Math.min(MOST_NOTES, Math.floor(RECORDING_BYTES / perNote));
  if (table.length <= most) return { table, leftOut: [] };
  const omission = {
    what: `notes ${most + 1} to ${table.length}`,
    why: `what this model does at more than ${counted(most, 'note')} does not fit into the memory set aside for it, or into a page`,
  };
  return { table: sliceTable(table, 0, most), leftOut: [omission] };
}

/**
 * @throws StudyError when the song is too short for the model's window
 * @throws UsageError when units, a layer or notes do not exist, or the model or the one that it is compared with has other layers
 */
export function checkRequest({
  model,
  path,
  song,
  units,
  layer,
  from = 1,
  at = [],
  match,
  compare: other,
  seed = 0,
}: StudyRequest): void {
  const least = leastNotes(model.settings);
  const widths = layerWidths(model.spec);
  const { length } = song.table;
  if (length < least) {
    throw new StudyError(
      `${song.name}: ${counted(length, 'note')} cannot be studied; this model learned from pieces of ${least} at least, and a study needs as many. Give a longer piece.`,
    );
  }
  const isIn = (value: number, from: number, to: number): boolean =>
    Number.isInteger(value) && value >= from && value <= to;
  if (layer !== undefined && !isIn(layer, 1, widths.length)) {
    throw new UsageError(`layer: the model has layers 1 to ${widths.length}, got ${layer}.`);
  }
  const most = layer === undefined ? Math.max(...widths) : widths[layer - 1];
  const wrongUnit = (typeof units === 'object' ? units : []).find((unit) => !isIn(unit, 1, most));
  if (wrongUnit !== undefined) {
    const where =
      layer === undefined ? (new Set(widths).size > 1 ? 'the widest layer' : 'each layer') : `layer ${layer}`;
    throw new UsageError(`units: ${where} has units 1 to ${most}, got ${wrongUnit}.`);
  }
  if (typeof units === 'number' && !isIn(units, 1, Infinity)) {
    throw new UsageError(`units: expected how many, at least 1, got ${units}.`);
  }
  if (!isIn(from, 1, length)) {
    throw new UsageError(`from: the song has notes 1 to ${length}, got ${from}.`);
  }
  const wrongNote = at.find((note) => !isIn(note, 2, length));
  if (wrongNote !== undefined) {
    throw new UsageError(`at: notes 2 to ${length} of this song are predicted, got ${wrongNote}.`);
  }
  if (match && !(isIn(match.from, 1, length) && isIn(match.to, match.from, length))) {
    throw new UsageError(`match: expected notes from 1 to ${length}, at least one, got ${match.from} to ${match.to}.`);
  }
  if (!Number.isSafeInteger(seed)) throw new UsageError(`seed: expected a whole number, got ${seed}.`);
  if (other) assertSameArchitecture({ path, spec: model.spec }, { path: other.path, spec: other.model.spec });
}
