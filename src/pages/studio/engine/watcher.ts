import { HeapArena, ReferenceKernels } from '../../../tensor/index.ts';
import { DataError } from '../../../errors.ts';
import { className } from '../../../music/class-names.ts';
import type { MusicModel } from '../../../music/index.ts';
import { recordNotes } from '../../../study/from-beginning.ts';
import { inputName } from '../../../study/input-names.ts';
import { foldEmbeddings } from '../../../nn/fold-embeddings.ts';
import { gradientThroughTime } from '../../../nn/probe/gradient-through-time.ts';
import { ProbedModel } from '../../../nn/probe/model.ts';
import { recordedQuantities, type Recording } from '../../../nn/probe/recorded.ts';
import { cellArithmetic, type CellArithmetic, type CellInputs } from '../cell-arithmetic.ts';
import { CELLS } from '../../../nn/cells/kinds.ts';
import { shownQuantities, type CellChoice, type PhraseChoice, type PhraseView } from '../phrase.ts';
import type { Session } from './session.ts';
import { counted } from '../../../text/words.ts';

/** The least time between two looks while it trains, and the most of the time that looking may take. */
const LOOK_EVERY = 250;
const SHARE = 0.1;

/** Looks into the network on a phrase of the music: when asked, and now and then while it trains. */
export class Watcher {
  readonly #session: Session;
  readonly #show: (view: PhraseView) => void;
  #phrase: PhraseChoice | null = null;
  #nextLook = 0;

  constructor(session: Session, show: (view: PhraseView) => void) {
    this.#session = session;
    this.#show = show;
  }

  /** Which phrase is looked at from now on; null: none. */
  watch(phrase: PhraseChoice | null): void {
    this.#phrase = phrase;
    this.#nextLook = 0;
  }

  /** Looks at the phrase that is watched, unless it has just done so. */
  async mayLook(): Promise<void> {
    const began = performance.now();
    if (!this.#phrase || began < this.#nextLook) return;
    try {
      this.#show(await this.look(this.#phrase));
    } catch (thrown) {
      // A phrase that is no more must not end the training; who asks for it by name is told.
      if (!(thrown instanceof DataError)) throw thrown;
      this.#phrase = null;
    }
    const ended = performance.now();
    this.#nextLook = ended + Math.max(LOOK_EVERY, (ended - began) / SHARE);
  }

  async look(choice: PhraseChoice): Promise<PhraseView> {
    const { model, recording, table, range } = await this.#record(choice);
    if (choice.layer >= recording.layers.length)
      throw new DataError(`The network has ${counted(recording.layers.length, 'layer')}; choose one of them.`);
    const layer = recording.layers[choice.layer];
    const quantities = recordedQuantities(layer);
    const gradient = gradientOfLoss(model, recording)[choice.layer];
    const rows = <T>(column: ArrayLike<T>): T[] =>
      Array.from({ length: recording.steps }, (_, t) => column[range[0] + t]);
    const sampled = recording.heads.filter(({ kind }) => kind === 'categorical');
    const pitch = recording.heads.find(({ name }) => name === 'pitch');
    const afterFirst = (value: (t: number) => number): Float64Array =>
      Float64Array.from({ length: recording.steps }, (_, t) => (t === 0 ? NaN : value(t - 1)));
    return {
      step: model.step ?? 0,
      choice,
      cell: layer.cell,
      units: layer.size,
      pitch: rows(table.pitch),
      start: rows(table.start),
      duration: rows(table.duration),
      values: Object.fromEntries(
        shownQuantities(layer.cell).map((name) => [name, Float32Array.from(quantities[name])]),
      ),
      surprise: afterFirst((t) => sampled.reduce((sum, { nextLoss }) => sum + nextLoss[t], 0)),
      probability: afterFirst((t) => pitch?.nextProbability?.[t] ?? NaN),
      given: model.spec.heads.find(({ name }) => name === 'pitch')?.reads ?? [],
      gradientH: gradient.dh,
      ...(gradient.dc && { gradientC: gradient.dc }),
    };
  }

  async cell(choice: CellChoice): Promise<CellArithmetic> {
    const { model, recording } = await this.#record(choice);
    if (choice.at >= recording.steps)
      throw new DataError(`The phrase has ${counted(recording.steps, 'note')}; choose one of them.`);
    return cellArithmetic(cellInputs(model, recording, choice));
  }

  async #record(choice: PhraseChoice): Promise<Recorded> {
    const model = await this.#session.model();
    const { table, name } = this.#session.piece(choice.path, model.settings);
    const range: [number, number] = [choice.from, Math.min(choice.from + choice.count, table.length)];
    if (range[0] >= range[1])
      throw new DataError(`“${name}” has ${counted(table.length, 'note')}: there are none from ${choice.from + 1} on.`);
    // On the JavaScript heap: what a look takes goes with it, and everybody sees the same last bits.
    const kernels = new ReferenceKernels(new HeapArena());
    const recording = recordNotes(new ProbedModel(model.spec, model.parameters, kernels), model, table, range);
    return { model, recording, table, range };
  }
}

interface Recorded {
  model: MusicModel;
  recording: Recording;
  table: { pitch: ArrayLike<number>; start: ArrayLike<number>; duration: ArrayLike<number> };
  range: [number, number];
}

/** How the loss of the last note depends on what each layer held before; zeros where nothing followed. */
function gradientOfLoss(
  { spec, parameters }: MusicModel,
  recording: Recording,
): { dh: Float64Array; dc?: Float64Array }[] {
  const known = recording.sequence.targets?.[spec.heads[0].name].length ?? 0;
  if (known < 2) {
    const zeros = (): Float64Array => new Float64Array(recording.steps);
    return recording.layers.map(({ c }) => ({ dh: zeros(), ...(c && { dc: zeros() }) }));
  }
  const kernels = new ReferenceKernels(new HeapArena());
  return gradientThroughTime(spec, parameters, recording, { loss: 'last' }, { kernels }).layers;
}

/** What enters one unit of a layer at one step of a recording. */
function cellInputs(model: MusicModel, recording: Recording, choice: CellChoice): CellInputs {
  const { parameters } = foldEmbeddings(model);
  const { layer, unit, at } = choice;
  const { layers, sequence, initialState } = recording;
  const { cell, size, h, c, gates } = layers[layer];
  const rowAt = (values: ArrayLike<number>, step = at): ArrayLike<number> =>
    Array.from({ length: size }, (_, j) => values[step * size + j]);
  const before = (values: ArrayLike<number>, initial: ArrayLike<number>): ArrayLike<number> =>
    at === 0 ? initial : rowAt(values, at - 1);
  return {
    cell,
    layer,
    unit,
    at,
    inputs: layer > 0 ? unitsBelow(layers[layer - 1], at) : namedInputs(model, sequence, at),
    previousH: before(h, initialState.h[layer]),
    previousC: c ? before(c, initialState.c![layer])[unit] : 0,
    parameters: layerParameters(`${CELLS[cell].prefix}.${layer}.`, parameters),
    all: { ...('r' in gates && { r: rowAt(gates.r) }), ...(c && { c: rowAt(c) }) },
  };
}

/** The parameters of a layer by their names without it. */
function layerParameters(layer: string, parameters: CellInputs['parameters']): CellInputs['parameters'] {
  const own = Object.entries(parameters).filter(([name]) => name.startsWith(layer));
  return Object.fromEntries(own.map(([name, values]) => [name.slice(layer.length), values]));
}

function unitsBelow({ h, size }: Recording['layers'][number], at: number): CellInputs['inputs'] {
  return Array.from({ length: size }, (_, row) => ({ name: `unit ${row + 1} below`, row, value: h[at * size + row] }));
}

function namedInputs(
  { spec: { inputs }, codec }: MusicModel,
  sequence: Recording['sequence'],
  at: number,
): CellInputs['inputs'] {
  let row = 0;
  const named = inputs.categories.map(({ name, size }, k) => {
    const read = sequence.categories[k][at];
    const on = { name: `${inputName(name)} = ${className(codec, name, read)}`, row: row + read, value: 1 };
    row += size;
    return on;
  });
  const F = inputs.features.length;
  return [
    ...named,
    ...inputs.features.map((name, f) => ({ name, row: row + f, value: sequence.features[at * F + f] })),
  ];
}
