import { expect, it } from 'vitest';
import { roundedJson } from '../../src/music/rounding.ts';

it('shortens numbers wherever they stand, but no counts and no numbers of notes', () => {
  const given = { text: 'a', strength: 0.123456, notes: [10_281, 5633], nested: [{ p: -1234.5678, none: null, steps: 123_456 }] }; // prettier-ignore
  expect(roundedJson(given, 3)).toEqual({
    text: 'a',
    strength: 0.123,
    notes: [10_281, 5633],
    nested: [{ p: -1230, none: null, steps: 123_456 }],
  });
});
