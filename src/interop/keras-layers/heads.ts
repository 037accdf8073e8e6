import { DataError, UsageError } from '../../errors.ts';
import type { HeadSpec, NumbersLoss } from '../../nn/index.ts';
import { partName, titleOf, type LayerNode } from './graph.ts';
import { listed } from './json.ts';
import { activationLayer, denseLayer, type DenseLayer } from './settings.ts';
import type { Trail } from './trail.ts';

/** What a model predicts: a Dense on the last recurrent layer, or one with a relu layer before it. */
export interface FoundHead {
  dense: DenseLayer;
  hidden?: DenseLayer;
  /** `linear`, `softmax` or `sigmoid`, of the Dense or of a layer behind it. */
  activation: string;
  spec: HeadSpec;
}

/** What the outputs of a head are. */
export type Meaning = { kind: 'categorical' } | { kind: 'numbers'; loss: NumbersLoss };

/** What a file says of the training of a head, by its name and its place among all. */
export type TrainingOf = (head: string, index: number) => { meaning?: Meaning | undefined; lossWeight?: number };

/** What the numbers of a head become before they come out, and what the head is then taken for. */
const ACTIVATIONS = new Map<string, Meaning | undefined>([
  ['linear', undefined],
  ['softmax', { kind: 'categorical' }],
  ['sigmoid', { kind: 'numbers', loss: { kind: 'binary' } }],
]);

/**
 * The heads in the order in which a model gives them, and the layer that all of them read.
 * @param choice the names of heads with `:numbers` or `:classes` behind them
 * @param trainingOf what is said of them beside their layers
 * @throws DataError that names a layer which no head of Etude is
 * @throws UsageError for a choice that does not fit
 */
export function findHeads(trail: Trail, outputs: readonly string[], choice: readonly string[] = [], trainingOf: TrainingOf = () => ({})): { heads: FoundHead[]; trunk: LayerNode } {
  const kinds = new Map(choice.map((each) => [each.replace(/:(numbers|classes)$/, ''), /:(numbers|classes)$/.exec(each)?.[1]]));
  const found = outputs.map((name) => headOf(trail, name));
  const trunk = found.at(0)?.source;
  if (!trunk) throw new DataError('the model predicts nothing: expected output layers.');
  const other = found.find(({ source }) => source !== trunk);
  if (other) throw new DataError(`${titleOf(other.dense.node)}: it reads ${titleOf(other.source)}, and ${titleOf(found[0].dense.node)} reads ${titleOf(trunk)}; expected heads that read one layer.`);
  const names = found.map(({ dense }) => partName(dense.node));
  const twice = names.find((name, k) => names.indexOf(name) < k);
  if (twice !== undefined) throw new DataError(`${titleOf(found[names.indexOf(twice)].dense.node)}: it is an output twice.`);
  const unknown = [...kinds.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UsageError(`--head ${unknown}: no head is called so; expected one of ${listed(names)}.`);
  const heads = found.map(({ source: _, ...head }, k): FoundHead => {
    return { ...head, spec: specOf(head, trainingOf(head.dense.node.name, k), kinds.get(names[k])) };
  });
  return { heads, trunk };
} // prettier-ignore

function headOf(trail: Trail, output: string): Omit<FoundHead, 'spec'> & { source: LayerNode } {
  let [node, activation] = [trail.through(output), 'linear'];
  const behind = activationLayer(node);
  if (behind !== undefined) [node, activation] = [trail.onlySource(node), behind];
  const dense = denseLayer(node);
  if (!dense) throw new DataError(`${titleOf(node)}: expected Dense, which says what the model predicts.`);
  if (activation === 'linear') activation = dense.activation;
  else if (dense.activation !== 'linear') throw new DataError(`${titleOf(node)}: it has the activation "${dense.activation}", and ${activation} behind it; expected one of them.`); // prettier-ignore
  if (!ACTIVATIONS.has(activation)) throw new DataError(`${titleOf(node)}: its activation is "${activation}"; expected linear, softmax or sigmoid in what a model predicts.`); // prettier-ignore
  return { dense, activation, ...hiddenOf(trail, node) };
}

/** The relu layer that a Dense reads, if it reads one, and what stands before it. */
function hiddenOf(trail: Trail, head: LayerNode): { hidden?: DenseLayer; source: LayerNode } {
  const source = trail.onlySource(head);
  const activation = activationLayer(source);
  const before = activation === undefined ? source : trail.onlySource(source);
  const hidden = denseLayer(before);
  if (!hidden && activation === undefined) return { source };
  const given = activation ?? hidden!.activation;
  if (!hidden || given !== 'relu' || (activation !== undefined && hidden.activation !== 'linear')) {
    throw new DataError(`${titleOf(source)}: its activation is "${given}"; the layer before a head of Etude is a Dense with relu.`); // prettier-ignore
  }
  const under = trail.onlySource(before);
  if (denseLayer(under)) throw new DataError(`${titleOf(under)}: expected at most one relu layer before what a model predicts.`); // prettier-ignore
  return { hidden, source: under };
}

/** A softmax is of classes, a sigmoid of numbers between 0 and 1, else what it was trained for says it; otherwise several outputs are classes, one is a number. */
function specOf({ dense, hidden, activation }: Omit<FoundHead, 'spec'>, training: ReturnType<TrainingOf>, chosen?: string): HeadSpec {
  const { units, node } = dense;
  const name = partName(node);
  const common = { name, lossWeight: training.lossWeight ?? 1, size: units, ...(hidden && { hidden: hidden.units }) };
  const seen = ACTIVATIONS.get(activation);
  const meaning = seen ?? training.meaning;
  const said = meaning && (meaning.kind === 'numbers' ? 'numbers' : 'classes');
  if (said && chosen && said !== chosen) throw new UsageError(`--head ${name}:${chosen}: its ${seen ? activation : 'loss'} makes it one of ${said}; leave this out.`);
  if (meaning) return { ...common, ...meaning };
  const kind = chosen ?? (units === 1 ? 'numbers' : 'classes');
  return { ...common, ...(kind === 'classes' ? { kind: 'categorical' } : { kind: 'numbers', loss: { kind: 'squared' } }) };
} // prettier-ignore
