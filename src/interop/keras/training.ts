import type { NumbersLoss } from '../../nn/index.ts';
import type { Meaning, TrainingOf } from '../keras-layers/heads.ts';
import { isObject, own, type JsonObject } from '../keras-layers/json.ts';

/** What the losses of Keras are, by their names without `_`. Others say nothing of what the outputs are. */
const LOSSES: ReadonlyMap<string, Meaning> = new Map([
  ['sparsecategoricalcrossentropy', { kind: 'categorical' }],
  ['categoricalcrossentropy', { kind: 'categorical' }],
  ['binarycrossentropy', { kind: 'numbers', loss: { kind: 'binary' } }],
  ['meansquarederror', { kind: 'numbers', loss: { kind: 'squared' } }],
  ['mse', { kind: 'numbers', loss: { kind: 'squared' } }],
  ['meanabsoluteerror', { kind: 'numbers', loss: { kind: 'absolute' } }],
  ['mae', { kind: 'numbers', loss: { kind: 'absolute' } }],
]);

/** What a model was compiled with says of the training of its heads: their losses, and how much each counts. */
export function trainingIn(compile: JsonObject): TrainingOf {
  return (head, index) => ({
    meaning: meaningOf(entryOf(own(compile, 'loss'), head, index)),
    lossWeight: weightOf(own(compile, 'loss_weights'), head, index),
  });
}

/** What the outputs of a head with that loss are; undefined where it does not say. */
function meaningOf(loss: unknown): Meaning | undefined {
  const config = isObject(loss) ? own(loss, 'config') : undefined;
  const className = isObject(loss) ? own(loss, 'class_name') : loss;
  const title = className === 'function' ? config : className;
  const key = typeof title === 'string' ? title.toLowerCase().replaceAll('_', '') : '';
  if (key === 'huber') return { kind: 'numbers', loss: huber(isObject(config) ? own(config, 'delta') : undefined) };
  return LOSSES.get(key);
}

function huber(delta: unknown): NumbersLoss {
  return { kind: 'huber', delta: typeof delta === 'number' && delta > 0 ? delta : 1 };
}

/** How much a head's loss counts; 1 where nothing is said. */
function weightOf(given: unknown, head: string, index: number): number {
  const weight = typeof given === 'number' ? given : entryOf(given, head, index);
  return typeof weight === 'number' && Number.isFinite(weight) && weight >= 0 ? weight : 1;
}

/** What stands for an output: by its name, by its place, or for all. */
function entryOf(given: unknown, head: string, index: number): unknown {
  if (Array.isArray(given)) return given[index];
  return isObject(given) && own(given, 'class_name') === undefined ? own(given, head) : given;
}
