import { UsageError } from '../../errors.ts';
import type { Floats } from '../../tensor/index.ts';
import type { HeadSpec, ModelSpec } from '../spec.ts';
import { logSumExp } from '../log-sum-exp.ts';
import { likeliest, lossOfNext, lossOfNumber } from './next.ts';
import type { Recording } from './recorded.ts';

/**
 * One number that a network says: the log-probability that a categorical head gives to a class, or the value that a scalar
 * head predicts, after a step.
 */
export interface Prediction {
  /** The head's name. */
  head: string;
  /** The step of the recording after which it is said, from 0. */
  step: number;
  /** The class of a categorical head: a number, what came `next` (unless given), or the `likeliest`. */
  class?: number | 'next' | 'likeliest';
}

/** A prediction whose head and class are known to exist. */
export interface ResolvedPrediction {
  head: number;
  step: number;
  /** 0 for a scalar head. */
  class: number;
}

/** @throws UsageError when the head, the step or the class does not exist, or what came next is not known */
export function resolvePrediction(spec: ModelSpec, recording: Recording, prediction: Prediction): ResolvedPrediction {
  const head = headNumber(spec, prediction.head);
  assertStep(recording, prediction.step);
  const chosen = classOf(spec, recording, head, prediction.step, prediction.class ?? 'next');
  if (chosen === undefined) {
    throw new UsageError(
      `prediction: what came after step ${prediction.step} is not known for ${prediction.head}; name a class, or "likeliest".`,
    );
  }
  return { head, step: prediction.step, class: chosen };
}

/** The number of the class, undefined when what came next is asked for and not known. 0 for a scalar head. */
export function classOf(
  spec: ModelSpec,
  { heads, sequence }: Recording,
  head: number,
  step: number,
  choice: number | 'next' | 'likeliest',
): number | undefined {
  const { name, kind } = spec.heads[head];
  if (kind !== 'categorical') return 0;
  const { out, size } = heads[head];
  if (choice === 'next') return sequence.targets?.[name][step + 1];
  if (choice === 'likeliest') {
    return likeliest(out.subarray(step * size, (step + 1) * size));
  }
  if (!(Number.isInteger(choice) && choice >= 0 && choice < size)) {
    throw new UsageError(`prediction: ${name} has classes 0 to ${size - 1}, got ${choice}.`);
  }
  return choice;
}

/** The place of a head by its name. @throws UsageError when there is none */
export function headNumber({ heads }: ModelSpec, name: string): number {
  const head = heads.findIndex((each) => each.name === name);
  if (head < 0) throw new UsageError(`There is no head "${name}"; there are ${heads.map((h) => h.name).join(', ')}.`);
  return head;
}

/** @throws UsageError unless the step is one of the recording's */
export function assertStep({ steps }: Recording, step: number): void {
  if (!(Number.isInteger(step) && step >= 0 && step < steps)) {
    throw new UsageError(`There is no step ${step} in the recording; steps are 0 to ${steps - 1}.`);
  }
}

/** What a row of a head's outputs says: log p of a class, or the value. */
export function valueOf(head: HeadSpec, out: ArrayLike<number>, chosen: number): number {
  return head.kind !== 'categorical' ? out[0] : out[chosen] - logSumExp(out, 0, head.size);
}

/** Writes the derivative of `valueOf` in the outputs: onehot(class) - p, or 1. */
export function valueGradient(dOut: Floats, head: HeadSpec, out: ArrayLike<number>, chosen: number): void {
  if (head.kind !== 'categorical') {
    dOut.fill(0)[0] = 1;
    return;
  }
  const normaliser = logSumExp(out, 0, head.size);
  for (let j = 0; j < head.size; j++) dOut[j] = (j === chosen ? 1 : 0) - Math.exp(out[j] - normaliser);
}

/** The loss of a row of outputs; writes `scale` times its derivative. At p = 0 the pressure's derivative is taken as 0. */
export function lossGradient(dOut: Floats, head: HeadSpec, out: Floats, target: number, scale: number): number {
  if (head.kind === 'numbers') {
    const slope = new Float64Array(dOut.length);
    const number = lossOfNumber(head, out, target, slope);
    for (let j = 0; j < dOut.length; j++) dOut[j] = scale * slope[j];
    return number;
  }
  const loss = lossOfNext(head, out, target);
  if (head.kind === 'scalar') {
    const p = out[0];
    dOut[0] = scale * (2 * (p - target) - (p < 0 ? head.positivePressure : 0));
  } else {
    valueGradient(dOut, head, out, target);
    for (let j = 0; j < dOut.length; j++) dOut[j] *= -scale;
  }
  return loss;
}
