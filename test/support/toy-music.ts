import {
  noteTable,
  type Corpus,
  type HeadValues,
  type Note,
  type NoteEvent,
  type NoteTable,
  type Piece,
} from '../../src/midi/index.ts';
import {
  createTrainingRun,
  musicModel,
  prepareData,
  resolveSettings,
  type MusicModel,
  type PresetName,
  type PreparedData,
  type Settings,
} from '../../src/music/index.ts';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint, type NamedArrays } from '../../src/nn/index.ts';
import { Random } from '../../src/tensor/index.ts';

/** The figure that every bar plays, in semitones above its chord, and the seconds from each note to the next. */
const FIGURE = [0, 4, 7, 12, 7, 4];
const STEPS = [0.25, 0.25, 0.25, 0.5, 0.25, 0.5];
/** The chords of four bars, in semitones above the key. */
const CHORDS = [0, 5, 7, 0];

/** Notes like those of a simple songbook: broken chords in a key, in a rhythm that goes round, from its note `first` on. */
export function toySong(key: number, length: number, first = 0): NoteTable {
  const notes: Note[] = [];
  let start = 0;
  for (let i = first; i < first + length; i++) {
    const place = i % FIGURE.length;
    const chord = CHORDS[Math.floor(i / FIGURE.length) % CHORDS.length];
    const end = start + 0.9 * STEPS[place];
    notes.push({ pitch: key + chord + FIGURE[place], velocity: 70 + 5 * place, start, end });
    start += STEPS[place];
  }
  return noteTable(notes);
}

/** A piece around a table; the digest is its name. */
export function toyPiece(name: string, table: NoteTable, split?: Piece['split']): Piece {
  return { path: `songs/${name}.mid`, name, table, problems: [], digest: name, ...(split && { split }) };
}

/** A corpus of the given pieces, as if nothing had been left out. */
export function corpusOf(...pieces: Piece[]): Corpus {
  return { pieces, skipped: [], missing: [], duplicates: [], cached: 0 };
}

/** Ten songs in ten keys. */
export function toySongbook(length = 60): Corpus {
  return corpusOf(...Array.from({ length: 10 }, (_, song) => toyPiece(`song ${song}`, toySong(48 + 3 * song, length))));
}

/** A preset made small enough for tests. */
export function toySettings(preset: PresetName, overrides: Partial<Settings> = {}): Settings {
  return resolveSettings(preset, { hiddenSize: 12, seqLength: 8, batchSize: 16, bins: 12, ...overrides });
}

/** The same of a model that counts beats, hears where its pieces begin, and says where they end. */
export function markedSettings(overrides: Partial<Settings> = {}): Settings {
  return toySettings('songbook', { embedding: 6, headHidden: 5, maxSteps: 6, stepsPerEpoch: 3, ...overrides });
}

/** Random weights that make a network say something definite: several times larger than those that training begins with. */
export function loudWeights(parameters: NamedArrays, seed = 3): NamedArrays {
  const random = Random.stream(seed, 'loud');
  return Object.fromEntries(
    Object.entries(parameters).map(([name, values]) => [name, values.map(() => 0.7 * random.normal())]),
  );
}

/** A checkpoint of an untrained model with loud random weights, as it comes back from a file. */
export async function toyCheckpoint(settings: Settings, corpus = toySongbook()): Promise<Checkpoint> {
  const data = prepareData(corpus, settings);
  const { engine, extra } = await createTrainingRun(data, settings, 'quick', { backend: 'reference', threads: 1 });
  const parameters = loudWeights(await engine.readParameters());
  await engine.dispose();
  return decodeCheckpoint(encodeCheckpoint({ spec: data.spec, parameters, extra }));
}

/** The model of `toyCheckpoint`. */
export async function toyModel(settings: Settings, corpus = toySongbook()): Promise<MusicModel> {
  return musicModel(await toyCheckpoint(settings, corpus));
}

/** The model, with this of every note, whatever it says of it. */
export function thatDraws(model: MusicModel, fixed: Partial<NoteEvent>): MusicModel {
  const decodeNote = (values: HeadValues): NoteEvent => ({ ...model.codec.decodeNote(values), ...fixed });
  const codec = new Proxy(model.codec, {
    get(target, name) {
      if (name === 'decodeNote') return decodeNote;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { ...model, codec };
}

/** Trains prepared data, and keeps every checkpoint as bytes, the way a run folder would. */
export async function trainToy(
  data: PreparedData,
  settings: Settings,
  { from, backend = 'reference', threads = 1 }: { from?: Uint8Array; backend?: string; threads?: number } = {},
) {
  const files: Record<'best' | 'last', Uint8Array[]> = { best: [], last: [] };
  const { engine, trainer } = await createTrainingRun(
    data,
    settings,
    'quick',
    { backend, threads },
    { onCheckpoint: (kind, checkpoint) => void files[kind].push(encodeCheckpoint(checkpoint)) },
  );
  try {
    if (from) await trainer.resume(decodeCheckpoint(from));
    const result = await trainer.run();
    return { result, files, best: files.best.at(-1)!, last: files.last.at(-1)! };
  } finally {
    await engine.dispose();
  }
}
