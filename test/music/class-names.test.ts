import { describe, expect, it } from 'vitest';
import { Codec } from '../../src/midi/index.ts';
import { className } from '../../src/music/class-names.ts';

const bins = { step: { edges: [0.2, 0.6], centres: [0, 0.25, 1] }, duration: { edges: [0.2], centres: [1 / 6, 0.5] } };
const spec = { pitch: 'onehot', step: 'bins', duration: 'bins', velocity: 'classes', embedding: 4, order: ['step', 'pitch', 'duration', 'velocity'], bins } as const; // prettier-ignore

describe('the class of', () => {
  const seconds = new Codec({ ...spec, order: [...spec.order] });
  const beats = new Codec({ ...spec, order: [...spec.order], ends: { notes: 80 }, beats: { tempo: 100, meters: [[4, 4], [3, 8]] } }); // prettier-ignore
  it.each([
    ['pitch', 61, 'C#4', 'C#4'],
    ['pitchClass', 2, 'D', 'D'],
    ['step', 0, '0 s', '0 beats'],
    ['step', 1, '0.25 s', '1/2 beat'],
    ['step', 2, '1 s', '2 beats'],
    ['step', 3, undefined, 'end'],
    ['duration', 0, '0.167 s', '1/3 beat'],
    ['duration', 1, '0.5 s', '1 beat'],
    ['velocity', 13, '52–55', '52–55'],
    ['place', 0, undefined, 'beat 1'],
    ['place', 32, undefined, 'beat 2 + 1/3'],
    ['meter', 1, undefined, '3/8'],
  ])('%s %i is %s in seconds, %s in beats', (name, value, inSeconds, inBeats) => {
    if (inSeconds !== undefined) expect(className(seconds, name, value)).toBe(inSeconds);
    expect(className(beats, name, value)).toBe(inBeats);
  });
});
