import { UsageError } from '../../errors.ts';
import { evenly } from '../../evenly.ts';
import { assertFinite } from '../../finite.ts';
import type { HeadName } from '../../midi/index.ts';
import { inTurns, type InTurns, type Pieces } from '../../nn/index.ts';
import { HeapArena, Random, ReferenceKernels } from '../../tensor/index.ts';
import { counted } from '../../text/words.ts';
import { FittedHead } from './fitted-head.ts';
import { Keys, type KeyStore } from './keys.ts';
import { MATCH_PARAMETERS, STATE_PARAMETERS, type HeadMemory, type MemoryParameters } from './parameters.ts';
import { notesOf, type PieceClasses } from './piece-classes.ts';
import { Trail, type NoteClasses } from './trail.ts';

/** A whole piece, and what a model says of each of its notes when it has heard those before. */
export interface FittingPiece {
  classes: PieceClasses;
  /** By head and note, the model's probability of the class that came. That of the first two notes is not read. */
  probabilities: Partial<Record<HeadName, ArrayLike<number>>>;
  /** The output of the network's last layer after each note, [notes, width]; for a memory that compares states. */
  states?: Float32Array;
}

/** How a memory is fitted. */
export interface FitOptions {
  /** The heads that are fitted, in the order in which they are drawn, and their classes. */
  heads: readonly { name: HeadName; size: number }[];
  /** The seconds of each class of steps. */
  stepSeconds: ArrayLike<number>;
  /** To compare the network's states, too. */
  keys?: KeyStore;
  /** Which notes are looked at; 0 unless given. */
  seed?: number;
  /** How often each piece is looked at; 8 times unless given. */
  passes?: number;
  /** Notes of a piece that are predicted in a pass; 300 unless given. */
  rows?: number;
  /** Pieces that are looked at, evenly spaced among those given; 26 unless given. */
  pieces?: number;
  /** Notes of a piece that are heard; 1,500 unless given. */
  notes?: number;
}

/** What a fit found. */
export interface MemoryFit {
  parameters: MemoryParameters;
  /** For each head the nats a note in the last pass, without the memory and with it. */
  heads: { name: HeadName; notes: number; without: number; with: number }[];
}

const LARGEST_RATE = 0.06;
const SMALLEST_RATE = 0.001;

/**
 * Fits the dozen numbers of each head by Adam on the nats of random notes, beginning with the defaults. The model does not change; the
 * pieces should be some that it was not trained on.
 * @throws UsageError when there are no pieces, or they lack what is asked for; NotFiniteError when the fit diverges
 */
export function fitMemory(pieces: readonly FittingPiece[], options: FitOptions, turns?: InTurns): Promise<MemoryFit> {
  return inTurns(fitMemoryPieces(pieces, options), turns);
}

/** The same in pieces of some tens of milliseconds. */
export function* fitMemoryPieces(pieces: readonly FittingPiece[], options: FitOptions): Pieces<MemoryFit> {
  const { passes = 8, seed = 0 } = options;
  const chosen = evenly(pieces, options.pieces ?? 26);
  chosen.forEach((piece, index) => checkPiece(piece, index, options));
  if (!chosen.some(({ classes }) => classes.pitch.length > 2)) {
    throw new UsageError(
      `fitMemory: expected a piece of three notes at least, got ${counted(pieces.length, 'piece')}.`,
    );
  }
  const fitting = new Fitting(options);
  try {
    const random = Random.stream(seed, 'memory');
    const order = chosen.map((_, index) => index);
    const visits = passes * chosen.length;
    let visit = 0;
    for (let pass = 0; pass < passes; pass++) {
      for (const head of fitting.heads) head.startPass();
      for (const index of random.shuffle(order)) {
        fitting.visit(chosen[index], random);
        const rate = LARGEST_RATE * (1 - visit / visits) + SMALLEST_RATE;
        for (const head of fitting.heads) head.update(rate);
        yield ++visit / visits;
      }
    }
    const fit = resultOf(fitting.heads);
    assertFinite(fit, 'The fit of the memory', 'Do without it: the defaults serve every model.');
    return fit;
  } finally {
    fitting.dispose();
  }
}

class Fitting {
  readonly heads: FittedHead[];
  readonly #trail: Trail;
  readonly #keys: Keys | undefined;
  readonly #rows: number;
  readonly #notes: number;

  constructor({ heads, stepSeconds, keys, rows = 300, notes = 1500 }: FitOptions) {
    const start = keys ? STATE_PARAMETERS : MATCH_PARAMETERS;
    this.#rows = rows;
    this.#notes = notes;
    this.#trail = new Trail(notes, start.decay, stepSeconds);
    const kernels = new ReferenceKernels(new HeapArena('float64'));
    this.heads = heads.map(({ name, size }) => new FittedHead(name, size, startOf(start, name), notes, kernels));
    this.#keys = keys && new Keys(keys, notes);
  }

  /** Hears a piece, and adds what some of its notes say. */
  visit(piece: FittingPiece, random: Random): void {
    const notes = notesOf(piece.classes).slice(0, this.#notes);
    const chosen = someOf(notes.length, this.#rows, random);
    const width = (piece.states?.length ?? 0) / piece.classes.pitch.length;
    this.#trail.clear();
    notes.forEach((note, t) => {
      if (chosen[t] === 1) this.#predict(piece, note, t);
      this.#keys?.push(piece.states?.subarray(t * width, (t + 1) * width), t);
      this.#trail.push(note);
    });
  }

  dispose(): void {
    this.#keys?.dispose();
  }

  #predict({ probabilities }: FittingPiece, note: NoteClasses, t: number): void {
    this.#keys?.compare(t - 1, this.#trail.depth);
    const heard = { trail: this.#trail, likeness: this.#keys?.likeness };
    const drawn: Partial<NoteClasses> = {};
    for (const head of this.heads) {
      const actual = note[head.name] ?? 0;
      head.add(heard, { ...drawn }, actual, probabilities[head.name]?.[t] ?? 0);
      drawn[head.name] = actual;
    }
  }
}

function startOf({ heads }: MemoryParameters, name: HeadName): HeadMemory {
  // Nothing was fitted for loudness: that of durations is nearest, a number that goes with a note.
  const start = heads[name] ?? heads.duration;
  if (!start) throw new UsageError(`fitMemory: nothing is known of a head "${name}".`);
  return start;
}

function resultOf(heads: readonly FittedHead[]): MemoryFit {
  return {
    parameters: {
      decay: MATCH_PARAMETERS.decay,
      heads: Object.fromEntries(heads.map((head) => [head.name, head.result()])),
    },
    heads: heads.map(({ name, rows, without, with: kept }) => ({
      name,
      notes: rows,
      without: without / rows,
      with: kept / rows,
    })),
  };
}

/** 1 for `count` of the notes that have a past to vote, at random; for all of them when there are no more. */
function someOf(notes: number, count: number, random: Random): Uint8Array {
  const places = random.shuffle(Uint32Array.from({ length: Math.max(0, notes - 2) }, (_, t) => t + 2));
  const chosen = new Uint8Array(notes);
  for (const place of places.subarray(0, count)) chosen[place] = 1;
  return chosen;
}

function checkPiece(
  { classes, probabilities, states }: FittingPiece,
  index: number,
  { heads, keys }: FitOptions,
): void {
  const notes = classes.pitch.length;
  for (const { name } of heads) {
    if (classes[name]?.length !== notes || probabilities[name]?.length !== notes) {
      throw new UsageError(
        `fitMemory: piece ${index} has ${notes} pitches, ${classes[name]?.length ?? 'no'} classes of ${name} and ` +
          `${probabilities[name]?.length ?? 'no'} probabilities of them; expected as many of each.`,
      );
    }
  }
  if (keys && states?.length !== notes * keys.width) {
    throw new UsageError(
      `fitMemory: piece ${index} has ${states?.length ?? 'no'} numbers of states; expected ${notes} times ${keys.width}.`,
    );
  }
}
