import { sizeOf } from '../tensor/index.ts';
import { rowsOfStates, stateSpecs } from './carried-state.ts';
import type { EngineState } from './engine.ts';
import { CheckpointError } from './errors.ts';
import type { NamedArrays } from './parameters.ts';
import { decodeSafetensors, encodeSafetensors, type SafeTensors } from './safetensors.ts';
import type { Checkpoint } from './saved-model.ts';
import { isSlot, slotsOf, type Slot } from './optimizers/slots.ts';
import { parameterSpecs, validateSpec, type ModelSpec } from './spec.ts';
import { describeUnsound, findUnsound } from './sound-numbers.ts';
import { isCount, isRandomState, isTrainerState, type TrainerState } from './trainer-state.ts';

/** What the file says of itself; a reader refuses versions that it does not know. */
const FORMAT = 'etude-checkpoint';
const VERSION = 1;

/** What Adam keeps, which files do not say. */
const ADAM: readonly Slot[] = ['adam.m', 'adam.v'];

/** The advice for a file that holds a number which no sound training leaves. */
const UNSOUND = 'The file is damaged, or its training had diverged: use an older checkpoint, or train again.';

/**
 * Encodes a checkpoint as a safetensors file. The weights stand under their own names, so that any safetensors reader finds
 * them; what the optimizer keeps under `adam.m/`, `adam.v/` and the like, the best weights under `best/`, and under
 * `raw/` the weights that training goes on with, where the model's are their average; under `carried/` the state after the newest
 * batch, where windows go on from those before. Everything else is JSON in the metadata.
 * The same checkpoint gives the same bytes. docs/checkpoint.md is the specification.
 *
 * @throws CheckpointError that names tensor and index of a number which is not finite, or of a mean square below 0
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const unsound = findUnsound(checkpoint);
  if (unsound) throw new CheckpointError(`This model cannot be saved: ${describeUnsound(unsound)}`);
  const { spec, parameters, extra, training } = checkpoint;
  const tensors: SafeTensors['tensors'] = {};
  const add = (prefix: string, arrays: NamedArrays): void => {
    for (const { name, shape } of parameterSpecs(spec)) {
      tensors[prefix + name] = { shape: [...shape], data: arrays[name] };
    }
  };
  add('', parameters);
  const metadata: Record<string, string> = {
    format: FORMAT,
    version: String(VERSION),
    spec: JSON.stringify(spec),
    extra: JSON.stringify(extra),
  };
  if (training) {
    const { engine, trainer, best, engineName } = training;
    const slots = slotsOf(engine.optimizer);
    for (const slot of slots) add(`${slot}/`, engine.optimizer[slot]!);
    if (best) add('best/', best);
    if (engine.parameters !== parameters) add('raw/', engine.parameters);
    for (const { name, width } of engine.carried ? stateSpecs(spec) : []) {
      const data = engine.carried![name];
      tensors[`carried/${name}`] = { shape: [data.length / width, width], data };
    }
    const { step, dropout } = engine;
    // Files of Adam do not say so: they are as they were when there was no other optimizer.
    const keeps = slots.join() === ADAM.join() ? undefined : slots;
    metadata.training = JSON.stringify({ step, dropout, trainer, engineName, keeps });
  }
  return encodeSafetensors({ tensors, metadata });
}

/**
 * Reads a checkpoint.
 * @throws CheckpointError when the bytes are no checkpoint, are torn, are of a newer version, do not fit their own spec, or
 *   hold a number which is not finite or a mean square below 0: the message names tensor and index
 */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
  if (metadata.format !== FORMAT) {
    throw new CheckpointError('This safetensors file holds no Etude model (its metadata lack "etude-checkpoint").');
  }
  if (metadata.version !== String(VERSION)) {
    throw new CheckpointError(
      `This model is of version ${metadata.version}; this Etude reads version ${VERSION}. Update Etude.`,
    );
  }
  const spec = readSpec(metadata.spec);
  const take = (prefix: string): NamedArrays => takeArrays(spec, tensors, prefix);
  const checkpoint: Checkpoint = { spec, parameters: take(''), extra: readJson(metadata, 'extra') };
  if (metadata.training !== undefined) {
    const { step, dropout, trainer, engineName, keeps = ADAM } = readTraining(metadata, spec);
    const optimizer = Object.fromEntries(keeps.map((slot) => [slot, take(`${slot}/`)]));
    const has = (prefix: string): boolean => Object.keys(tensors).some((name) => name.startsWith(prefix));
    const raw = has('raw/') ? take('raw/') : checkpoint.parameters;
    checkpoint.training = {
      engine: {
        parameters: raw,
        optimizer,
        step,
        dropout,
        ...(has('carried/') && { carried: takeStates(spec, tensors) }),
      },
      trainer,
      engineName,
      ...(has('best/') && { best: take('best/') }),
    };
  }
  const unsound = findUnsound(checkpoint);
  if (unsound) throw new CheckpointError(`${describeUnsound(unsound)} ${UNSOUND}`);
  return checkpoint;
}

/** The part of the training state that is no tensor. */
interface StoredTraining {
  step: number;
  dropout: EngineState['dropout'];
  trainer: TrainerState;
  engineName: string;
  /** What the optimizer keeps, unless it is what Adam keeps. */
  keeps?: Slot[];
}

/** Everything that resuming relies on is looked at here, so that a forged file fails with a sentence. */
function readTraining(metadata: Record<string, string>, spec: ModelSpec): StoredTraining {
  const stored = readJson<StoredTraining>(metadata, 'training');
  const { step, dropout, trainer, engineName, keeps = ADAM } = stored;
  const valid =
    isCount(step) &&
    isRandomState(dropout) &&
    typeof engineName === 'string' &&
    isTrainerState(trainer, spec) &&
    Array.isArray(keeps) &&
    keeps.every(isSlot);
  if (!valid) throw new CheckpointError("The file's training state cannot be read; it is damaged.");
  return stored;
}

/** The carried state: [B, H] for each state of each layer, of the same sequences. */
function takeStates(spec: ModelSpec, tensors: SafeTensors['tensors']): NamedArrays {
  const states = stateSpecs(spec).flatMap(({ name, width }) => {
    const found = Object.hasOwn(tensors, `carried/${name}`) ? tensors[`carried/${name}`] : undefined;
    return found?.shape.length === 2 && found.shape[1] === width ? [[name, found.data] as const] : [];
  });
  const arrays = Object.fromEntries(states);
  if (rowsOfStates(spec, arrays) !== undefined) return arrays;
  throw new CheckpointError('The carried state does not fit the architecture: the file is damaged.');
}

function takeArrays(spec: ModelSpec, tensors: SafeTensors['tensors'], prefix: string): NamedArrays {
  const arrays: NamedArrays = {};
  for (const { name, shape } of parameterSpecs(spec)) {
    const found = Object.hasOwn(tensors, prefix + name) ? tensors[prefix + name] : undefined;
    if (found?.data.length !== sizeOf(shape) || found.shape.join() !== shape.join()) {
      const what = found ? `has shape [${found.shape.join(', ')}]` : 'is missing';
      throw new CheckpointError(
        `The weights do not fit the architecture: "${prefix + name}" should be [${shape.join(', ')}] and ${what}.`,
      );
    }
    arrays[name] = found.data;
  }
  return arrays;
}

function readSpec(json: string | undefined): ModelSpec {
  try {
    return validateSpec(JSON.parse(json ?? '') as ModelSpec);
  } catch (cause) {
    throw new CheckpointError(`The file's architecture cannot be read: ${String(cause)}`, { cause });
  }
}

function readJson<T>(metadata: Record<string, string>, key: string): T {
  try {
    const value: unknown = JSON.parse(metadata[key]);
    if (typeof value === 'object' && value !== null) return value as T;
  } catch {
    // The error below says it.
  }
  throw new CheckpointError(`The file's "${key}" cannot be read; it is damaged.`);
}
