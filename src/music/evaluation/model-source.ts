import type { HeadName, NoteEvent } from '../../midi/index.ts';
import type { Floats, Kernels } from '../../tensor/index.ts';
import { StatefulRun } from '../drawing/note-source.ts';
import type { NoteClasses, NoteSource } from '../memory/index.ts';
import type { MusicModel } from '../music-model.ts';

/** A model that reads whole pieces, as evaluation and fitting ask it. */
export class ModelSource implements NoteSource {
  readonly #run: StatefulRun;
  readonly #pieces: readonly (readonly NoteEvent[])[];
  readonly #places: ReadonlyMap<HeadName, number>;
  readonly #probabilities: Float64Array[];
  #piece = 0;

  constructor(model: MusicModel, pieces: readonly (readonly NoteEvent[])[], kernels?: Kernels) {
    const { heads } = model.codec;
    this.#run = new StatefulRun(model, kernels);
    this.#pieces = pieces;
    this.#places = new Map(heads.map(({ name }, head) => [name, head]));
    this.#probabilities = heads.map(({ size }) => new Float64Array(size));
  }

  start(piece: number): void {
    this.#piece = piece;
    this.#run.reset();
  }

  feed(note: number): void {
    this.#run.feed(this.#pieces[this.#piece][note]);
  }

  probabilities(name: HeadName, drawn: Readonly<Partial<NoteClasses>>): Float64Array {
    const head = this.#places.get(name)!;
    for (const [other, place] of this.#places) {
      const chosen = drawn[other];
      if (place < head && chosen !== undefined) this.#run.choose(place, chosen);
    }
    const p = this.#probabilities[head];
    softmax(this.#run.output(head), p);
    return p;
  }

  get state(): Floats {
    return this.#run.hidden;
  }
}

function softmax(logits: Floats, p: Float64Array): void {
  let largest = -Infinity;
  for (const logit of logits) largest = Math.max(largest, logit);
  let sum = 0;
  for (let j = 0; j < p.length; j++) sum += p[j] = Math.exp(logits[j] - largest);
  for (let j = 0; j < p.length; j++) p[j] /= sum;
}
