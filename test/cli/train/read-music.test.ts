import { describe, expect, it } from 'vitest';

import { describeSplit } from '../../../src/cli/train/read-music.ts';
import { prepareData } from '../../../src/music/index.ts';
import { corpusOf, toyPiece, toySettings, toySong } from '../../support/toy-music.ts';

describe('what is said of the music before training', () => {
  it('counts the pieces that are too short for a window', () => {
    const settings = toySettings('quick', { seqLength: 8, validation: 0 });
    const long = toyPiece('long', toySong(50, 30));
    const split = (pieces: ReturnType<typeof toyPiece>[]): string =>
      describeSplit(prepareData(corpusOf(...pieces), settings), settings)[0];
    expect(split([long])).toBe('1 piece to learn from: 22 windows of 8 notes');
    expect(split([long, toyPiece('a', toySong(50, 8)), toyPiece('b', toySong(60, 2))])).toBe(
      '1 piece to learn from: 22 windows of 8 notes; 2 pieces too short for one',
    );
  });
});
