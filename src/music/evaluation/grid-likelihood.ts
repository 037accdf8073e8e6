import type { Codec, HeadName, NoteEvent, NoteTable } from '../../midi/index.ts';
import { inTurns, type InTurns, type Pieces } from '../../nn/index.ts';
import type { Kernels } from '../../tensor/index.ts';
import { noteClasses } from '../drawing/note-classes.ts';
import { StatefulRun } from '../drawing/note-source.ts';
import { createMemory } from '../drawing/recall.ts';
import type { NoteClasses, PieceMemory } from '../memory/index.ts';
import type { MusicModel } from '../music-model.ts';
import { noteEvents } from '../prepare.ts';
import { classBounds, GRID_SECONDS } from './common-grid.ts';
import { softmax } from './softmax.ts';

/** Nats a note on the grid, of the model alone and with its memory. */
export interface GridLikelihood {
  notes: number;
  model: number;
  memory?: number;
}

/** How pieces are read. */
export interface GridOptions extends InTurns {
  /** Notes of each piece, from its beginning; all unless given. */
  notes?: number;
  /** How strongly the memory speaks: 1 as fitted (unless given), 0 not at all. */
  recall?: number;
  kernels?: Kernels;
}

/** A class of time that may stand for a place on the grid, and the part of it that lies there. */
interface Candidate {
  kind: number;
  part: number;
}

/** One part of a note in the order of drawing. */
interface Part {
  name: HeadName;
  head: number;
  /** The bounds of its classes, of a time. */
  bounds?: Float64Array;
  p: Float64Array;
}

/** Notes between two pauses. */
const PIECE_OF_WORK = 8;
/** Below it nothing is told from 0. */
const LEAST = 1e-30;

/**
 * What whole notes cost on a grid of 10 ms, in nats: the probability that a model gives to all notes whose step and duration
 * round to the same hundredths of a second, a class of time being alike throughout its width. A narrow class counts with the
 * others on its place of the grid, a wide one with the part of it that lies there; parts that are drawn later are asked given each.
 * So codecs of any classes compare, with each other and with published figures. `gridNats` is quicker, and more where classes are
 * narrower than the grid.
 *
 * The time is a sum over the classes on a place: some ten times that of `evaluateWholePieces`.
 */
export async function evaluateOnGrid(
  model: MusicModel,
  tables: readonly NoteTable[],
  { notes = Infinity, recall = 1, kernels, ...turns }: GridOptions = {},
): Promise<GridLikelihood> {
  const memory = recall > 0 ? createMemory(model, { recall }, kernels) : undefined;
  try {
    return await inTurns(new GridReader(model, memory, kernels).read(tables, notes), turns);
  } finally {
    memory?.dispose();
  }
}

class GridReader {
  readonly #codec: Codec;
  readonly #run: StatefulRun;
  readonly #memory?: PieceMemory;
  readonly #parts: Part[];

  constructor(model: MusicModel, memory?: PieceMemory, kernels?: Kernels) {
    const { codec } = model;
    this.#codec = codec;
    this.#run = new StatefulRun(model, kernels);
    this.#memory = memory;
    this.#parts = codec.heads.flatMap(({ name, kind, size }, head) => {
      if (kind === 'scalar') return [];
      const bins = name === 'step' || name === 'duration' ? codec.spec.bins?.[name] : undefined;
      return [{ name, head, p: new Float64Array(size), ...(bins && { bounds: classBounds(bins) }) }];
    });
  }

  *read(tables: readonly NoteTable[], atMost: number): Pieces<GridLikelihood> {
    const total = tables.reduce((sum, { length }) => sum + Math.min(length, atMost), 0);
    const sum = { notes: 0, model: 0, memory: 0 };
    let done = 0;
    for (const table of tables) {
      this.#run.reset();
      this.#memory?.clear();
      const events = noteEvents(table, Math.min(table.length, atMost));
      for (const [t, event] of events.entries()) {
        const classes = noteClasses(this.#codec, event);
        if (t > 0) {
          sum.notes++;
          sum.model -= Math.log(Math.max(LEAST, this.#probability(event, classes, false)));
          if (this.#memory) sum.memory -= Math.log(Math.max(LEAST, this.#probability(event, classes, true)));
        }
        this.#run.feed(event);
        this.#memory?.push(classes, this.#run.hidden);
        if (++done % PIECE_OF_WORK === 0) yield done / total;
      }
    }
    const { notes, model, memory } = sum;
    return { notes, model: model / notes, ...(this.#memory && { memory: memory / notes }) };
  }

  /** Of all notes on the event's place of the grid. */
  #probability(event: NoteEvent, classes: NoteClasses, remembers: boolean): number {
    const given = (from: number, drawn: Partial<NoteClasses>): number => {
      if (from === this.#parts.length) return 1;
      const { name, head, bounds, p } = this.#parts[from];
      const candidates = bounds ? candidatesFor(bounds, event[name]) : [{ kind: classes[name]!, part: 1 }];
      softmax(this.#run.output(head), 0, p);
      if (remembers) this.#memory?.mix(name, drawn, p);
      // Read before the later parts are asked, whose asking comes back here.
      const weights = candidates.map(({ kind, part }) => part * p[kind]);
      return candidates.reduce((sum, { kind }, k) => {
        this.#run.choose(head, kind);
        return sum + weights[k] * given(from + 1, { ...drawn, [name]: kind });
      }, 0);
    };
    return given(0, {});
  }
}

/** The classes that reach into the place of the grid to which some seconds round. */
export function candidatesFor(bounds: Float64Array, seconds: number): Candidate[] {
  const place = Math.round(seconds / GRID_SECONDS);
  const [low, high] = [Math.max(0, (place - 0.5) * GRID_SECONDS), (place + 0.5) * GRID_SECONDS];
  const last = bounds.length - 2;
  const candidates: Candidate[] = [];
  for (let kind = 0; kind <= last; kind++) {
    const [from, to] = [bounds[kind], bounds[kind + 1]];
    const shared = Math.min(high, to) - Math.max(low, from);
    if (shared > 0) candidates.push({ kind, part: shared / (to - from) });
  }
  // Beyond the last bound there is the last class only.
  return candidates.length > 0 ? candidates : [{ kind: last, part: GRID_SECONDS / (bounds[last + 1] - bounds[last]) }];
}
