import { DataError } from '../../errors.ts';
import { assertKnown, shownValue, type KerasLayer } from './config.ts';
import type { KerasCell, Recurrent } from './network.ts';
import { asRecord, type Config } from './values.ts';

/** The classes of recurrent layers that are read. */
const CLASSES = { LSTM: 'lstm', GRU: 'gru', SimpleRNN: 'rnn' } as const;

/** Whether a layer is one of them, or a wrapper of one. */
export function isRecurrent({ className }: KerasLayer): boolean {
  return className === 'Bidirectional' || Object.hasOwn(CLASSES, className);
}

/** A recurrent layer, and whether it gives what it says at every step. */
export interface ReadRecurrent extends Recurrent {
  returnsSequences: boolean;
}

/**
 * What a recurrent layer is by its configuration.
 * @throws DataError that names the layer and what of it Etude's layers cannot do
 */
export function readRecurrent({ name, className, config, group }: KerasLayer): ReadRecurrent {
  if (className !== 'Bidirectional') {
    const { cell, useBias, backwards, returnsSequences } = readCell(name, className, config);
    if (backwards) throw backwardsError(name);
    return { name, cell, returnsSequences, cells: [{ name, at: `${group}/cell/vars`, useBias }] };
  }
  const { merge_mode: mode } = config;
  if (mode !== 'concat') throw new DataError(`${name}: merge_mode is ${shownValue(mode)}; Etude puts what both directions give side by side. Build it with merge_mode="concat".`); // prettier-ignore
  const forward = readWrapped(name, config.layer);
  // Keras before 3 leaves the backward layer out where it is made of the forward one.
  const backward = config.backward_layer === undefined ? { ...forward, backwards: true } : readWrapped(name, config.backward_layer); // prettier-ignore
  if (forward.backwards || !backward.backwards) throw backwardsError(name);
  for (const key of ['cell', 'units', 'useBias', 'returnsSequences'] as const) {
    if (forward[key] === backward[key]) continue;
    throw new DataError(`${name}: its two directions are different layers (${key}: ${shownValue(forward[key])} and ${shownValue(backward[key])}); Etude's are alike.`); // prettier-ignore
  }
  const { cell, useBias, returnsSequences } = forward;
  const cells = ['forward_layer', 'backward_layer'].map((part) => ({ name: `${name}/${part}`, at: `${group}/${part}/cell/vars`, useBias })); // prettier-ignore
  return { name, cell, returnsSequences, cells };
}

function backwardsError(name: string): DataError {
  return new DataError(`${name}: go_backwards is true: it reads sequences from their ends, and gives what it says in that order. Etude has this only as the second half of Bidirectional. Turn the sequences round before they go in, and save the model with go_backwards=False.`); // prettier-ignore
}

interface CellConfig {
  cell: KerasCell;
  units: unknown;
  useBias: boolean;
  backwards: boolean;
  returnsSequences: boolean;
}

function readWrapped(name: string, given: unknown): CellConfig {
  const layer = asRecord(given);
  const config = asRecord(layer?.config);
  if (!layer || !config) throw new DataError(`${name}: its configuration does not say which layer it wraps.`);
  assertKnown(layer, name);
  return readCell(name, layer.class_name, config);
}

function readCell(name: string, className: unknown, config: Config): CellConfig {
  if (typeof className !== 'string' || !Object.hasOwn(CLASSES, className)) {
    throw new DataError(`${name} wraps ${shownValue(className)}; expected ${Object.keys(CLASSES).join(', ')}.`);
  }
  const kind = CLASSES[className as keyof typeof CLASSES];
  assertActivation(name, 'activation', config.activation, 'tanh');
  if (kind !== 'rnn') assertActivation(name, 'recurrent_activation', config.recurrent_activation, 'sigmoid');
  if (config.time_major === true) throw new DataError(`${name}: time_major is true; build it with time_major=False, with the same weights.`); // prettier-ignore
  // Before Keras 2.3 there was one kind of GRU, which resets before the product.
  const before = kind === 'gru' && config.reset_after !== true;
  return {
    cell: before ? 'gru-before' : kind,
    units: config.units,
    useBias: config.use_bias !== false,
    backwards: config.go_backwards === true,
    returnsSequences: config.return_sequences === true,
  };
}

function assertActivation(name: string, key: string, given: unknown, expected: string): void {
  const found = activationOf(given, name);
  if (found === expected) return;
  const hard = found === 'hard_sigmoid' ? ' (the default of Keras before 2.3)' : '';
  throw new DataError(`${name}: ${key} is ${shownValue(found)}${hard}; Etude's cells have tanh, and sigmoid in their gates. Train it with ${key}="${expected}".`); // prettier-ignore
}

/**
 * The name of an activation; none is `linear`.
 * @throws DataError where it is code
 */
export function activationOf(given: unknown, who: string): unknown {
  if (given === null || given === undefined) return 'linear';
  const record = asRecord(given);
  if (!record) return given;
  assertKnown(record, who);
  const { class_name: className, config } = record;
  return className === 'function' ? config : String(className).toLowerCase();
}
