import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UsageError } from '../../../src/errors.ts';
import { parseCodecSpec } from '../../../src/midi/codec/spec.ts';

const plain = { pitch: 'onehot', step: 'log', duration: 'raw', velocity: 'number' };
const bins = { edges: [0.1], centres: [0, 0.5] };

const ORDER = ['step', 'pitch', 'duration'];
const classes = {
  pitch: 'onehot',
  step: 'bins',
  duration: 'bins',
  velocity: 'none',
  bins: { step: bins, duration: bins },
};

describe('a codec description', () => {
  it('survives JSON', () => {
    for (const spec of [
      plain,
      { ...classes, embedding: 4 },
      { ...classes, order: ORDER },
      { ...plain, chords: { within: 0.03, spread: [0, 0.01, 0.03] } },
      { ...plain, step: 'bins', duration: 'bins', bins: { step: bins, duration: bins } },
    ]) {
      expect(parseCodecSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
    }
  });

  it('of older files says whether there is a velocity', () => {
    expect(parseCodecSpec({ ...plain, velocity: true }).velocity).toBe('number');
    expect(parseCodecSpec({ ...plain, velocity: false }).velocity).toBe('none');
  });

  it('is a copy: changing what was parsed changes nothing later', () => {
    const given = { ...plain, step: 'bins', bins: { step: structuredClone(bins) } };
    const spec = parseCodecSpec(given);
    given.bins.step.centres[0] = 0.05;
    expect(spec.bins?.step?.centres[0]).toBe(0);
  });

  it.each([
    ['no object', null, /codec: expected an object, got null/],
    ['a list', [], /codec: expected an object/],
    ['an unknown key', { ...plain, tempo: 'raw' }, /unknown key "tempo"; the keys are pitch/],
    ['an unknown pitch coding', { ...plain, pitch: 'chroma' }, /codec\.pitch: expected scalar or onehot, got "chroma"/],
    ['an unknown step coding', { ...plain, step: 'mixture' }, /codec\.step: expected raw or log or bins/],
    ['no duration', { pitch: 'onehot', step: 'raw', velocity: 'none' }, /codec\.duration: .* got nothing/],
    ['an unknown velocity coding', { ...plain, velocity: 1 }, /codec\.velocity: expected none or number or classes/],
    ['an embedding without width', { ...classes, embedding: 0 }, /codec\.embedding: expected a whole number from 1/],
    [
      'an embedding of numbers',
      { ...plain, pitch: 'scalar', embedding: 8 },
      /Give pitch as 'onehot' .*step as 'bins' .*duration as 'bins' .*velocity as 'classes' or 'none'/,
    ],
    ['a broken spread of chords', { ...plain, chords: { within: 2, spread: [] } }, /codec\.chords\.within/],
    ['an order of numbers', { ...plain, order: [...ORDER, 'velocity'] }, /must be classes. Give step as 'bins'/],
    [
      'an order without a head',
      { ...classes, order: ['step', 'pitch'] },
      /expected each of pitch, step, duration once/,
    ],
    [
      'an order with a head twice',
      { ...classes, order: [...ORDER, 'pitch'] },
      /expected each of pitch, step, duration/,
    ],
    [
      'an order with another head',
      { ...classes, order: ['step', 'pitch', 'length'] },
      /got \["step","pitch","length"\]/,
    ],
    ['bins that are missing', { ...plain, step: 'bins' }, /codec\.bins\.step is missing.*Codec\.fit/],
    ['bins that nothing asked for', { ...plain, bins: { step: bins } }, /codec\.bins\.step is given, but .* 'log'/],
    ['bins for the pitch', { ...plain, bins: { pitch: bins } }, /codec\.bins: unknown key "pitch"/],
    ['bins that are no object', { ...plain, bins: 3 }, /codec\.bins: expected an object/],
    [
      'a broken bin table',
      { ...plain, step: 'bins', bins: { step: { edges: [1], centres: [2] } } },
      /codec\.bins\.step/,
    ],
    ['an inherited name as a coding', { ...plain, pitch: 'constructor' }, /codec\.pitch/],
  ])('is refused with %s', (_, json, message) => {
    expect(() => parseCodecSpec(json)).toThrow(UsageError);
    expect(() => parseCodecSpec(json)).toThrow(message);
  });

  it('is either parsed or refused with a UsageError, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('pitch', 'step', 'bins', 'velocity', 'embedding', 'order', 'chords'),
        (value, key) => {
          for (const json of [
            value,
            { ...plain, [key]: value },
            { ...classes, [key]: value },
            { ...plain, step: 'bins', bins: { step: value } },
          ]) {
            try {
              parseCodecSpec(json);
            } catch (thrown) {
              expect(thrown).toBeInstanceOf(UsageError);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
