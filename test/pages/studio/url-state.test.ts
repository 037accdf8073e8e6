import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownQuantities } from '../../../src/pages/studio/phrase.ts';
import { INITIAL_STATE, PRESET_NAMES, type StudioState } from '../../../src/pages/studio/state.ts';
import { decodeState, encodeState } from '../../../src/pages/studio/url-state.ts';

const temperature = fc.double({ min: 0.01, max: 100, noNaN: true });
const states: fc.Arbitrary<StudioState> = fc.record({
  preset: fc.constantFrom(...PRESET_NAMES),
  overrides: fc.record(
    {
      seed: fc.integer({ min: 100, max: 1e9 }),
      hiddenSize: fc.integer({ min: 300, max: 500 }),
      learningRate: fc.double({ min: 0.01, max: 1, noNaN: true }),
      velocity: fc.constant('number'),
      step: fc.constant('log' as const),
      files: fc.integer({ min: 1, max: 9 }),
      instrument: fc.constantFrom('program:40', 'name:left & right', 'drums'),
      checkpointEvery: fc.integer({ min: 1, max: 9 }),
    },
    { requiredKeys: [] },
  ),
  threads: fc.oneof(fc.constant('auto' as const), fc.integer({ min: 1, max: 256 })),
  view: fc.record({
    piece: fc.string(),
    from: fc.nat(1000),
    count: fc.integer({ min: 2, max: 512 }),
    layer: fc.nat(15),
    unit: fc.nat(8191),
    at: fc.nat(511),
    quantity: fc.constantFrom(...shownQuantities('lstm'), ...shownQuantities('gru')),
  }),
  play: fc.record({
    primer: fc.string(),
    typed: fc.string(),
    notes: fc.option(fc.integer({ min: 1, max: 1e6 })),
    tempo: fc.option(fc.double({ min: 4, max: 60_000, noNaN: true })),
    seconds: fc.option(fc.double({ min: 0.1, max: 3600, noNaN: true })),
    seed: fc.nat(),
    temperature,
    timeTemperature: temperature,
    stepTemperature: fc.option(temperature),
    durationTemperature: fc.option(temperature),
    topP: fc.double({ min: 0.01, max: 1, noNaN: true }),
    recall: fc.option(fc.double({ min: 0, max: 10, noNaN: true })),
    budget: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  }),
});

describe('the state in the address', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(states, (state) => {
        const { state: read, problems } = decodeState(`#${encodeState(state)}`);
        expect(problems).toEqual([]);
        expect(read).toEqual({ ...state, view: { ...state.view }, play: { ...state.play } });
      }),
    );
  });

  it('is empty for a fresh page', () => {
    expect(encodeState(INITIAL_STATE)).toBe('');
    expect(decodeState('')).toEqual({ state: INITIAL_STATE, problems: [] });
  });

  it('names settings as the command line does', () => {
    const { state } = decodeState('#hidden-size=64&clip=none&velocity=classes&sustain=true&play-top-p=0.9');
    expect(state.overrides).toEqual({ hiddenSize: 64, clip: null, velocity: 'classes', sustain: true });
    expect(state.play.topP).toBe(0.9);
  });

  it.each([
    ['hidden-size=many', /hidden-size in the address: expected a whole number .*, got “many”/],
    ['preset=best', /expected one of auto, songbook, quick, performance, tutorial, got “best”/],
    ['play-temperature=0', /expected a number above 0/],
    ['play-recall=11', /expected a number from 0 to 10, got “11”/],
    ['play-budget=', /expected a number from 0 to 1/],
    ['view-quantity=x', /expected one of i, f, g, o, r, z, n, c, h/],
    ['threads=0', /expected a whole number from 1 to 256/],
    ['colour=red', /knows nothing of that name/],
  ])('leaves out %s, and says why', (text, sentence) => {
    const { state, problems } = decodeState(`#${text}&seed=7`);
    expect(state).toEqual({ ...INITIAL_STATE, overrides: { seed: 7 } });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(sentence);
  });

  it('survives whatever stands in an address', () => {
    fc.assert(fc.property(fc.string(), (text) => void decodeState(`#${text}`)));
  });
});
