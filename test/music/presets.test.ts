import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { Codec } from '../../src/midi/index.ts';
import { modelSpecFor } from '../../src/music/model-spec.ts';
import { PRESETS, resolveSettings } from '../../src/music/presets.ts';
import { parseSettings } from '../../src/music/settings.ts';
import { parameterCount } from '../../src/nn/index.ts';

describe.each(Object.entries(PRESETS))('the preset %s', (name, preset) => {
  it('is made of valid settings', () => {
    expect(parseSettings(preset)).toEqual(preset);
    expect(resolveSettings(name)).toEqual(preset);
  });

  it('can be overridden key by key and stays as it was', () => {
    const before = structuredClone(preset);
    expect(resolveSettings(name, { dropout: 0.7, clip: null })).toEqual({ ...before, dropout: 0.7, clip: null });
    expect(PRESETS[name as keyof typeof PRESETS]).toEqual(before);
  });
});

describe('the preset tutorial', () => {
  it("has the tutorial's numbers", () => {
    expect(PRESETS.tutorial).toMatchObject({
      instrument: 'first',
      pitch: 'scalar',
      step: 'raw',
      duration: 'raw',
      velocity: 'none',
      seqLength: 25,
      layers: 1,
      hiddenSize: 128,
      dropout: 0,
      lossOn: 'last',
      pitchWeight: 0.05,
      stepWeight: 1,
      durationWeight: 1,
      positivePressure: 10,
      batchSize: 64,
      epochs: 50,
      learningRate: 0.005,
      schedule: 'constant',
      patience: 5,
      clip: null,
      transpose: 0,
      tempo: 0,
      seed: 42,
    });
  });

  it('makes a model of exactly 84,354 parameters', () => {
    const { pitch, step, duration, velocity } = PRESETS.tutorial;
    const spec = modelSpecFor(new Codec({ pitch, step, duration, velocity }), PRESETS.tutorial);
    expect(parameterCount(spec)).toBe(84_354);
  });
});

describe('the preset quick', () => {
  it('reads pitch as a category, learns from every note, and can draw rhythm', () => {
    expect(PRESETS.quick).toMatchObject({ pitch: 'onehot', step: 'bins', duration: 'bins', lossOn: 'all' });
  });
});

describe('resolving settings', () => {
  it('refuses presets that there are not, even those that every object has', () => {
    for (const name of ['fast', '', 'constructor', 'toString']) {
      expect(() => resolveSettings(name)).toThrow(UsageError);
      expect(() => resolveSettings(name)).toThrow(/expected songbook, quick, performance or tutorial/);
    }
  });

  it('refuses keys and values that make no sense', () => {
    expect(() => resolveSettings('quick', { hidden: 3 })).toThrow(/unknown key "hidden"/);
    expect(() => resolveSettings('quick', { epochs: 0 })).toThrow(
      /--epochs: expected a whole number from 1 to 1,000,000/,
    );
  });
});
