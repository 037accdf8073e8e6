import type { EncodedPiece, HeadName, NoteTable } from '../../midi/index.ts';
import { Network, ParameterSet } from '../../nn/index.ts';
import { createKernels, type Floats, type Kernels, type Tensor } from '../../tensor/index.ts';
import type { NoteSource } from '../memory/index.ts';
import type { MusicModel } from '../music-model.ts';
import { softmax } from './softmax.ts';

/** Notes that the network reads at once: all but the recurrence is then a product of matrices, not of a vector with each. */
const CHUNK = 64;

/**
 * A model that reads whole pieces, as evaluation and fitting ask it. What comes is known, so that the network reads many notes at once, its
 * state carried from chunk to chunk: each head that reads others is given the classes that the next note of the piece has.
 */
export class ModelSource implements NoteSource {
  readonly #model: MusicModel;
  readonly #tables: readonly NoteTable[];
  readonly #network: Network;
  readonly #states: Tensor;
  readonly #places: ReadonlyMap<HeadName, number>;
  readonly #probabilities: Float64Array[];
  #piece?: EncodedPiece;
  /** Where the first note stands: behind the mark of the beginning, where the model knows one. */
  readonly #first: number;
  /** Which part of the piece the network has read last. */
  #chunk = -1;
  /** The note that was heard last, as a row of the chunk. */
  #row = 0;

  constructor(model: MusicModel, tables: readonly NoteTable[], kernels: Kernels = createKernels('reference')) {
    const { spec, parameters, codec } = model;
    const weights = new ParameterSet(kernels.arena, spec);
    weights.fromArrays(parameters);
    this.#model = model;
    this.#first = codec.endClass === undefined ? 0 : 1;
    this.#tables = tables;
    this.#network = new Network(kernels, spec, { batchSize: 1, steps: CHUNK }, weights, { lossOn: 'all' });
    this.#states = this.#network.layers[spec.lstm.layers - 1].output;
    this.#places = new Map(codec.heads.map(({ name }, head) => [name, head]));
    this.#probabilities = codec.heads.map(({ size }) => new Float64Array(size));
  }

  start(piece: number): void {
    this.#piece = this.#model.codec.encode(this.#tables[piece], { before: this.#first });
    this.#network.resetState();
    this.#chunk = -1;
  }

  feed(note: number): void {
    const row = this.#first + note;
    const chunk = Math.floor(row / CHUNK);
    this.#row = row % CHUNK;
    if (chunk === this.#chunk) return;
    if (chunk > 0) this.#network.carryState();
    this.#chunk = chunk;
    this.#read(chunk * CHUNK);
  }

  /** Given what the piece's next note has of the heads before, which is what was drawn. */
  probabilities(name: HeadName): Float64Array {
    const head = this.#places.get(name)!;
    const p = this.#probabilities[head];
    softmax(this.#network.heads[head].out.data, this.#row * p.length, p);
    return p;
  }

  get state(): Floats {
    const { columns, data } = this.#states;
    return data.subarray(this.#row * columns, (this.#row + 1) * columns);
  }

  /** Reads a chunk of the piece; what is behind its end is read as zeros, and nobody asks. */
  #read(from: number): void {
    const { categories, features, targets } = this.#piece!;
    const width = this.#model.codec.inputs.features.length;
    this.#network.load({
      size: 1,
      steps: CHUNK,
      categories: categories.map((column) => chunkOf(column, from, CHUNK)),
      features: chunkOf(features, from * width, CHUNK * width),
      targets: Object.fromEntries(
        Object.entries(targets).map(([name, column]) => [name, chunkOf(column, from + 1, CHUNK)]),
      ),
    });
    this.#network.forward();
  }
}

function chunkOf<A extends Int32Array | Float32Array>(column: A, from: number, length: number): A {
  const there = column.slice(from, from + length) as A;
  if (there.length === length) return there;
  const padded = (column instanceof Int32Array ? new Int32Array(length) : new Float32Array(length)) as A;
  padded.set(there);
  return padded;
}
