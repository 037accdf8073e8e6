import { recordSequence } from '../../src/nn/index.ts';
import { similarityOrder } from '../../src/study/similarity-order.ts';
import { exactKernels, type Lesson } from './lesson.ts';

/** The prelude's pattern: every bar but the last three is eight sixteenths, and the same eight once more. */
export const BAR = 16;
export const PATTERNED_BARS = 32;

/** -log p of what came, of all heads with their weights, for each note; NaN for the first, which nothing foretold. */
export function surprises({ model, recording }: Lesson, head?: string): number[] {
  const { heads, steps } = recording;
  return Array.from({ length: steps }, (_, note) => {
    if (note === 0) return NaN;
    return heads.reduce((sum, { name, nextLoss }, k) => {
      if (head !== undefined) return name === head ? sum + nextLoss[note - 1] : sum;
      return sum + model.spec.heads[k].lossWeight * nextLoss[note - 1];
    }, 0);
  });
}

/** The mean surprise at pitch in the first and in the second half of the patterned bars. */
export function surpriseByHalf(lesson: Lesson): { first: number; second: number } {
  const values = surprises(lesson, 'pitch').slice(0, BAR * PATTERNED_BARS);
  const mean = (keep: (note: number) => boolean): number => {
    const kept = values.filter((value, note) => keep(note) && !Number.isNaN(value));
    return kept.reduce((a, b) => a + b, 0) / kept.length;
  };
  return { first: mean((note) => note % BAR < BAR / 2), second: mean((note) => note % BAR >= BAR / 2) };
}

/** The mean weighted loss over the song. */
export function songLoss(lesson: Lesson): number {
  const values = surprises(lesson).slice(1);
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** By how much the loss over the song rises when a unit's output is held at zero, the most missed first. */
export function unitCosts(lesson: Lesson): { unit: number; cost: number }[] {
  const { model, song } = lesson;
  const whole = songLoss(lesson);
  const units = Array.from({ length: model.spec.lstm.hiddenSize }, (_, unit) => unit);
  const costs = units.map((unit) => {
    const ablation = [{ layer: 0, part: 'h' as const, units: [unit] }];
    const recording = recordSequence(model.spec, model.parameters, song, { kernels: exactKernels(), ablation });
    return { unit, cost: songLoss({ ...lesson, recording }) - whole };
  });
  return costs.sort((a, b) => b.cost - a.cost);
}

/** All units, like beside like, as `etude study` orders them. */
export function unitOrder({ recording }: Lesson): number[] {
  const { h, size } = recording.layers[0];
  return similarityOrder(h, size);
}
