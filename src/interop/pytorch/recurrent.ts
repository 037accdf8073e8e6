import { DataError } from '../../errors.ts';
import { CELLS, type CellKind } from '../../nn/index.ts';
import { cellTensors, type CellTensors } from './names.ts';
import { listTensors, shown, type StateDict, type StateTensor } from '../state-dict.ts';

/** One cell of a stack: its sizes and the names of its tensors, of which biases may not be there. */
export interface FoundCell {
  inputs: number;
  units: number;
  hasBias: boolean;
  tensors: CellTensors;
}

/** The recurrent layers of a state_dict. */
export interface FoundStack {
  cell: CellKind;
  bidirectional: boolean;
  /** Of each layer one cell, or two. */
  layers: FoundCell[][];
  /** The modules that they are, without the dot: `encoder.lstm`. */
  modules: string[];
  /** All tensors that belong to them. */
  names: ReadonlySet<string>;
}

/** `encoder.lstm.weight_ih_l0_reverse`: module, part, layer, direction. */
const NAME =
  /^(?<module>.*\.|)(?<part>weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)_l(?<layer>\d{1,3})(?<reverse>_reverse)?$/s;

/** What the rows of `weight_hh` come to, in units. */
const BY_GATES: Readonly<Record<number, CellKind>> = { 4: 'lstm', 3: 'gru', 1: 'rnn' };

interface Module {
  cell: CellKind;
  bidirectional: boolean;
  layers: FoundCell[][];
}

/**
 * Finds nn.LSTM, nn.GRU or nn.RNN by the names of their tensors, whatever the module is called. Several modules are taken for one stack
 * if they are numbered (`lstm.0`, `lstm.1`) and each reads what the one before gives.
 *
 * @throws DataError that names a tensor which is missing, has another shape than its neighbours ask for, or has no place here
 */
export function findStack(tensors: StateDict): FoundStack {
  const byModule = new Map<string, string[]>();
  for (const name of tensors.keys()) {
    const groups = NAME.exec(name)?.groups;
    if (!groups) continue;
    if (groups.part === 'weight_hr') throw new DataError(`${shown(name, tensors.get(name)!)} projects the output of an LSTM (proj_size), which Etude's layers do not.`); // prettier-ignore
    byModule.set(groups.module, [...(byModule.get(groups.module) ?? []), name]);
  }
  if (byModule.size === 0) {
    throw new DataError(`no recurrent layer is in this file: expected a tensor called weight_ih_l0, as nn.LSTM, nn.GRU and nn.RNN have it, or lstm.weight_ih_l0. There are:${listTensors(tensors.keys(), tensors)}`); // prettier-ignore
  }
  const names = inOrder([...byModule.keys()]);
  const modules = names.map((module) => readModule(tensors, module, byModule.get(module)!));
  assertOneStack(names, modules, tensors);
  return {
    cell: modules[0].cell,
    bidirectional: modules[0].bidirectional,
    layers: modules.flatMap(({ layers }) => layers),
    modules: names.map((module) => module.slice(0, -1)),
    names: new Set([...byModule.values()].flat()),
  };
}

/** `lstm.2.` before `lstm.10.`. */
function inOrder(modules: string[]): string[] {
  const number = (module: string): number => Number(/(\d+)\.$/.exec(module)?.[1] ?? 0);
  return modules.sort((a, b) => number(a) - number(b));
}

function readModule(tensors: StateDict, module: string, names: readonly string[]): Module {
  const found = names.map((name) => NAME.exec(name)!.groups!);
  const count = Math.max(...found.map(({ layer }) => Number(layer))) + 1;
  const bidirectional = found.some(({ reverse }) => reverse !== undefined);
  const directions = bidirectional ? [false, true] : [false];
  const kinds = new Set<CellKind>();
  const layers: FoundCell[][] = [];
  for (let layer = 0; layer < count; layer++) {
    layers.push(
      directions.map((reverse) => {
        const { kind, ...cell } = readCell(tensors, cellTensors(module, layer, reverse));
        kinds.add(kind);
        return cell;
      }),
    );
  }
  const [first] = layers;
  layers.forEach((cells, layer) => {
    const inputs = layer === 0 ? first[0].inputs : layers[layer - 1].reduce((sum, { units }) => sum + units, 0);
    for (const { tensors: own, ...cell } of cells) {
      if (cell.inputs === inputs && cell.units === first[0].units) continue;
      throw new DataError(`${shown(own.input, tensors.get(own.input)!)} reads ${cell.inputs} numbers into ${cell.units} units; expected ${inputs} into ${first[0].units}, as its neighbours have.`); // prettier-ignore
    }
  });
  if (kinds.size > 1) throw new DataError(`the module ${module.slice(0, -1)} mixes cells of different gates.`);
  return { cell: [...kinds][0], bidirectional, layers };
}

function readCell(tensors: StateDict, names: CellTensors): FoundCell & { kind: CellKind } {
  const [input, recurrent] = [wanted(tensors, names.input), wanted(tensors, names.recurrent)];
  const [rows, units] = recurrent.shape;
  const kind = units > 0 ? (BY_GATES[rows / units] as CellKind | undefined) : undefined;
  if (recurrent.shape.length !== 2 || kind === undefined) {
    throw new DataError(`${shown(names.recurrent, recurrent)}: expected [4H, H] of an LSTM, [3H, H] of a GRU or [H, H] of an RNN.`); // prettier-ignore
  }
  const expected = CELLS[kind].gates.length * units;
  if (input.shape.length !== 2 || input.shape[0] !== expected || input.shape[1] === 0) {
    throw new DataError(`${shown(names.input, input)}: expected [${expected}, inputs] beside ${shown(names.recurrent, recurrent)}.`); // prettier-ignore
  }
  const hasBias = tensors.has(names.inputBias) || tensors.has(names.recurrentBias);
  for (const name of hasBias ? [names.inputBias, names.recurrentBias] : []) {
    const bias = wanted(tensors, name);
    if (bias.shape.join() !== String(expected)) throw new DataError(`${shown(name, bias)}: expected [${expected}].`);
  }
  return { kind, inputs: input.shape[1], units, hasBias, tensors: names };
}

function wanted(tensors: StateDict, name: string): StateTensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new DataError(`${name} is missing: the recurrent layer beside it needs it.`);
  return tensor;
}

function assertOneStack(names: readonly string[], modules: readonly Module[], tensors: StateDict): void {
  if (modules.length === 1) return;
  const stems = new Set(names.map((name) => name.replace(/\d+\.$/, '')));
  const chained = modules.every(({ cell, bidirectional, layers: [[first]] }, k) => {
    const before = modules[Math.max(0, k - 1)];
    const given = before.layers.at(-1)!.reduce((sum, { units }) => sum + units, 0);
    return (
      cell === modules[0].cell && bidirectional === modules[0].bidirectional && (k === 0 || first.inputs === given)
    );
  });
  if (stems.size === 1 && chained) return;
  const weights = names.map((name) => cellTensors(name, 0, false).input);
  throw new DataError(`the file has several recurrent modules, and Etude's models are one stack of them. Expected one module, or numbered ones of one kind of which each reads what the one before gives (lstm.0, lstm.1). There are:${listTensors(weights, tensors)}`); // prettier-ignore
}
