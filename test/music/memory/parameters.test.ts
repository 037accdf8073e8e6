import { describe, expect, it } from 'vitest';

import {
  MATCH_PARAMETERS,
  needsStates,
  parseMemoryParameters,
  STATE_PARAMETERS,
} from '../../../src/music/memory/index.ts';

describe('the parameters of a memory', () => {
  it.each([MATCH_PARAMETERS, STATE_PARAMETERS])('come back from JSON', (parameters) => {
    expect(parseMemoryParameters(JSON.parse(JSON.stringify(parameters)))).toEqual(parameters);
  });

  it('say whether they compare states', () => {
    expect(needsStates(MATCH_PARAMETERS)).toBe(false);
    expect(needsStates(STATE_PARAMETERS)).toBe(true);
  });

  const { pitch, step } = MATCH_PARAMETERS.heads;
  it.each([
    ['nothing', null, /memory: expected an object, got null/],
    ['a list', [], /memory: expected an object/],
    ['no heads', { decay: 0.85 }, /memory\.heads: expected an object, got undefined/],
    ['a decay of 1', { decay: 1, heads: {} }, /less than 1/],
    ['an unknown head', { decay: 0.85, heads: { colour: pitch } }, /got "colour"/],
    ['a transposed step', { decay: 0.85, heads: { step: { ...step, transposed: step?.own } } }, /only pitch/],
    [
      'NaN',
      { decay: 0.85, heads: { step: { own: { ...step?.own, match: NaN } } } },
      /heads\.step\.own\.match: expected/,
    ],
    ['what overflows', { decay: 0.85, heads: { step: { own: { ...step?.own, age: 1e9 } } } }, /own\.age/],
    [
      'half the evidence',
      { decay: 0.85, heads: { step: { own: { ...step?.own, evidence: [1] } } } },
      /expected 2 numbers/,
    ],
    [
      'a negative kernel',
      { decay: 0.85, heads: { step: { own: { ...step?.own, kernel: [1, -1, 0] } } } },
      /kernel\[1\]/,
    ],
    ['an empty kernel', { decay: 0.85, heads: { step: { own: { ...step?.own, kernel: [0, 0, 0] } } } }, /above 0/],
  ])('are refused with %s', (_, json, message) => {
    expect(() => parseMemoryParameters(json)).toThrow(message);
  });
});
