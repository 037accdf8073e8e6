import { CheckpointError, decodeCheckpoint, type Loss, type ModelSpec, type OwnLosses } from '../nn/index.ts';
import { UsageError } from '../errors.ts';
import { loadKernels } from '../tensor/index.ts';
import { widthOf, type Coding } from './coding.ts';
import { OWN } from './describe.ts';
import { FittedModel, type FitMemory } from './fitted-model.ts';
import type { Value } from './prediction.ts';
import { createReader } from './reader.ts';

/**
 * Reads a model that `FittedModel.save` wrote. `V` is what it predicts: `await loadModel<number>(bytes)`.
 *
 * @param loss the loss of one's own that it was trained with, if it was; it says how outputs become predictions
 * @throws CheckpointError when the bytes are none, are damaged, or hold another kind of model
 * @throws UsageError when the model needs a loss of one's own that was not given
 */
export async function loadModel<V extends Value = Value>(bytes: Uint8Array, { loss }: { loss?: Loss } = {}): Promise<FittedModel<V>> {
  const { spec, parameters, extra } = decodeCheckpoint(bytes);
  if (!('fit' in extra)) throw new CheckpointError('This file holds a model that `fit` did not make: one of music, perhaps, for `etude generate`, or for `decodeCheckpoint`.');
  const saved = readSaved(extra.fit, spec);
  const losses: OwnLosses = loss ? { [OWN]: loss } : {};
  const [head] = spec.heads;
  if (head.kind === 'numbers' && head.loss.kind === 'own' && !loss) {
    throw new UsageError('loadModel: this model was trained with a loss of your own; give it again: loadModel(bytes, { loss }).');
  }
  const { input, output, ...memory } = saved;
  const parts = { spec, parameters, input, output, losses };
  return new FittedModel<V>(parts, memory, createReader<V>(parts, memory.task, await loadKernels()));
} // prettier-ignore

type Saved = FitMemory & { input: Coding; output: Coding };

/** What `save` wrote beside the weights, looked at closely enough that a forged file fails with a sentence. */
function readSaved(given: unknown, spec: ModelSpec): Saved {
  const { version, ...saved } = (isObject(given) ? given : {}) as unknown as Saved & { version: unknown };
  if (version !== 1) throw new CheckpointError(`This model is of version ${String(version)}; this Etude reads version 1. Update Etude.`); // prettier-ignore
  const { task, history, reason, metrics, input, output } = saved;
  const valid =
    ['next', 'ends', 'steps'].includes(task) &&
    ['completed', 'early stopping', 'interrupted'].includes(reason) &&
    Array.isArray(history) &&
    history.every(isObject) &&
    (metrics === null || isObject(metrics)) &&
    isCoding(input) &&
    isCoding(output) &&
    !(task === 'next' && spec.lstm.bidirectional) &&
    fits(spec, input, output);
  if (!valid) throw new CheckpointError('What this file says of its data does not fit its weights; it is damaged.');
  return saved;
}

function fits({ inputs: { categories, features }, heads }: ModelSpec, input: Coding, output: Coding): boolean {
  const [classes, numbers] = input.kind === 'classes' ? [[widthOf(input)], 0] : [[], widthOf(input)];
  const [head] = heads;
  return (
    categories.map(({ size }) => size).join() === classes.join() &&
    features.length === numbers &&
    heads.length === 1 &&
    head.kind === (output.kind === 'classes' ? 'categorical' : 'numbers') &&
    head.size === widthOf(output)
  );
}

function isCoding(given: unknown): given is Coding {
  if (!isObject(given)) return false;
  const { kind, classes, mean, deviation } = given;
  if (kind === 'classes') {
    return isListOf(classes, (name) => typeof name === 'string') && new Set(classes).size === classes.length;
  }
  if (kind !== 'numbers' || !isListOf(mean, Number.isFinite)) return false;
  return isListOf(deviation, (d) => Number.isFinite(d) && Number(d) > 0) && deviation.length === mean.length;
}

function isListOf(given: unknown, is: (each: unknown) => boolean): given is unknown[] {
  return Array.isArray(given) && given.length > 0 && given.every((each) => is(each));
}

function isObject(given: unknown): given is Record<string, unknown> {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}
