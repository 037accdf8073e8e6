import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { TfjsModel } from '../../src/interop/index.ts';
import type { Batch } from '../../src/nn/batch.ts';
import type { ModelSpec } from '../../src/nn/index.ts';

/** From the root of the repository, in which all of this is started. */
const PEERS = resolve('bench/peers/package.json');

interface Tensor {
  dataSync(): Float32Array;
  dispose(): void;
}

/** A loaded model. */
export interface LayersModel {
  readonly inputNames: string[];
  readonly outputNames: string[];
  predict(inputs: Tensor[]): Tensor | Tensor[];
  resetStates(): void;
  save(handler: unknown): Promise<unknown>;
  getUserDefinedMetadata(): unknown;
  dispose(): void;
}

/** What is used of TensorFlow.js, which is installed apart from what Etude needs. */
export interface Tfjs {
  version: { tfjs: string };
  enableProdMode(): void;
  setBackend(name: string): Promise<boolean>;
  tensor(values: ArrayLike<number>, shape: number[], type: string): Tensor;
  loadLayersModel(handler: unknown): Promise<LayersModel>;
  io: {
    fromMemory(artifacts: unknown): unknown;
    withSaveHandler(save: (artifacts: unknown) => Promise<unknown>): unknown;
  };
}

/** TensorFlow.js on its backend of plain JavaScript; undefined where it is not installed. */
export async function tfjsHere(): Promise<Tfjs | undefined> {
  try {
    const tf = createRequire(PEERS)('@tensorflow/tfjs') as Tfjs;
    // Or it greets, and points to faster backends.
    tf.enableProdMode();
    await tf.setBackend('cpu');
    return tf;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw thrown;
  }
}

/** What a loader of TensorFlow.js makes of the two files of a model. */
export function artifactsOf({ bytes, weights }: TfjsModel): Record<string, unknown> {
  const { weightsManifest, ...json } = JSON.parse(new TextDecoder().decode(bytes)) as {
    weightsManifest: { weights: unknown }[];
  };
  return {
    ...json,
    weightSpecs: weightsManifest.flatMap((group) => group.weights),
    weightData: weights.buffer,
  };
}

/** Runs a batch through an exported model. @returns what each head says, step by step as batches are */
export function predict(tf: Tfjs, model: LayersModel, spec: ModelSpec, batch: Batch): Float32Array[] {
  const { size, steps } = batch;
  const inputs = model.inputNames.map((name) => {
    const { values, width } = inputOf(name, spec, batch);
    const rows = isOnce(spec) && name.startsWith('drawn.') ? 1 : steps;
    const numbers = turned(values, rows, size, width ?? 1);
    return tf.tensor(numbers, [size, rows, ...(width ? [width] : [])], width ? 'float32' : 'int32');
  });
  const outputs = [model.predict(inputs)].flat();
  const said = outputs.map((tensor) => {
    const found = tensor.dataSync();
    const rows = isOnce(spec) ? 1 : steps;
    return Float32Array.from(turned(found, size, rows, found.length / (size * rows)));
  });
  for (const tensor of [...inputs, ...outputs]) tensor.dispose();
  return said;
}

/** Whether heads say something once for each sequence, and not at every step. */
export function isOnce({ lstm, lossOn }: ModelSpec): boolean {
  return lstm.bidirectional === true && lossOn === 'last';
}

function inputOf(name: string, { inputs }: ModelSpec, { categories, features, targets }: Batch): { values: ArrayLike<number>; width?: number } {
  if (name === 'features') return { values: features, width: inputs.features.length };
  const own = name.slice(name.indexOf('.') + 1);
  if (name.startsWith('drawn.')) return { values: targets![own] };
  return { values: categories[inputs.categories.findIndex((each) => each.name === own)] };
} // prettier-ignore

/** [rows, columns, width] as [columns, rows, width]. */
function turned(values: ArrayLike<number>, rows: number, columns: number, width: number): number[] {
  return Array.from({ length: values.length }, (_, at) => {
    const [column, row] = [Math.floor(at / width / rows), Math.floor(at / width) % rows];
    return values[(row * columns + column) * width + (at % width)];
  });
}
