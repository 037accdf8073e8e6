import { expect, it } from 'vitest';
import { describeMusicFigures } from '../../src/cli/describe-music.ts';
import { analyseNotes } from '../../src/music/index.ts';
import { tune } from './tiny-music.ts';

it('says range, repetition and density in words', () => {
  const lines = describeMusicFigures(analyseNotes(tune(28, 60)));
  expect(Object.fromEntries(lines)).toEqual({
    Length: '28 notes, 0:08.8',
    Range: 'C4 to C5, 8 different keys',
    Repeats:
      '44 % of the runs of 4 keys had been heard before; the longest repeated run has 14 notes, the longest on one key 1',
    'Held keys': '0.0 % of the notes strike a key that still sounds; it ends there and starts again',
    Density: '3.2 notes a second, 1.0 at a time (at most 1)',
  });
});

it('says that there are no notes', () => {
  expect(describeMusicFigures(analyseNotes([]))[1]).toEqual(['Range', 'no notes']);
});
