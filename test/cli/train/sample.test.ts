import { describe, expect, it } from 'vitest';
import { describeMusic, describeNotes } from '../../../src/cli/train/sample.ts';
import { noteTable, type Piece } from '../../../src/midi/index.ts';
import { analyseNotes } from '../../../src/music/index.ts';
import { tune } from '../tiny-music.ts';

const piece = (notes: number, from = 60): Piece => ({
  path: `${notes}.mid`,
  name: String(notes),
  table: noteTable(tune(notes, from)),
  problems: [],
  digest: '',
});

describe('the figures of a corpus beside those of a sample', () => {
  it('are means over stretches as long as the sample, so that length plays no part', () => {
    const { analysis } = describeMusic('data', [piece(59), piece(30, 40), piece(10)], 20);
    expect(analysis).toMatchObject({ notes: 20, lowest: 40, highest: 72 });
    // Of three stretches of the tune two begin elsewhere in it; all repeat it alike from the fifteenth note on.
    expect(analysis.repetition).toBeCloseTo(analyseNotes(tune(20, 60)).repetition);
  });

  it('are those of the whole pieces where all are shorter', () => {
    expect(describeMusic('data', [piece(10), piece(20)], 100).analysis.notes).toBe(15);
    expect(describeMusic('data', [], 100).analysis).toMatchObject({ notes: 0, lowest: null });
  });

  it('have the columns of all notes', () => {
    const { name, pitch, step, duration } = describeMusic('data', [piece(10), piece(20)], 5);
    expect(name).toBe('data');
    expect([pitch, step, duration].map(({ length }) => length)).toEqual([30, 30, 30]);
  });

  it('leave out pieces, evenly, of a corpus too large for a page', () => {
    const large = (from: number): Piece => ({ ...piece(3), table: noteTable(tune(50_000, from)) });
    const { name, pitch } = describeMusic('data', [20, 40, 60, 80, 100].map(large), 1000);
    expect(name).toBe('data (a part)');
    expect(pitch).toHaveLength(200_000);
    expect(new Set([0, 50_000, 100_000, 150_000].map((at) => pitch[at]))).toEqual(new Set([20, 40, 60, 80]));
  });
});

it('the columns of a sample are those of its notes', () => {
  const notes = tune(8, 60);
  const { pitch, step } = describeNotes('sample', notes, analyseNotes(notes));
  expect(pitch).toEqual(notes.map((note) => note.pitch));
  expect(step.slice(0, 3)).toEqual([0, 0.25, 0.25]);
});
