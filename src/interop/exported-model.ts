import { DataError } from '../errors.ts';
import { parameterSpecs, type Checkpoint, type HeadSpec, type SavedModel } from '../nn/index.ts';
import { describeUnsound, findUnsound } from '../nn/sound-numbers.ts';
import { sizeOf } from '../tensor/index.ts';

/** A model, and what is known of it beside what its checkpoint says. */
export interface ModelToExport extends SavedModel {
  /** The version of Etude that writes it. */
  etude?: string;
  /** Steps that it was trained for, where that is known. */
  step?: number | null;
}

/** The model in a checkpoint, with its best weights if those are not the newest; how many steps these took is then not known. */
export function modelToExport({ spec, parameters, extra, training }: Checkpoint): ModelToExport {
  const { best, engine } = training ?? {};
  return { spec, extra, parameters: best ?? parameters, step: best ? null : (engine?.step ?? null) };
}

/** A file in another format. */
export interface ExportedModel {
  bytes: Uint8Array<ArrayBuffer>;
  /** What goes in and what comes out of it when it runs, or the tensors of a file that is weights alone. */
  parts: ExportedPart[];
  /** What lies beside it in files of their own, where the format has several: `Format.beside` names them. */
  beside?: Uint8Array<ArrayBuffer>[];
}

/** An input or output of an exported graph, or a tensor of a file of weights. */
export interface ExportedPart {
  role: 'input' | 'output' | 'tensor';
  name: string;
  /** As the format calls it: `int64`, `float32`. */
  type: string;
  /** Sizes, and names of those that may be anything. */
  shape: (number | string)[];
  /** What it is, as a sentence. */
  help: string;
}

/**
 * Checks the weights of a model, whose architecture was found valid, before any of it is written.
 * @throws DataError that names a tensor which is missing, has another size, or holds a number that is not finite
 */
export function checkWeights(model: SavedModel): void {
  const { spec, parameters } = model;
  for (const { name, shape } of parameterSpecs(spec)) {
    const found = Object.hasOwn(parameters, name) ? (parameters[name] as Float32Array | undefined)?.length : undefined;
    if (found === sizeOf(shape)) continue;
    throw new DataError(
      `This model cannot be exported: "${name}" should have ${sizeOf(shape)} numbers, [${shape.join(', ')}], and ${found === undefined ? 'is missing' : `has ${found}`}.`,
    );
  }
  const unsound = findUnsound(model);
  if (unsound) throw new DataError(`This model cannot be exported: ${describeUnsound(unsound)}`);
}

/** What the outputs of a head are, as they come out: nothing is applied to them. */
export function meaningOf(head: HeadSpec): string {
  if (head.kind === 'categorical') return `Logits of ${head.size} classes: their softmax is the distribution.`;
  if (head.kind === 'scalar') return 'The number itself.';
  const { loss } = head;
  switch (loss.kind) {
    case 'binary':
      return 'Logits: the probability of 1 is 1 / (1 + exp(-value)).';
    case 'quantile':
      return `For each number its quantiles at ${loss.levels.join(', ')}; sort them, the network does not.`;
    case 'gaussian':
      return 'For each number the mean, then the natural logarithm of the standard deviation.';
    case 'mixture':
      return `For each number ${loss.components} logits of shares (softmax), as many means, as many natural logarithms of standard deviations.`;
    case 'own':
      return `What the loss "${loss.name}" reads; its author knows what it means.`;
    default:
      return 'The numbers themselves.';
  }
}
