import fc from 'fast-check';
import { expect, it } from 'vitest';
import { likeliest } from '../../src/study/alternatives.ts';
import { studySong } from '../../src/study/index.ts';
import { longSong } from '../support/long-song.ts';
import { toyModel, toySettings } from '../support/toy-music.ts';

it('finds the places of the largest numbers', () => {
  expect(likeliest([0.1, 0.5, 0.2, 0.5], 3)).toEqual([1, 3, 2]);
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 6 }),
      (numbers, count) => {
        const sorted = numbers.map((_, k) => k).sort((a, b) => numbers[b] - numbers[a] || a - b);
        expect(likeliest(numbers, count)).toEqual(sorted.slice(0, count));
      },
    ),
  );
});

it('names what each note was likeliest to be: first what was predicted, with the chance that the surprise says of what came', async () => {
  const song = longSong(400);
  const { alternatives, heads } = await studySong({ model: await toyModel(toySettings('quick')), path: 'toy', song, backend: 'reference' }); // prettier-ignore
  expect(alternatives!.map(({ head }) => head)).toEqual(heads.map(({ name }) => name));
  const pitch = alternatives!.find(({ head }) => head === 'pitch')!;
  const head = heads.find(({ name }) => name === 'pitch')!;
  expect(pitch.notes).toHaveLength(400);
  expect(pitch.notes[0]).toEqual([]);
  let matched = 0;
  for (let note = 1; note < 400; note++) {
    const told = pitch.notes[note];
    expect(told).toHaveLength(4);
    expect(told[0][0]).toBe(head.predicted[note]);
    const came = told.find(([value]) => value === song.table.pitch[note]);
    if (!came) continue;
    matched++;
    expect(came[1]).toBeCloseTo(Math.exp(-head.surprise[note]!), 2);
  }
  expect(matched).toBeGreaterThan(0);
});
