import { cellBackward, type CellBackward } from './cell-backward.ts';
import { cellForward, type CellForward } from './cell-forward.ts';
import { cellGradients, rnnFactors, type CellGradient } from './cells.ts';
import type { Lesson } from './lesson.ts';
import { unitCosts } from './listening.ts';
import { gradientByLag, spansOf, type GradientByLag } from './memory.ts';

/** What sentences, tables and pictures share, measured once. */
export interface Measurements {
  forward: CellForward;
  backward: CellBackward;
  byLag: GradientByLag;
  cells: CellGradient[];
  rnn: ReturnType<typeof rnnFactors>;
  spans: ReturnType<typeof spansOf>;
  costs: ReturnType<typeof unitCosts>;
}

/** Runs every probe that the lesson speaks of; about a second. */
export function measure(lesson: Lesson): Measurements {
  return {
    forward: cellForward(lesson),
    backward: cellBackward(lesson),
    byLag: gradientByLag(lesson),
    cells: cellGradients(lesson),
    rnn: rnnFactors(lesson),
    spans: spansOf(lesson),
    costs: unitCosts(lesson),
  };
}
