import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { Codec } from '../../src/midi/index.ts';
import { codingsOf } from '../../src/music/codings.ts';
import { modelSpecFor, scheduleFor } from '../../src/music/model-spec.ts';
import { resolveSettings } from '../../src/music/presets.ts';
import { validateSpec } from '../../src/nn/index.ts';
import { Schedule } from '../../src/nn/schedule.ts';
import { toySong } from '../support/toy-music.ts';

describe('the network for a codec', () => {
  it("has the tutorial's three heads, pressed towards times that are not negative", () => {
    const settings = resolveSettings('tutorial');
    const spec = modelSpecFor(new Codec({ pitch: 'scalar', step: 'raw', duration: 'raw', velocity: 'none' }), settings);
    expect(spec).toEqual({
      inputs: { categories: [], features: ['pitch', 'step', 'duration'] },
      lstm: { layers: 1, hiddenSize: 128, dropout: 0 },
      heads: [
        { name: 'pitch', kind: 'categorical', size: 128, lossWeight: 0.05 },
        { name: 'step', kind: 'scalar', lossWeight: 1, positivePressure: 10 },
        { name: 'duration', kind: 'scalar', lossWeight: 1, positivePressure: 10 },
      ],
      lossOn: 'last',
    });
  });

  it('takes everything from the settings and the codec, heads in the order of the codec', () => {
    const settings = resolveSettings('quick', {
      layers: 3,
      hiddenSize: 5,
      dropout: 0.25,
      pitchWeight: 2,
      stepWeight: 3,
      durationWeight: 4,
      velocityWeight: 5,
      positivePressure: 6,
    });
    const options = { pitch: 'onehot', step: 'bins', duration: 'log', velocity: 'number', stepBins: 7 } as const;
    const codec = Codec.fit([toySong(60, 40)], options);
    const spec = modelSpecFor(codec, settings);
    expect(spec.lstm).toEqual({ layers: 3, hiddenSize: 5, dropout: 0.25 });
    expect(spec.inputs).toEqual({
      categories: [{ name: 'pitch', size: 128 }],
      features: ['step', 'duration', 'velocity'],
    });
    // The logarithm of a time, and a velocity around its mean, may be negative: no pressure there.
    expect(spec.heads).toEqual([
      { name: 'pitch', kind: 'categorical', size: 128, lossWeight: 2 },
      { name: 'step', kind: 'categorical', size: codec.spec.bins!.step!.centres.length, lossWeight: 3 },
      { name: 'duration', kind: 'scalar', lossWeight: 4, positivePressure: 0 },
      { name: 'velocity', kind: 'scalar', lossWeight: 5, positivePressure: 0 },
    ]);
    expect(spec.lossOn).toBe('all');
    expect(validateSpec(spec)).toEqual(spec);
  });

  it('chains the heads of an ordered codec, each with its own layer, and drops inputs', () => {
    const settings = resolveSettings('quick', {
      velocity: 'classes',
      embedding: 16,
      order: 'step,pitch,duration,velocity',
      headHidden: 32,
      inputDropout: 0.2,
    });
    const codec = Codec.fit([toySong(60, 40)], codingsOf(settings));
    const { inputs, heads } = modelSpecFor(codec, settings);
    expect(inputs).toEqual({ ...codec.inputs, dropout: 0.2 });
    const [step, pitch, duration, velocity] = codec.heads.map(({ name, kind, size }) => ({ name, kind, size }));
    expect(heads).toEqual([
      { ...step, lossWeight: 1, hidden: 32 },
      { ...pitch, lossWeight: 1, hidden: 32, reads: ['step'] },
      { ...duration, lossWeight: 1, hidden: 32, reads: ['step', 'pitch'] },
      { ...velocity, lossWeight: 1, hidden: 32, reads: ['step', 'pitch', 'duration'] },
    ]);
  });

  it('takes an order that names velocity also without one', () => {
    const settings = resolveSettings('quick', { order: 'step,pitch,duration,velocity' });
    expect(codingsOf(settings).order).toEqual(['step', 'pitch', 'duration']);
    expect(() => codingsOf({ ...settings, order: 'step,pitch' })).toThrow(UsageError);
    expect(() => codingsOf({ ...settings, step: 'log' })).toThrow(/Give step as 'bins' instead of 'log', or no order/);
  });

  it('is refused when a number is out of range', () => {
    const codec = new Codec({ pitch: 'scalar', step: 'raw', duration: 'raw', velocity: 'none' });
    expect(() => modelSpecFor(codec, { ...resolveSettings('tutorial'), hiddenSize: 0 })).toThrow(UsageError);
  });
});

describe('the schedule of a name', () => {
  it('is one that the trainer takes', () => {
    for (const name of ['constant', 'cosine', 'linear', 'plateau'] as const) {
      const spec = scheduleFor({ schedule: name, warmup: 0, flat: 0 });
      expect(spec.kind).toBe(name);
      expect(new Schedule(spec, 0.01, 100).rate(0)).toBeCloseTo(0.01, 12);
    }
  });

  it.each(['cosine', 'linear'] as const)('ends a %s one at a hundredth of the learning rate', (name) => {
    const schedule = new Schedule(scheduleFor({ schedule: name, warmup: 0, flat: 0 }), 0.01, 100);
    expect(schedule.rate(100)).toBeCloseTo(0.0001, 12);
  });

  it('has the warm-up and the flat part of the settings', () => {
    const schedule = new Schedule(scheduleFor({ schedule: 'linear', warmup: 10, flat: 0.5 }), 0.01, 101);
    expect(schedule.rate(0)).toBeCloseTo(0.001, 12);
    expect(schedule.rate(50)).toBeCloseTo(0.01, 12);
    expect(schedule.rate(75)).toBeCloseTo(0.01 * 0.505, 12);
    for (const name of ['constant', 'plateau'] as const) {
      expect(new Schedule(scheduleFor({ schedule: name, warmup: 4, flat: 0 }), 1, 9).rate(1)).toBe(0.5);
    }
  });
});
