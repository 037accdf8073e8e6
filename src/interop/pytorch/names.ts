import { UsageError } from '../../errors.ts';
import {
  CELLS,
  cellOf,
  cellPlaces,
  headSize,
  inputWidth,
  layerOutputs,
  layerWidths,
  type CellPlace,
  type ModelSpec,
} from '../../nn/index.ts';
import type { GateOrder } from '../cell-weights.ts';

/** The cells that PyTorch has, too. */
export type SharedCell = 'lstm' | 'gru' | 'rnn';

/** PyTorch's gates stand in our order. */
export const ORDER: GateOrder = { lstm: ['i', 'f', 'g', 'o'], gru: ['r', 'z', 'n'], peephole: [] };

/**
 * The cell of a model that PyTorch's layers can hold.
 * @throws UsageError that names one which they cannot
 */
export function sharedCellOf(spec: ModelSpec): SharedCell {
  const cell = cellOf(spec);
  if (cell === 'lstm' || cell === 'gru' || cell === 'rnn') return cell;
  throw new UsageError(`This model's layers are ${CELLS[cell].title}, which PyTorch's layers cannot hold; they hold LSTM, GRU and RNN.`); // prettier-ignore
}

/** What PyTorch calls the four tensors of a cell. */
export interface CellTensors {
  input: string;
  recurrent: string;
  inputBias: string;
  recurrentBias: string;
}

/** A cell of a model, and what its tensors are called in a state_dict. */
export interface CellNames {
  place: CellPlace;
  inputs: number;
  units: number;
  tensors: CellTensors;
}

/** A parameter that is no cell's: a table of an embedding as it is, or the weight of a Linear, which PyTorch holds as [out, in]. */
export interface PlainNames {
  ours: string;
  theirs: string;
  /** As we hold it. */
  shape: readonly number[];
  transposed: boolean;
  /** What it is, for a table. */
  help: string;
}

/** The names of one cell in a module of PyTorch. @param module with the dot behind it: `lstm.` */
export function cellTensors(module: string, layer: number, reverse: boolean): CellTensors {
  const end = `_l${layer}${reverse ? '_reverse' : ''}`;
  return {
    input: `${module}weight_ih${end}`,
    recurrent: `${module}weight_hh${end}`,
    inputBias: `${module}bias_ih${end}`,
    recurrentBias: `${module}bias_hh${end}`,
  };
}

/** All cells. Layers of one width are one module (`lstm.weight_ih_l1`), layers of several a module each (`lstm.1.weight_ih_l0`). */
export function cellNames(spec: ModelSpec): CellNames[] {
  const { prefix } = CELLS[cellOf(spec)];
  const widths = layerWidths(spec);
  const alike = widths.every((width) => width === widths[0]);
  return widths.flatMap((units, layer) =>
    cellPlaces(spec, layer).map((place, direction) => ({
      place,
      inputs: layer === 0 ? inputWidth(spec) : layerOutputs(spec, layer - 1),
      units,
      tensors: alike
        ? cellTensors(`${prefix}.`, layer, direction > 0)
        : cellTensors(`${prefix}.${layer}.`, 0, direction > 0),
    })),
  );
}

/**
 * All parameters beside those of cells. Tables of logits for the classes of heads that a head reads are `tables.HEAD.READ`; its relu layer
 * is `hidden.HEAD`, with `hidden_tables.HEAD.READ` and the way out `hidden_out.HEAD`.
 *
 * @throws UsageError for a name that no module of PyTorch can have
 */
export function plainNames(spec: ModelSpec): PlainNames[] {
  const list: PlainNames[] = [];
  const add = (help: string, ours: string, theirs: string, shape: readonly number[], transposed = false): void => {
    list.push({ ours, theirs, shape, transposed, help });
  };
  for (const { name, size, width } of spec.inputs.categories) {
    if (width !== undefined) add('Embedding', `embeddings.${name}`, `embeddings.${named(name)}.weight`, [size, width]);
  }
  const inputs = layerOutputs(spec, spec.lstm.layers - 1);
  for (const head of spec.heads) {
    const { hidden, reads = [] } = head;
    const name = named(head.name);
    const size = headSize(head);
    const classesOf = (other: string): number => headSize(spec.heads.find((each) => each.name === other)!);
    add('Linear', `heads.${name}.kernel`, `heads.${name}.weight`, [inputs, size], true);
    add('its bias', `heads.${name}.bias`, `heads.${name}.bias`, [size]);
    for (const other of reads) {
      add(
        `Embedding of the class of ${other}, added to what ${name} says`,
        `heads.${name}.from.${other}`,
        `tables.${name}.${named(other)}.weight`,
        [classesOf(other), size],
      );
    }
    if (hidden === undefined) continue;
    add(
      `Linear, the relu layer of ${name}`,
      `heads.${name}.hidden.kernel`,
      `hidden.${name}.weight`,
      [inputs, hidden],
      true,
    );
    add('its bias', `heads.${name}.hidden.bias`, `hidden.${name}.bias`, [hidden]);
    for (const other of reads) {
      add(
        `Embedding of the class of ${other}, added before the relu`,
        `heads.${name}.hidden.from.${other}`,
        `hidden_tables.${name}.${other}.weight`,
        [classesOf(other), hidden],
      );
    }
    add(
      `Linear without bias, from the relu layer to what ${name} says`,
      `heads.${name}.hidden.out`,
      `hidden_out.${name}.weight`,
      [hidden, size],
      true,
    );
  }
  return list;
}

/** A name that torch.nn.ModuleDict takes. */
function named(name: string): string {
  if (name !== '' && !name.includes('.')) return name;
  throw new UsageError(`PyTorch: no module can be called ${JSON.stringify(name)}: expected a name that is not empty and has no dot.`); // prettier-ignore
}
