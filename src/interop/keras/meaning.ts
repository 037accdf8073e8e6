import { DataError } from '../../errors.ts';
import type { NumbersLoss } from '../../nn/index.ts';
import type { Meaning } from './network.ts';
import { asRecord, type Config } from './values.ts';
import { shownValue } from './config.ts';

/** What the losses of Keras are, by their names without `_`. Others say nothing of what the outputs are. */
const LOSSES: Readonly<Record<string, Meaning>> = {
  sparsecategoricalcrossentropy: { kind: 'categorical' },
  categoricalcrossentropy: { kind: 'categorical' },
  binarycrossentropy: { kind: 'numbers', loss: { kind: 'binary' } },
  meansquarederror: { kind: 'numbers', loss: { kind: 'squared' } },
  mse: { kind: 'numbers', loss: { kind: 'squared' } },
  meanabsoluteerror: { kind: 'numbers', loss: { kind: 'absolute' } },
  mae: { kind: 'numbers', loss: { kind: 'absolute' } },
};

/**
 * What the outputs of a head are: its activation says it, or else the loss that it was compiled with. Undefined where neither does.
 * @throws DataError where the activation is one that Etude's heads do not have
 */
export function meaningOf(name: string, activation: unknown, compile: Config, index: number): Meaning | undefined {
  if (activation === 'softmax') return { kind: 'categorical' };
  if (activation === 'sigmoid') return { kind: 'numbers', loss: { kind: 'binary' } };
  if (activation !== 'linear') {
    throw new DataError(`${name}: its activation is ${shownValue(activation)}; Etude's heads have softmax (classes), sigmoid (yes or no) or none (numbers, logits).`); // prettier-ignore
  }
  const loss = entryOf(compile.loss, name, index);
  const record = asRecord(loss);
  const title = record?.class_name === 'function' ? record.config : (record?.class_name ?? loss);
  const key = typeof title === 'string' ? title.toLowerCase().replaceAll('_', '') : '';
  if (key === 'huber') return { kind: 'numbers', loss: huber(asRecord(record?.config)?.delta) };
  return Object.hasOwn(LOSSES, key) ? LOSSES[key] : undefined;
}

function huber(delta: unknown): NumbersLoss {
  return { kind: 'huber', delta: typeof delta === 'number' && delta > 0 ? delta : 1 };
}

/** How much a head's loss counts; 1 where nothing is said. */
export function lossWeightOf(name: string, compile: Config, index: number): number {
  const { loss_weights: weights } = compile;
  const weight = typeof weights === 'number' ? weights : entryOf(weights, name, index);
  return typeof weight === 'number' && Number.isFinite(weight) && weight >= 0 ? weight : 1;
}

/** What stands for an output: by its name, by its place, or for all. */
function entryOf(given: unknown, name: string, index: number): unknown {
  if (Array.isArray(given)) return given[index];
  const record = asRecord(given);
  if (!record || 'class_name' in record) return given;
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
