import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPiece, type EncodedPiece, type NoteTable } from '../../src/midi/index.ts';
import { musicModel, type MusicModel } from '../../src/music/index.ts';
import { decodeCheckpoint, recordSequence, type EpochRecord, type Recording } from '../../src/nn/index.ts';
import { HeapArena, ReferenceKernels, type Kernels } from '../../src/tensor/index.ts';

/** The trained model that the lesson looks into, and how its losses fell. Both are made by `npm run lesson -- --train`. */
export const MODEL_FILE = 'scripts/lesson/model.safetensors';
export const HISTORY_FILE = 'scripts/lesson/history.json';
/** Cells whose gradients are held beside the LSTM's: the same model, trained alike. */
export const OTHER_CELLS = ['gru', 'rnn'] as const;
/** The file of such a model. */
export const cellFile = (cell: (typeof OTHER_CELLS)[number]): string => `scripts/lesson/${cell}.safetensors`;
/** The song that it is looked at with. */
export const SONG = 'bach-prelude-c';

/** All that the lesson's numbers and pictures are made from. */
export interface Lesson {
  root: string;
  model: MusicModel;
  history: EpochRecord[];
  notes: NoteTable;
  song: EncodedPiece;
  /** The network reading the whole song, in float64: the same digits on every machine. */
  recording: Recording;
}

/** Kernels whose numbers do not depend on the machine in any digit that the lesson shows. */
export function exactKernels(): Kernels {
  return new ReferenceKernels(new HeapArena('float64'));
}

/** Reads the model and the song from the repository at `root`, and lets the one read the other. */
export function loadLesson(root: string): Lesson {
  const model = musicModel(decodeCheckpoint(readFileSync(join(root, MODEL_FILE))));
  const history = JSON.parse(readFileSync(join(root, HISTORY_FILE), 'utf8')) as EpochRecord[];
  const { table: notes } = readPiece(readFileSync(join(root, `data/songbook/${SONG}.mid`)));
  return lessonWith({ root, history, notes }, model);
}

/** The same song, read by a model. */
export function lessonWith(lesson: Pick<Lesson, 'root' | 'history' | 'notes'>, model: MusicModel): Lesson {
  const { root, history, notes } = lesson;
  const song = model.codec.encode(notes);
  const recording = recordSequence(model.spec, model.parameters, song, { kernels: exactKernels() });
  return { root, model, history, notes, song, recording };
}

/** Notes `from` to `to`, not including, of the lesson's song as they were encoded. */
export function partOf({ song, model }: Lesson, from: number, to: number): EncodedPiece {
  const F = model.spec.inputs.features.length;
  return {
    length: to - from,
    categories: song.categories.map((classes) => classes.slice(from, to)),
    features: song.features.slice(from * F, to * F),
    targets: Object.fromEntries(Object.entries(song.targets).map(([name, values]) => [name, values.slice(from, to)])),
  };
}

/** The one layer of the lesson's network, its gates and its cell by their names. */
export function lstmLayer({ layers: [{ gates, c, tanhC, ...layer }] }: Recording) {
  const { i, f, g, o } = gates;
  return { ...layer, i, f, g, o, c: c!, tanhC: tanhC! };
}
