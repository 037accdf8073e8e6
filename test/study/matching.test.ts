import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { findMatches, type SearchedPiece } from '../../src/study/matching.ts';
import { Random } from '../../src/tensor/index.ts';

const SIZE = 10;

/** Quiet noise with stretches at which some units are on. */
function piece(
  name: string,
  steps: number,
  planted: { from: number; to: number; on: Record<number, number> }[],
  seed = 1,
): SearchedPiece {
  const random = Random.stream(seed, name);
  const h = Float32Array.from({ length: steps * SIZE }, () => 0.2 * (2 * random.uniform() - 1));
  for (const { from, to, on } of planted) {
    for (let step = from; step < to; step++) for (const [unit, value] of Object.entries(on)) h[step * SIZE + Number(unit)] = value; // prettier-ignore
  }
  const notes = Array.from({ length: steps }, (_, step) => step);
  return { name, h, start: notes.map((step) => step / 4), pitch: notes.map((step) => 40 + (step % 50)) };
}

const together = { 2: 0.8, 7: -0.6 };
const song = piece('song', 100, [
  { from: 20, to: 25, on: together },
  { from: 60, to: 65, on: together },
  { from: 80, to: 85, on: { 2: 0.8, 7: 0.6 } },
  { from: 90, to: 92, on: together },
]);
const other = piece('other', 50, [
  { from: 0, to: 5, on: { ...together, 4: 0.9 } },
  { from: 44, to: 50, on: together },
]);
const query = { layer: 0, size: SIZE, from: 20, to: 25, threshold: 0.3 };

describe('findMatches', () => {
  it('takes the units that are on at the place and off beside it, with their signs', () => {
    expect(findMatches(song, [], query)).toMatchObject({ units: [2, 7], signs: [1, -1], searched: 100 });
  });

  it('finds the planted places in all pieces, the best first, and neither the place itself nor what has another sign or is too short', () => {
    const { found, places, searched } = findMatches(song, [other], query);
    expect(searched).toBe(150);
    expect(places.map(({ piece: name, from, to, others }) => [name, from, to, others])).toEqual([
      ['song', 60, 65, 0],
      ['other', 0, 5, 1],
      ['other', 44, 50, 0],
    ]);
    expect(found).toBe(3);
  });

  it('says when it sounds, and which notes are there with two on each side', () => {
    const [first, second] = findMatches(song, [other], query).places;
    expect(first).toMatchObject({ seconds: 15, pitches: [48, 49, 50, 51, 52, 53, 54, 55, 56] });
    expect(second.pitches).toEqual([40, 41, 42, 43, 44, 45, 46]);
  });

  it('looks for the units that are named, and keeps as many places as are wanted', () => {
    const { units, found, places } = findMatches(song, [other], { ...query, units: [2], most: 2 });
    expect([units, found, places.length]).toEqual([[2], 4, 2]);
  });

  it('refuses a place outside the song, and one at which nothing is on', () => {
    expect(() => findMatches(song, [], { ...query, from: 98, to: 101 })).toThrow(
      /notes from 1 to 100, at least one, got 99 to 101/,
    );
    expect(() => findMatches(song, [], { ...query, from: 40, to: 44 })).toThrow(UsageError);
    expect(() => findMatches(song, [], { ...query, from: 40, to: 44 })).toThrow(/no unit is on/);
    expect(() => findMatches(song, [], { ...query, to: 30 })).toThrow(
      'Choose another place (notes 21 to 25 have some)',
    );
  });
});
