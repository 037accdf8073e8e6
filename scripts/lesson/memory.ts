import { memorySpans } from '../../src/study/spans.ts';
import type { StudySpan } from '../../src/study/study-data.ts';
import { gradientThroughTime, recordSequence } from '../../src/nn/index.ts';
import { partOf, exactKernels, lstmLayer, type Lesson } from './lesson.ts';

/** How far back the gradient is followed, and the predictions it is averaged over. */
export const LAGS = 64;
const [FIRST, LAST, EVERY] = [64, 192, 4];

/** Mean norms of the gradient of one prediction's loss, `lag` steps before it, each as a part of that at lag 0. */
export interface GradientByLag {
  predictions: number;
  dh: number[];
  /** Where there is a cell. */
  dc?: number[];
}

/** The steps in which half is forgotten when the forget gate stands at f: ln ½ / ln f. */
export function halfLife(f: number): number {
  return Math.log(0.5) / Math.log(f);
}

/** The gradient through time of a trained network, measured. */
export function gradientByLag(lesson: Lesson): GradientByLag {
  const { model } = lesson;
  const recording = recordSequence(model.spec, model.parameters, partOf(lesson, 0, LAST + 1), {
    kernels: exactKernels(),
  });
  const sums = { dh: new Array<number>(LAGS + 1).fill(0), dc: new Array<number>(LAGS + 1).fill(0) };
  let predictions = 0;
  for (let step = FIRST; step < LAST; step += EVERY, predictions++) {
    const { layers } = gradientThroughTime(model.spec, model.parameters, recording, { loss: step }, { kernels: exactKernels() }); // prettier-ignore
    for (let lag = 0; lag <= LAGS; lag++) {
      sums.dh[lag] += layers[0].dh[step - lag];
      sums.dc[lag] += layers[0].dc?.[step - lag] ?? 0;
    }
  }
  const relative = (values: number[]): number[] => values.map((value) => value / values[0]);
  return { predictions, dh: relative(sums.dh), ...(recording.layers[0].c && { dc: relative(sums.dc) }) };
}

/** The mean over the song of the product of the forget gate over the last `lag` steps, for one unit or the mean of all. */
export function forgetProducts({ recording }: Lesson, unit?: number): number[] {
  const { f, size } = lstmLayer(recording);
  const units = unit === undefined ? Array.from({ length: size }, (_, j) => j) : [unit];
  return Array.from({ length: LAGS + 1 }, (_, lag) => {
    let [sum, terms] = [0, 0];
    for (const j of units) {
      for (let step = FIRST; step < LAST; step += EVERY, terms++) {
        let product = 1;
        for (let k = 0; k < lag; k++) product *= f[(step - k) * size + j];
        sum += product;
      }
    }
    return sum / terms;
  });
}

/**
 * By what a plain RNN, h = tanh(U·h' + …), multiplies the gradient's length at each step in a typical case: when U is orthogonal
 * and pre-activations are normal with variance 1: √E[(1 - tanh²z)²], by the rule of trapezoids.
 */
export function plainRnnFactor(): number {
  const [reach, points] = [8, 16_000];
  const width = (2 * reach) / points;
  let sum = 0;
  for (let k = 0; k <= points; k++) {
    const z = -reach + k * width;
    const slope = 1 - Math.tanh(z) ** 2;
    sum += (slope * slope * Math.exp((-z * z) / 2) * width) / Math.sqrt(2 * Math.PI);
  }
  return Math.sqrt(sum);
}

/** The memory span of every unit, as `etude study` tells it. */
export function spansOf({ recording, notes }: Lesson): StudySpan[] {
  return memorySpans(recording.layers[0], notes.start)!;
}

/** What is known of a span in steps: its length, or the least it can be. */
export function spanSteps({ steps, atLeastSteps }: StudySpan): number {
  return steps ?? atLeastSteps;
}
