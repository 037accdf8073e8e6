import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UsageError } from '../../../src/errors.ts';
import { parseCodecSpec } from '../../../src/midi/codec/spec.ts';

const plain = { pitch: 'onehot', step: 'log', duration: 'raw', velocity: true };
const bins = { edges: [0.1], centres: [0, 0.5] };

describe('a codec description', () => {
  it('survives JSON', () => {
    for (const spec of [plain, { ...plain, step: 'bins', duration: 'bins', bins: { step: bins, duration: bins } }]) {
      expect(parseCodecSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
    }
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
    ['no duration', { pitch: 'onehot', step: 'raw', velocity: false }, /codec\.duration: .* got nothing/],
    ['a velocity that is neither true nor false', { ...plain, velocity: 1 }, /codec\.velocity: expected true or false/],
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
      fc.property(fc.jsonValue(), fc.constantFrom('pitch', 'step', 'bins', 'velocity'), (value, key) => {
        for (const json of [value, { ...plain, [key]: value }, { ...plain, step: 'bins', bins: { step: value } }]) {
          try {
            parseCodecSpec(json);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(UsageError);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
