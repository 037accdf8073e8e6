import type { Shape } from '../tensor/index.ts';
import { placeOf } from './diagnose.ts';
import type { StepResult } from './engine.ts';
import { NonFiniteError } from './errors.ts';
import type { NamedArrays } from './parameters.ts';
import { isSlot, SLOTS, slotsOf, type Slot } from './optimizers/slots.ts';
import type { Checkpoint } from './saved-model.ts';
import { parameterSpecs } from './spec.ts';

/** A number of a checkpoint that no sound training leaves. */
export interface UnsoundNumber {
  /** The parameter, and what stands in the file before its name: `adam.v/`, `best/` or nothing. */
  parameter: string;
  prefix: string;
  shape: Shape;
  /** Its place in the flat array. */
  at: number;
  value: number;
}

/** What stands before the names of carried states. */
const CARRIED = 'carried/';

/** The arrays of a checkpoint under the prefixes that they have in its file. */
function arraysOf({ parameters, training }: Pick<Checkpoint, 'parameters' | 'training'>): [string, NamedArrays][] {
  if (!training) return [['', parameters]];
  const { engine, best } = training;
  const kept = slotsOf(engine.optimizer).map((slot): [string, NamedArrays] => [`${slot}/`, engine.optimizer[slot]!]);
  const arrays: [string, NamedArrays][] = [['', parameters], ...kept];
  if (best) arrays.push(['best/', best]);
  if (engine.parameters !== parameters) arrays.push(['raw/', engine.parameters]);
  return arrays;
}

/** What is known of a slot of the optimizer, by what stands in the file before names; undefined for weights. */
function slotOf(prefix: string): (typeof SLOTS)[Slot] | undefined {
  const slot = prefix.slice(0, -1);
  return isSlot(slot) ? SLOTS[slot] : undefined;
}

/**
 * Looks for the first number that is unsound: weights and what the optimizer keeps must be finite, and means of squares not
 * below 0.
 */
export function findUnsound(
  checkpoint: Pick<Checkpoint, 'spec' | 'parameters' | 'training'>,
): UnsoundNumber | undefined {
  const specs = parameterSpecs(checkpoint.spec);
  for (const [prefix, arrays] of arraysOf(checkpoint)) {
    const least = slotOf(prefix)?.least ?? -Number.MAX_VALUE;
    for (const { name, shape } of specs) {
      const data = arrays[name];
      for (let at = 0; at < data.length; at++) {
        const value = data[at];
        // Written so that NaN is unsound.
        if (!(value >= least && value <= Number.MAX_VALUE)) return { parameter: name, prefix, shape, at, value };
      }
    }
  }
  for (const [name, data] of Object.entries(checkpoint.training?.engine.carried ?? {})) {
    const at = data.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) return { parameter: name, prefix: CARRIED, shape: [data.length], at, value: data[at] };
  }
  return undefined;
}

/**
 * What to say of a training that has come to an unsound number; undefined where all are sound.
 * @param lastStep the step that gave it, where one was taken
 */
export function unsoundError(checkpoint: Checkpoint, lastStep?: StepResult): NonFiniteError | undefined {
  const unsound = findUnsound(checkpoint);
  if (!unsound) return undefined;
  const { parameter, prefix, shape, at } = unsound;
  const stage = slotOf(prefix) ? 'optimizer' : 'parameters';
  const place = prefix === CARRIED ? { stage: 'forward' as const, layer: parameter } : placeOf(stage, parameter, shape, at); // prettier-ignore
  return new NonFiniteError(place, lastStep?.loss ?? NaN, lastStep?.gradientNorm ?? NaN);
}

/** Where it stands and what it should be, as a sentence: `"adam.v/lstm.0.bias" has -1 at [3]; second moments …`. */
export function describeUnsound({ parameter, prefix, shape, at, value }: UnsoundNumber): string {
  const should = slotOf(prefix)?.should ?? (prefix === CARRIED ? 'states are finite' : 'weights are finite');
  return `"${prefix}${parameter}" has ${value} at [${indexOf(at, shape).join(', ')}]; ${should}.`;
}

/** The index in each dimension of number `at` of a row-major tensor. */
function indexOf(at: number, shape: Shape): number[] {
  const index: number[] = [];
  let rest = at;
  for (const size of [...shape].reverse()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}
