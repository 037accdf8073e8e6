import { describe, expect, it } from 'vitest';
import { ProblemList } from '../../../src/midi/read/problems.ts';
import { counted } from '../../../src/text/words.ts';

describe('ProblemList', () => {
  it('keeps the order, the first message of each kind, and the number', () => {
    const problems = new ProblemList();
    problems.add('track-length', 'one');
    problems.add('riff', 'two');
    problems.add('track-length', 'three');
    problems.add('track-length', 'four');
    expect(problems.toArray()).toEqual([
      { code: 'track-length', message: 'one (And 2 more like this.)', severity: 'damage' },
      { code: 'riff', message: 'two', severity: 'note' },
    ]);
  });
});

describe('counted', () => {
  it('puts a noun in the plural where it is not one', () => {
    expect([0, 1, 2].map((count) => counted(count, 'byte'))).toEqual(['0 bytes', '1 byte', '2 bytes']);
  });
});
