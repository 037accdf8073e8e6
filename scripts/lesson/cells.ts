import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { musicModel } from '../../src/music/index.ts';
import { CELLS, cellOf, decodeCheckpoint } from '../../src/nn/index.ts';
import { cellFile, lessonWith, OTHER_CELLS, type Lesson } from './lesson.ts';
import { songLoss } from './listening.ts';
import { gradientByLag } from './memory.ts';

/** The lags that the lesson's table shows. */
export const CELL_LAGS = [1, 4, 16, 64] as const;

/** How the gradient fades in one of the models that were trained alike, each of another cell. */
export interface CellGradient {
  title: string;
  /** What it carries from note to note: `c`, or `h` where it has no cell. */
  state: 'c' | 'h';
  /** The mean weighted loss over the song. */
  loss: number;
  /** Mean norms of the gradient of one prediction's loss by that state, by lag, each as a part of that at lag 0. */
  left: number[];
}

/** The lesson's LSTM, and the same model of other cells, on the same song. */
export function cellGradients(lesson: Lesson): CellGradient[] {
  return [lesson, ...OTHER_CELLS.map((cell) => readBy(lesson, cell))].map((each) => {
    const { dh, dc } = gradientByLag(each);
    const { title } = CELLS[cellOf(each.model.spec)];
    return { title, state: dc ? 'c' : 'h', loss: songLoss(each), left: dc ?? dh };
  });
}

/**
 * By what the trained plain RNN multiplies gradients at each step: the root mean squares of its slopes 1 - h² over the song, and of
 * the singular values of its recurrent kernel.
 */
export function rnnFactors(lesson: Lesson): { slope: number; gain: number } {
  const { model, recording } = readBy(lesson, 'rnn');
  const [{ h, size }] = recording.layers;
  const slope = rootMeanSquare(Array.from(h, (value) => 1 - value * value));
  // The sum of squared singular values is that of the squared weights.
  const gain = rootMeanSquare(model.parameters['rnn.0.recurrent_kernel']) * Math.sqrt(size);
  return { slope, gain };
}

/** The lesson's song as the model of another cell reads it. */
function readBy(lesson: Lesson, cell: (typeof OTHER_CELLS)[number]): Lesson {
  return lessonWith(lesson, musicModel(decodeCheckpoint(readFileSync(join(lesson.root, cellFile(cell))))));
}

function rootMeanSquare(values: Iterable<number> & ArrayLike<number>): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / values.length);
}
