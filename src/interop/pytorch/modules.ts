import { DataError, UsageError } from '../../errors.ts';
import { listTensors, shown, type StateDict } from '../state-dict.ts';

/** What is said of the modules around the recurrent layers, by their names. */
export interface ModuleChoice {
  /** The Linear layers whose outputs are predictions, in order; `fc`, or `fc:numbers`. */
  heads?: readonly string[];
  /** The tables of embeddings, in the order in which their vectors enter the first layer. */
  embeddings?: readonly string[];
}

/** A Linear layer on the last recurrent layer: weight [outputs, O], bias [outputs] or none. */
export interface FoundHead {
  module: string;
  outputs: number;
  hasBias: boolean;
  /** Whether the outputs are numbers, where that was said; else it is judged by their count. */
  numbers?: boolean;
}

/** A table [classes, width]. */
export interface FoundEmbedding {
  module: string;
  classes: number;
  width: number;
}

export interface FoundModules {
  heads: FoundHead[];
  embeddings: FoundEmbedding[];
}

/** A module with a weight of two axes. */
interface Dense {
  module: string;
  shape: readonly [rows: number, columns: number];
  hasBias: boolean;
}

/**
 * Finds the heads and embeddings among the tensors that are not recurrent. What has a bias and reads what the last layer gives is a head;
 * a table without one that fits into the first layer is an embedding. Where shapes leave it open names decide, those that were
 * given before those that usual models have.
 *
 * @param inputs of the first recurrent layer
 * @param outputs of the last
 * @throws DataError that names a tensor which has no place in a model of Etude, or lists those that could be either
 * @throws UsageError for a name that no module has
 */
export function findModules(
  tensors: StateDict,
  taken: ReadonlySet<string>,
  { inputs, outputs }: { inputs: number; outputs: number },
  choice: ModuleChoice,
): FoundModules {
  const all = denseModules(tensors, taken);
  const list = (modules: readonly Dense[]): string => listTensors(modules.map(({ module }) => `${module}.weight`), tensors); // prettier-ignore
  const chosenHeads = choice.heads?.map((given) => parseHead(given, all));
  const chosenTables = choice.embeddings?.map((given) => named(given, all, 'embedding'));
  const chosen = new Set([...(chosenHeads ?? []).map(({ dense }) => dense), ...(chosenTables ?? [])]);
  for (const { dense } of chosenHeads ?? []) assertReads(dense, outputs, list(all));
  const open = all.filter((dense) => !chosen.has(dense));
  const couldBe = (dense: Dense): { head: boolean; table: boolean } => ({
    head: !chosenHeads && dense.shape[1] === outputs,
    table: !chosenTables && !dense.hasBias && dense.shape[1] <= inputs,
  });
  const nowhere = open.find((dense) => !couldBe(dense).head && !couldBe(dense).table);
  if (nowhere) {
    const { module } = nowhere;
    throw new DataError(`${shown(`${module}.weight`, tensors.get(`${module}.weight`)!)} has no place in a model of Etude: expected heads that read the ${outputs} numbers of the last recurrent layer, and tables of embeddings of at most its ${inputs} inputs${chosenHeads || chosenTables ? '; --head and --embedding name all of them' : ''}. There are:${list(all)}`); // prettier-ignore
  }
  const sure = open.filter((dense) => couldBe(dense).head !== couldBe(dense).table);
  const heads = chosenHeads ?? sure.filter((dense) => couldBe(dense).head).map((dense) => ({ dense, numbers: undefined })); // prettier-ignore
  const tables = chosenTables ?? sure.filter((dense) => couldBe(dense).table);
  for (const dense of open.filter((each) => !sure.includes(each))) {
    const isTable = judgeByName(dense.module);
    if (isTable === undefined) {
      throw new DataError(`${dense.module}.weight could be a head or an embedding. Say which it is: --head ${dense.module}, or --embedding ${dense.module}. There are:${list(all)}`); // prettier-ignore
    }
    if (isTable) tables.push(dense);
    else heads.push({ dense, numbers: undefined });
  }
  if (heads.length === 0) throw new DataError(`no head is in this file: expected a Linear layer that reads the ${outputs} numbers of the last recurrent layer. There are:${list(all)}`); // prettier-ignore
  return {
    heads: heads.map(({ dense: { module, shape, hasBias }, numbers }) => ({ module, outputs: shape[0], hasBias, numbers })),
    embeddings: tables.map(({ module, shape: [classes, width] }) => ({ module, classes, width })),
  };
} // prettier-ignore

/** All modules of `weight` and perhaps `bias`. */
function denseModules(tensors: StateDict, taken: ReadonlySet<string>): Dense[] {
  const list: Dense[] = [];
  for (const [name, tensor] of tensors) {
    if (taken.has(name)) continue;
    const [, module, part] = /^(.+)\.(weight|bias)$/s.exec(name) ?? [];
    const weight = module === undefined ? undefined : tensors.get(`${module}.weight`);
    const fits =
      weight?.shape.length === 2 &&
      weight.shape.every((length) => length > 0) &&
      (part === 'weight' || tensor.shape.join() === String(weight.shape[0]));
    if (!fits) {
      throw new DataError(`${shown(name, tensor)} has no place in a model of Etude: expected recurrent layers, Linear layers on the last of them, and tables of embeddings before the first.`); // prettier-ignore
    }
    if (part === 'weight') {
      const [rows, columns] = weight.shape;
      list.push({ module, shape: [rows, columns], hasBias: tensors.has(`${module}.bias`) });
    }
  }
  return list;
}

/** Whether a table without bias is an embedding by its name; undefined where the name is of no use. */
function judgeByName(module: string): boolean | undefined {
  const name = module.slice(module.lastIndexOf('.') + 1).toLowerCase();
  if (/emb|wte|encoder|lookup/.test(name)) return true;
  return /^(fc|linear|head|out|proj|decoder|classifier|logits|dense)/.test(name) ? false : undefined;
}

function parseHead(given: string, all: readonly Dense[]): { dense: Dense; numbers?: boolean } {
  const [, name, kind] = /^(.*?)(?::(classes|numbers))?$/s.exec(given)!;
  return { dense: named(name, all, 'head'), ...(kind !== undefined && { numbers: kind === 'numbers' }) };
}

/** The module of a name: as a whole, or its end where no other ends so. */
function named(name: string, all: readonly Dense[], what: string): Dense {
  const ending = all.filter(({ module }) => module.endsWith(`.${name}`));
  const found = all.find(({ module }) => module === name) ?? (ending.length === 1 ? ending[0] : undefined);
  if (found) return found;
  throw new UsageError(`--${what} ${name}: no module is called so; expected one of ${all.map(({ module, shape }) => `${module} [${shape.join(', ')}]`).join(', ') || 'those with a weight, of which there are none'}.`); // prettier-ignore
}

function assertReads({ module, shape }: Dense, outputs: number, listed: string): void {
  if (shape[1] === outputs) return;
  throw new DataError(`${module}.weight [${shape.join(', ')}] reads ${shape[1]} numbers, and the last recurrent layer gives ${outputs}. There are:${listed}`); // prettier-ignore
}
