import { DataError } from '../errors.ts';
import { median } from '../median.ts';
import {
  Codec,
  fitChordSpread,
  fitLoudness,
  splitByPiece,
  type BeatsSpec,
  type CodecSpec,
  type Corpus,
  type Marks,
  type NoteEvent,
  type NoteTable,
  type Piece,
  type Split,
} from '../midi/index.ts';
import {
  atOnce,
  inTurns,
  StreamDataset,
  WindowDataset,
  within,
  type Dataset,
  type InTurns,
  type ModelSpec,
  type Pieces,
  type Sequence,
  type Vary,
} from '../nn/index.ts';
import { Random } from '../tensor/index.ts';
import { codingsOf } from './codings.ts';
import { baselineOf, countFrequencies, type Frequencies } from './evaluation/frequencies.ts';
import { repetitionIn } from './drawing/repetition.ts';
import { beatsIn, howTimeIsCounted } from './counting-time.ts';
import { preparePiece, type Hearing } from './prepare-table.ts';
import { modelSpecFor } from './model-spec.ts';
import type { Settings } from './settings.ts';
import { tablesToFit, variationOf, varyPieces } from './vary.ts';
import { counted } from '../text/words.ts';

/** Windows that stand alone, or pieces as streams. */
export type MusicDataset = Dataset & (WindowDataset | StreamDataset);

/** A corpus made ready for training. */
export interface PreparedData {
  codec: Codec;
  spec: ModelSpec;
  train: MusicDataset;
  /** Undefined when nothing was held back. */
  validation?: MusicDataset;
  trainPieces: Piece[];
  validationPieces: Piece[];
  /** How time is counted. */
  time: 'seconds' | 'beats';
  /** What the training pieces have to say of each head, whatever comes before. */
  frequencies: Frequencies;
  /** By head what always giving these frequencies costs at the validation windows; absent when nothing was held back. */
  heldOutBaseline?: Record<string, number>;
  /** How much the training pieces repeat themselves. */
  repetition: number;
  /** How training and validation were told apart. */
  splitBy: Split['by'];
  /** Notes to begin with when generating without a primer: the opening of a piece that was not trained on, if there is one. */
  primer: { name: string; notes: NoteEvent[] };
  /** Pieces left out because no window fits into them. */
  tooShort: string[];
}

/** How data are prepared beside their settings. */
export interface PrepareOptions {
  /** The codec of the model that is to be trained on; one is fitted unless given. */
  codec?: Codec;
}

/**
 * Splits a corpus by piece, fits a codec on the training side unless one is given, and cuts both into windows; those of the training side are
 * varied in key and tempo whenever they are trained on, where the settings say so. A single piece is divided within, its end held back; one that has no room for a window on either side is trained on whole.
 * @throws DataError when no piece is long enough
 */
export function prepareData(
  corpus: Pick<Corpus, 'pieces'>,
  settings: Settings,
  options: PrepareOptions = {},
): PreparedData {
  return atOnce(preparation(corpus, settings, options));
}

/**
 * The same without keeping the thread: a large corpus takes its time.
 * @throws the reason of `signal` when it is aborted
 */
export function prepareDataInTurns(
  corpus: Pick<Corpus, 'pieces'>,
  settings: Settings,
  { codec, ...turns }: PrepareOptions & InTurns = {},
): Promise<PreparedData> {
  return inTurns(preparation(corpus, settings, { codec }), turns);
}

function* preparation(
  corpus: Pick<Corpus, 'pieces'>,
  settings: Settings,
  { codec: given }: PrepareOptions,
): Pieces<PreparedData> {
  const time = given ? timeOf(given) : settings.time === 'auto' ? howTimeIsCounted(corpus.pieces).time : settings.time;
  const pieces = yield* within(heard(corpus.pieces, { ...settings, time }), 0, 0.1);
  const variation = variationOf(settings, time);
  const least = leastNotes(settings);
  const long = pieces.filter(({ table }) => table.length >= least);
  const tooShort = pieces.filter(({ table }) => table.length < least).map(({ path }) => path);
  if (long.length === 0) refuseShort({ pieces }, least);
  const split = splitPieces(long, settings);
  const tables = split.train.map(({ table }) => table);
  const fit = (): Codec => {
    const played = playedOf(corpus.pieces, split.train);
    return Codec.fit(tablesToFit(tables, variation), {
      ...codingsOf(settings),
      ...(settings.ends && { ends: { notes: median(tables.map(({ length }) => length)) } }),
      ...(time === 'beats'
        ? { beats: beatsFor(played, tables, settings), ...joined(settings) }
        : spreadIn(played, settings)),
      stepBins: settings.bins,
      durationBins: settings.bins,
    });
  };
  const codec = given ?? fit();
  yield 0.2;
  const spec = modelSpecFor(codec, settings);
  const marks = marksFor(codec, settings);
  const sequences = yield* within(encoded(codec, tables, marks), 0.2, 0.9);
  const validationFits = split.validation.some(({ table }) => table.length >= least);
  const heldOut = validationFits ? yield* within(encodedToJudge(codec, split.validation, settings), 0.9, 1) : undefined; // prettier-ignore
  const frequencies = countFrequencies(spec.heads, sequences, marks);
  return {
    codec,
    spec,
    train: datasetOf(spec, sequences, settings, varyPieces(codec, tables, marks, variation)),
    validation: heldOut && datasetOf(spec, heldOut, settings),
    time,
    frequencies,
    ...(heldOut && { heldOutBaseline: baselinesOf(frequencies, heldOut, judgedFrom(settings)) }),
    repetition: repetitionIn(tables),
    trainPieces: split.train,
    validationPieces: split.validation,
    splitBy: split.by,
    primer: choosePrimer(validationFits ? split.validation : split.train, settings.seqLength),
    tooShort,
  };
}

function timeOf({ spec }: Codec): 'seconds' | 'beats' {
  return spec.beats ? 'beats' : 'seconds';
}

function* heard(pieces: readonly Piece[], settings: Hearing): Pieces<Piece[]> {
  const all: Piece[] = [];
  for (const piece of pieces) {
    all.push(preparePiece(piece, settings));
    yield all.length / pieces.length;
  }
  return all;
}

/** The pieces that are trained on, as they were read. */
function playedOf(pieces: readonly Piece[], train: readonly Piece[]): Piece[] {
  const paths = new Set(train.map(({ path }) => path));
  return pieces.filter(({ path }) => paths.has(path));
}

/** How the chords of pieces were played, where they are to be joined. */
function spreadIn(played: readonly Piece[], { chords }: Settings): Pick<CodecSpec, 'chords'> {
  if (chords === 0) return {};
  const tables = played.map(({ table }) => table);
  return { chords: fitChordSpread(tables, chords / 1000) };
}

/** What beats are in some pieces; where the model does not learn loudness, that too. */
function beatsFor(played: readonly Piece[], tables: readonly NoteTable[], { velocity }: Settings): BeatsSpec {
  const { beats } = beatsIn(played);
  return velocity === 'none' ? { ...beats, loudness: fitLoudness(tables) } : beats;
}

/** Written chords start together, and are written so again. */
function joined({ chords }: Settings): Pick<CodecSpec, 'chords'> {
  return chords === 0 ? {} : { chords: { within: chords / 1000, spread: [] } };
}

/** All windows of `pieces` as the codec encodes them. */
export function windowsOf(
  codec: Codec,
  spec: ModelSpec,
  pieces: readonly { table: NoteTable }[],
  seqLength: number,
): WindowDataset {
  const windows = { seqLength, carryState: false };
  return new WindowDataset(spec, atOnce(encodedToJudge(codec, pieces, windows)), seqLength);
}

/** Pieces as they are trained on, and judged. */
export function datasetOf(spec: ModelSpec, sequences: Sequence[], settings: Reading, vary?: Vary): MusicDataset {
  const { carryState, seqLength } = settings;
  if (carryState) return new StreamDataset(spec, sequences, seqLength, { vary });
  return new WindowDataset(spec, sequences, seqLength, vary);
}

/** How pieces are read. */
type Reading = Pick<Settings, 'seqLength' | 'carryState'>;

/** The first position that is judged: that behind a whole window, or, of a stream, behind the first. */
export function judgedFrom({ seqLength, carryState }: Reading): number {
  return carryState ? 1 : seqLength;
}

function encodedToJudge(codec: Codec, pieces: readonly { table: NoteTable }[], reading: Reading): Pieces<Sequence[]> {
  const tables = pieces.map(({ table }) => table);
  // An end is no note, and what is judged are notes.
  const { before } = marksFor(codec, reading);
  return encoded(codec, tables, { before });
}

/**
 * What always giving frequencies costs at every note that is judged.
 * @param from the first position that is
 */
export function baselinesOf(
  frequencies: Frequencies,
  sequences: readonly Sequence[],
  from: number,
): Record<string, number> {
  function* targetsOf(name: string): Generator<number> {
    for (const { targets } of sequences) {
      for (let t = from; t < targets[name].length; t++) yield targets[name][t];
    }
  }
  return Object.fromEntries(
    Object.entries(frequencies).map(([name, known]) => [name, baselineOf(known, targetsOf(name))]),
  );
}

/** The notes that a piece must have to be learned from: a window and one more, or two where marks stand around them or it is a stream. */
export function leastNotes({ ends, seqLength, carryState }: Reading & Pick<Settings, 'ends'>): number {
  return ends || carryState ? 2 : seqLength + 1;
}

/**
 * The marks around a piece that windows of `seqLength` are cut from, where the codec knows marks: as many as make its first note
 * part of as many windows as any other, and its end of half as many: a window with little else would teach that a piece ends
 * after its first notes. A stream meets everything once, and has one of each.
 */
export function marksFor({ endClass }: Codec, { seqLength, carryState }: Reading): Marks {
  if (endClass === undefined) return {};
  return carryState ? { before: 1, after: 1 } : { before: seqLength, after: Math.ceil(seqLength / 2) };
}

function* encoded(codec: Codec, tables: readonly NoteTable[], marks: Marks): Pieces<Sequence[]> {
  const sequences: Sequence[] = [];
  for (const table of tables) {
    sequences.push(codec.encode(table, marks));
    yield sequences.length / tables.length;
  }
  return sequences;
}

/** The first `count` rows of a table as notes, all of them unless given. */
export function noteEvents(table: NoteTable, count = table.length): NoteEvent[] {
  return Array.from({ length: Math.min(count, table.length) }, (_, row) => ({
    pitch: table.pitch[row],
    step: table.step[row],
    duration: table.duration[row],
    velocity: table.velocity[row],
    ...(table.bars && { bar: { meter: table.bars.meter, place: table.bars.place[row] } }),
  }));
}

function refuseShort(corpus: Pick<Corpus, 'pieces'>, least: number): never {
  const longest = corpus.pieces.reduce((most, { table }) => Math.max(most, table.length), 0);
  throw new DataError(
    `No piece is long enough: a window needs ${counted(least, 'note')}, and the longest of ${corpus.pieces.length} has ${longest}. ` +
      `Give longer pieces, or a shorter window with --seq-length.`,
  );
}

function splitPieces(pieces: Piece[], settings: Settings): Split {
  const { validation, seed } = settings;
  const random = Random.stream(seed, 'split');
  const trainable = pieces.filter(({ split }) => split !== 'test');
  const alone = trainable.length === 1 && validation > 0;
  // Both ends of a divided piece must hold a window and the note after it.
  const room = alone ? leastNotes(settings) / trainable[0].table.length : 0;
  const fraction = room > 0.5 ? 0 : alone ? Math.min(Math.max(validation, room), 1 - room) : validation;
  return splitByPiece(pieces, { validation: fraction, random: () => random.uniform(), withinPiece: alone });
}

function choosePrimer(pieces: Piece[], seqLength: number): PreparedData['primer'] {
  const piece = pieces.find(({ table }) => table.length >= seqLength) ?? pieces[0];
  return { name: piece.name, notes: noteEvents(piece.table, seqLength) };
}
