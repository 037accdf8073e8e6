import { ShapeError } from '../../tensor/index.ts';
import type { DeviceArray } from '../../tensor/gpu/plan.ts';
import type { EngineState } from '../engine.ts';
import { assertKept, type Slot } from '../optimizers/slots.ts';
import type { NamedArrays } from '../parameters.ts';
import { headSize, parameterSpecs, type ModelSpec } from '../spec.ts';
import { layOut } from './layout.ts';

/** The planes of a pack. */
const PLANES = ['parameters', 'adam.m', 'adam.v'] as const;
/** What the optimizer keeps: the GPU knows Adam alone. */
const KEEPS = ['adam.m', 'adam.v'] as const satisfies readonly Slot[];
type Plane = (typeof PLANES)[number];

interface PackSize {
  rows: number;
  columns: number;
}

/** Where a parameter stands: in which pack, from which row and column on, and its own rows and columns. */
interface Place extends PackSize {
  pack: number;
  row: number;
  column: number;
}

/**
 * A model's weights and Adam's moments as the GPU has them: one array [3, rows, columns] for each layer and one for all
 * heads, so that one kernel can write all three. Never changed in place: a training step gives new ones.
 */
export class Packs {
  readonly arrays: readonly Float32Array[];
  readonly #sizes: readonly PackSize[];
  readonly #places: ReadonlyMap<string, Place>;

  private constructor(sizes: readonly PackSize[], places: ReadonlyMap<string, Place>, arrays: readonly Float32Array[]) {
    this.#sizes = sizes;
    this.#places = places;
    this.arrays = arrays;
  }

  /** Zeros. */
  static of(spec: ModelSpec): Packs {
    // Neither steps nor batch size matter to the weights.
    const { layers, heads } = layOut(spec, { batchSize: 1, steps: 1 });
    const sizes = [...layers, heads].map(({ rows, columns }) => ({ rows, columns }));
    const arrays = sizes.map(({ rows, columns }) => new Float32Array(3 * rows * columns));
    return new Packs(sizes, placesOf(spec), arrays);
  }

  /** The same model with other numbers. */
  withArrays(arrays: readonly Float32Array[]): Packs {
    return new Packs(this.#sizes, this.#places, arrays);
  }

  /**
   * The same model with some planes overwritten.
   * @throws ShapeError when a name is missing or an array has another size
   */
  with(planes: Partial<Record<Plane, NamedArrays>>): Packs {
    const arrays = this.arrays.map((array) => array.slice());
    PLANES.forEach((plane, z) => {
      const named = planes[plane];
      if (!named) return;
      for (const [name, place] of this.#places) {
        const source = named[name];
        const size = place.rows * place.columns;
        if (source?.length !== size) {
          const found = source ? `${source.length} numbers` : 'nothing';
          throw new ShapeError(`parameters: "${name}" needs ${size} numbers, got ${found}.`);
        }
        this.#rows(arrays, place, z, (inPack, from) => {
          inPack.set(source.subarray(from, from + place.columns));
        });
      }
    });
    return this.withArrays(arrays);
  }

  /** A copy of one plane, by the names of the parameters. */
  read(plane: Plane): NamedArrays {
    const named: NamedArrays = {};
    for (const [name, place] of this.#places) {
      const array = new Float32Array(place.rows * place.columns);
      this.#rows(this.arrays, place, PLANES.indexOf(plane), (inPack, from) => {
        array.set(inPack, from);
      });
      named[name] = array;
    }
    return named;
  }

  /** Everything but the step count and the random stream. */
  state(): Pick<EngineState, 'parameters' | 'optimizer'> {
    const optimizer = Object.fromEntries(KEEPS.map((slot) => [slot, this.read(slot)]));
    return { parameters: this.read('parameters'), optimizer };
  }

  /**
   * The same model with the numbers of a state.
   * @throws CheckpointError when it is of another optimizer
   */
  withState({ parameters, optimizer }: Pick<EngineState, 'parameters' | 'optimizer'>): Packs {
    assertKept(optimizer, KEEPS);
    return this.with({ parameters, ...optimizer });
  }

  /** For a plan: all three planes, or the weights alone. */
  inputs(planes: 1 | 3): DeviceArray[] {
    return this.#sizes.map(({ rows, columns }, index) => ({
      data: this.arrays[index].subarray(0, planes * rows * columns),
      size: [columns, rows, planes],
    }));
  }

  /** Whether every number is finite. */
  get finite(): boolean {
    return this.arrays.every((array) => array.every(Number.isFinite));
  }

  #rows(
    arrays: readonly Float32Array[],
    { pack, row, column, rows, columns }: Place,
    plane: number,
    visit: (inPack: Float32Array, from: number) => void,
  ): void {
    const size = this.#sizes[pack];
    for (let r = 0; r < rows; r++) {
      const at = (plane * size.rows + row + r) * size.columns + column;
      visit(arrays[pack].subarray(at, at + columns), r * columns);
    }
  }
}

function placesOf(spec: ModelSpec): Map<string, Place> {
  const { hiddenSize: H, layers } = spec.lstm;
  const { heads, layers: layouts } = layOut(spec, { batchSize: 1, steps: 1 });
  const shapes = new Map(parameterSpecs(spec).map(({ name, shape }) => [name, shape]));
  const places = new Map<string, Place>();
  for (let pack = 0; pack < layers; pack++) {
    const { recurrentRow, biasRow } = layouts[pack].constants;
    const whole = { pack, column: 0, columns: 4 * H };
    places.set(`lstm.${pack}.kernel`, { ...whole, row: 0, rows: shapes.get(`lstm.${pack}.kernel`)![0] });
    places.set(`lstm.${pack}.recurrent_kernel`, { ...whole, row: recurrentRow, rows: H });
    places.set(`lstm.${pack}.bias`, { ...whole, row: biasRow, rows: 1 });
  }
  spec.heads.forEach((head, k) => {
    const part = { pack: layers, column: heads.starts[k], columns: headSize(head) };
    places.set(`heads.${head.name}.kernel`, { ...part, row: 0, rows: H });
    places.set(`heads.${head.name}.bias`, { ...part, row: H, rows: 1 });
  });
  return places;
}
