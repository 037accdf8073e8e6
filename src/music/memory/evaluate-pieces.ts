import { UsageError } from '../../errors.ts';
import type { HeadName } from '../../midi/index.ts';
import type { Pieces } from '../../nn/index.ts';
import type { Floats } from '../../tensor/index.ts';
import { notesOf, type PieceClasses } from './piece-classes.ts';
import type { PieceMemory } from './piece-memory.ts';
import type { NoteClasses } from './trail.ts';

/** A model that reads whole pieces, its state carried from note to note. */
export interface NoteSource {
  /** Forgets everything: the piece of that index begins. */
  start(piece: number): void;
  /** Hears the note of that number, as it stands in the piece. */
  feed(note: number): void;
  /**
   * The probability of each class of a head for the next note.
   * @param drawn what of that note is known: the heads before this one. The source may use it, or not
   */
  probabilities(head: HeadName, drawn: Readonly<Partial<NoteClasses>>): ArrayLike<number>;
  /** The output of the network's last layer after the last `feed`, for a memory that compares states. */
  readonly state?: ArrayLike<number>;
}

/** Nats a note, in the mean. */
export interface Nats {
  notes: number;
  /** Of the model alone. */
  model: number;
  /** With the memory; only where there is one. */
  memory?: number;
}

/** How well one head is predicted. */
export interface HeadNats extends Nats {
  name: HeadName;
  /** By the number of notes that were heard before: those from `from` on and below `to`, which is null in the last. */
  positions: (Nats & { from: number; to: number | null })[];
}

/** What whole pieces say of a model. */
export interface PiecesEvaluation {
  pieces: number;
  /** In the order in which they are drawn. */
  heads: HeadNats[];
}

/** What is evaluated, and with which memory. */
export interface EvaluatePiecesOptions {
  pieces: readonly PieceClasses[];
  /** In the order in which they are drawn. */
  heads: readonly HeadName[];
  source: NoteSource;
  /** As fitted: of the options to generate with, none should be set. */
  memory?: PieceMemory;
  /** Notes of a piece that count; all unless given. */
  notes?: number;
}

/** Where the buckets of positions begin, in notes heard before. */
export const POSITIONS = [1, 64, 256, 1024] as const;
/** Notes between two pauses. */
const PIECE_OF_WORK = 16;
/** Below it a float32 is no normal number; what the model calls impossible costs this and not everything. */
const LEAST_PROBABILITY = 2 ** -126;

/**
 * Reads pieces from their beginning, and asks before each note but the first how probable it is: of the model alone, and with
 * the memory. Each part of a note is predicted knowing those that are drawn before it, so that the nats of the heads
 * add up to those of the note. In pieces of some milliseconds (`inTurns`, `atOnce`).
 *
 * @throws UsageError when a piece lacks a part that is asked for
 */
export function* evaluatePieces(options: EvaluatePiecesOptions): Pieces<PiecesEvaluation> {
  const { pieces, heads, source, memory, notes: atMost = Infinity } = options;
  const tallies = heads.map((name) => new HeadTally(name, memory !== undefined));
  const total = pieces.reduce((sum, { pitch }) => sum + Math.min(pitch.length, atMost), 0);
  let done = 0;
  for (let index = 0; index < pieces.length; index++) {
    for (const name of heads) checkPart(pieces[index], index, name);
    source.start(index);
    memory?.clear();
    const notes = notesOf(pieces[index]).slice(0, atMost);
    for (let t = 0; t < notes.length; t++) {
      if (t > 0) predict(notes[t], t, tallies, source, memory);
      source.feed(t);
      memory?.push(notes[t], source.state);
      if (++done % PIECE_OF_WORK === 0) yield done / total;
    }
  }
  return { pieces: pieces.length, heads: tallies.map((tally) => tally.result()) };
}

function predict(
  note: NoteClasses,
  heard: number,
  tallies: readonly HeadTally[],
  source: NoteSource,
  memory: PieceMemory | undefined,
): void {
  const drawn: Partial<NoteClasses> = {};
  for (const tally of tallies) {
    const actual = note[tally.name] ?? 0;
    const p = tally.copyOf(source.probabilities(tally.name, drawn));
    const model = nats(p[actual]);
    memory?.mix(tally.name, drawn, p);
    tally.add(heard, model, nats(p[actual]));
    drawn[tally.name] = actual;
  }
}

function nats(probability: number): number {
  return -Math.log(Math.max(probability, LEAST_PROBABILITY));
}

/** Adds up what one head costs. */
class HeadTally {
  readonly name: HeadName;
  readonly #remembers: boolean;
  readonly #positions = POSITIONS.map(() => ({ notes: 0, model: 0, memory: 0 }));
  #p: Floats = new Float64Array(0);

  constructor(name: HeadName, remembers: boolean) {
    this.name = name;
    this.#remembers = remembers;
  }

  /** What the source says is its own; the memory changes a copy. */
  copyOf(p: ArrayLike<number>): Floats {
    if (this.#p.length !== p.length) this.#p = new Float64Array(p.length);
    this.#p.set(p);
    return this.#p;
  }

  add(heard: number, model: number, memory: number): void {
    const position = this.#positions[POSITIONS.findLastIndex((from) => from <= heard)];
    position.notes++;
    position.model += model;
    position.memory += memory;
  }

  result(): HeadNats {
    const sum = { notes: 0, model: 0, memory: 0 };
    for (const { notes, model, memory } of this.#positions) {
      sum.notes += notes;
      sum.model += model;
      sum.memory += memory;
    }
    const positions = this.#positions.map((position, index) => ({
      from: POSITIONS[index],
      to: POSITIONS[index + 1] ?? null,
      ...this.#mean(position),
    }));
    return { name: this.name, ...this.#mean(sum), positions: positions.filter(({ notes }) => notes > 0) };
  }

  #mean({ notes, model, memory }: { notes: number; model: number; memory: number }): Nats {
    return { notes, model: model / notes, ...(this.#remembers && { memory: memory / notes }) };
  }
}

function checkPart(piece: PieceClasses, index: number, name: HeadName): void {
  if (piece[name]?.length === piece.pitch.length) return;
  throw new UsageError(
    `evaluatePieces: piece ${index} has ${piece.pitch.length} pitches and ${piece[name]?.length ?? 'no'} classes of ${name}; expected as many.`,
  );
}
