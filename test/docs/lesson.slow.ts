import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  cellFile,
  HISTORY_FILE,
  lessonWith,
  loadLesson,
  MODEL_FILE,
  OTHER_CELLS,
} from '../../scripts/lesson/lesson.ts';
import { songLoss } from '../../scripts/lesson/listening.ts';
import { musicModel } from '../../src/music/index.ts';
import { trainLessonModel } from '../../scripts/lesson/train.ts';
import { parseSettings } from '../../src/music/settings.ts';
import { decodeCheckpoint, type EpochRecord } from '../../src/nn/index.ts';

const root = resolve(import.meta.dirname, '../..');
const lesson = loadLesson(root);

describe('the model of the lesson', () => {
  it('comes out of its training again', async () => {
    const kept = JSON.parse(readFileSync(join(root, HISTORY_FILE), 'utf8')) as EpochRecord[];
    const { bytes, history } = await trainLessonModel(root);
    // Plain SIMD rounds alike everywhere; the logarithms and roots of JavaScript, from which the first weights are drawn, need not.
    expect(history).toHaveLength(kept.length);
    expect(history[0].loss).toBeCloseTo(kept[0].loss, 1);
    expect(Math.abs(history[history.length - 1].loss - kept[kept.length - 1].loss)).toBeLessThan(0.1);
    const [trained, committed] = [bytes, readFileSync(join(root, MODEL_FILE))].map((file) => decodeCheckpoint(file));
    expect(trained.spec).toEqual(committed.spec);
    // A file of an earlier version lacks the settings that came later, and means what was done then.
    expect(trained.extra).toEqual({ ...committed.extra, settings: parseSettings(committed.extra.settings) });
  });

  it.each(OTHER_CELLS)('comes out of its training again as a %s', async (cell) => {
    const { bytes } = await trainLessonModel(root, undefined, cell);
    const [trained, committed] = [bytes, readFileSync(join(root, cellFile(cell)))].map((file) =>
      decodeCheckpoint(file),
    );
    expect(trained.spec).toEqual(committed.spec);
    expect(trained.extra).toEqual({ ...committed.extra, settings: parseSettings(committed.extra.settings) });
    const loss = (of: typeof trained): number => songLoss(lessonWith(lesson, musicModel(of)));
    expect(Math.abs(loss(trained) - loss(committed))).toBeLessThan(0.1);
  });
});
