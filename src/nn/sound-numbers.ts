import type { Shape } from '../tensor/index.ts';
import { placeOf } from './diagnose.ts';
import type { StepResult } from './engine.ts';
import { NonFiniteError } from './errors.ts';
import type { NamedArrays } from './parameters.ts';
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

/** The arrays of a checkpoint under the prefixes that they have in its file. */
function arraysOf({ parameters, training }: Pick<Checkpoint, 'parameters' | 'training'>): [string, NamedArrays][] {
  if (!training) return [['', parameters]];
  const { engine, best } = training;
  return [
    ['', parameters],
    ['adam.m/', engine.m],
    ['adam.v/', engine.v],
    ...(best ? [['best/', best] as [string, NamedArrays]] : []),
  ];
}

/**
 * Looks for the first number that is unsound: weights and moments must be finite, and the second moments, which are means of
 * squares, not below 0.
 */
export function findUnsound(
  checkpoint: Pick<Checkpoint, 'spec' | 'parameters' | 'training'>,
): UnsoundNumber | undefined {
  const specs = parameterSpecs(checkpoint.spec);
  for (const [prefix, arrays] of arraysOf(checkpoint)) {
    const least = prefix === 'adam.v/' ? 0 : -Number.MAX_VALUE;
    for (const { name, shape } of specs) {
      const data = arrays[name];
      for (let at = 0; at < data.length; at++) {
        const value = data[at];
        // Written so that NaN is unsound.
        if (!(value >= least && value <= Number.MAX_VALUE)) return { parameter: name, prefix, shape, at, value };
      }
    }
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
  const place = placeOf(prefix.startsWith('adam') ? 'optimizer' : 'parameters', parameter, shape, at);
  return new NonFiniteError(place, lastStep?.loss ?? NaN, lastStep?.gradientNorm ?? NaN);
}

/** Where it stands and what it should be, as a sentence: `"adam.v/lstm.0.bias" has -1 at [3]; second moments …`. */
export function describeUnsound({ parameter, prefix, shape, at, value }: UnsoundNumber): string {
  const should =
    prefix === 'adam.v/'
      ? 'second moments are finite and not below 0'
      : prefix === 'adam.m/'
        ? 'moments are finite'
        : 'weights are finite';
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
