import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DataError, UsageError } from '../../../src/errors.ts';
import { Codec } from '../../../src/midi/codec/codec.ts';
import type { FitOptions, HeadValues } from '../../../src/midi/codec/codec.ts';
import { headNames } from '../../../src/midi/codec/spec.ts';
import type { NoteEvent, NoteTable } from '../../../src/midi/table.ts';
import { noteTable } from '../../../src/midi/table.ts';
import { anyTable, melody } from '../arbitrary-notes.ts';

const TUTORIAL: FitOptions = { pitch: 'scalar', step: 'raw', duration: 'raw', velocity: 'none' };
const codings = ['raw', 'log', 'bins'] as const;

const anyOptions: fc.Arbitrary<FitOptions> = fc.record({
  pitch: fc.constantFrom('scalar', 'onehot'),
  step: fc.constantFrom(...codings),
  duration: fc.constantFrom(...codings),
  velocity: fc.constantFrom('none', 'number', 'classes'),
  stepBins: fc.integer({ min: 2, max: 40 }),
  durationBins: fc.integer({ min: 2, max: 40 }),
});

const someTable = anyTable.filter(({ length }) => length > 0);

/** A codec whose heads are drawn one after another, with or without embedded inputs. */
const chainedOptions: fc.Arbitrary<FitOptions> = fc
  .record({
    velocity: fc.constantFrom('none' as const, 'classes' as const),
    embedding: fc.constantFrom(undefined, 1, 128),
    seed: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
    stepBins: fc.integer({ min: 2, max: 40 }),
  })
  .map(({ velocity, embedding, seed, stepBins }) => ({
    pitch: 'onehot',
    step: 'bins',
    duration: 'bins',
    velocity,
    ...(embedding !== undefined && { embedding }),
    order: headNames({ velocity })
      .map((name, k) => ({ name, at: seed[k] }))
      .sort((a, b) => a.at - b.at)
      .map(({ name }) => name),
    stepBins,
  }));
const anyCodec = fc.oneof(anyOptions, chainedOptions);

function eventOf(table: NoteTable, i: number): NoteEvent {
  return { pitch: table.pitch[i], step: table.step[i], duration: table.duration[i], velocity: table.velocity[i] };
}

function targetsAt(targets: Record<string, ArrayLike<number>>, i: number): HeadValues {
  return Object.fromEntries(
    Object.entries(targets).map(([name, values]) => [name, values[i]]),
  ) as unknown as HeadValues;
}

describe('a codec', () => {
  it('describes the network of the tutorial', () => {
    const { inputs, heads } = new Codec(TUTORIAL);
    expect(inputs).toEqual({ categories: [], features: ['pitch', 'step', 'duration'] });
    expect(heads).toEqual([
      { name: 'pitch', kind: 'categorical', size: 128, positive: false },
      { name: 'step', kind: 'scalar', size: 1, positive: true },
      { name: 'duration', kind: 'scalar', size: 1, positive: true },
    ]);
  });

  it('describes a network with categories, bins and velocity', () => {
    const options: FitOptions = { pitch: 'onehot', step: 'bins', duration: 'log', velocity: 'number', stepBins: 8 };
    const { inputs, heads } = Codec.fit([melody([60, 62, 64])], options);
    expect(inputs).toEqual({ categories: [{ name: 'pitch', size: 128 }], features: ['step', 'duration', 'velocity'] });
    expect(heads).toEqual([
      { name: 'pitch', kind: 'categorical', size: 128, positive: false },
      { name: 'step', kind: 'categorical', size: 2, positive: false },
      { name: 'duration', kind: 'scalar', size: 1, positive: false },
      { name: 'velocity', kind: 'scalar', size: 1, positive: false },
    ]);
  });

  it('describes a network that reads everything embedded and draws one head after another', () => {
    const { inputs, heads } = Codec.fit([melody([60, 62, 64])], {
      pitch: 'onehot',
      step: 'bins',
      duration: 'bins',
      velocity: 'classes',
      embedding: 16,
      order: ['step', 'pitch', 'duration', 'velocity'],
    });
    expect(inputs).toEqual({
      categories: [
        { name: 'pitch', size: 128, width: 16 },
        { name: 'pitchClass', size: 12, width: 16 },
        { name: 'step', size: 2, width: 16 },
        { name: 'duration', size: 1, width: 16 },
        { name: 'velocity', size: 32, width: 16 },
      ],
      features: [],
    });
    expect(heads).toEqual([
      { name: 'step', kind: 'categorical', size: 2, positive: false },
      { name: 'pitch', kind: 'categorical', size: 128, positive: false },
      { name: 'duration', kind: 'categorical', size: 1, positive: false },
      { name: 'velocity', kind: 'categorical', size: 32, positive: false },
    ]);
  });

  it('reads the classes of a note that it predicts, and the pitch class', () => {
    const notes = [
      { pitch: 61, velocity: 4, start: 0, end: 0.25 },
      { pitch: 72, velocity: 127, start: 0.5, end: 1.5 },
    ];
    const options = { pitch: 'onehot', step: 'bins', duration: 'bins', velocity: 'classes', embedding: 2 } as const;
    const { categories, features, targets } = Codec.fit([noteTable(notes)], options).encode(noteTable(notes));
    expect(categories.map((column) => [...column])).toEqual([[61, 72], [1, 0], [0, 1], [0, 1], [1, 31]]); // prettier-ignore
    expect(features).toHaveLength(0);
    expect(targets.velocity).toEqual(Int32Array.of(1, 31));
  });

  it('reads velocity as a number where only the head has classes', () => {
    const codec = new Codec({ ...TUTORIAL, velocity: 'classes' });
    const { features, targets } = codec.encode(melody([64]));
    expect(codec.inputs.features).toEqual(['pitch', 'step', 'duration', 'velocity']);
    expect(features[3]).toBe(melody([64]).velocity[0] / 128);
    expect(targets.velocity).toEqual(Int32Array.of(melody([64]).velocity[0] >> 2));
  });

  it('gives the tutorial its numbers: pitch / 128, step and duration in seconds', () => {
    const { features, targets } = new Codec(TUTORIAL).encode(melody([64, 96], 0.25));
    expect([...features]).toEqual([0.5, 0, 0.25, 0.75, 0.25, 0.25]);
    expect(targets).toEqual({
      pitch: Int32Array.of(64, 96),
      step: Float32Array.of(0, 0.25),
      duration: Float32Array.of(0.25, 0.25),
    });
  });

  it('codes step and duration each in its own way', () => {
    const mixed = { ...TUTORIAL, pitch: 'onehot' } as const;
    const rawThenLog = new Codec({ ...mixed, step: 'raw', duration: 'log' }).encode(melody([60, 61], 2));
    expect([...rawThenLog.features].map((value) => Number(value.toFixed(4)))).toEqual([0, 0.2079, 2, 0.2079]);
    const logThenRaw = new Codec({ ...mixed, step: 'log', duration: 'raw' }).encode(melody([60, 61], 2));
    expect([...logThenRaw.features].map((value) => Number(value.toFixed(4)))).toEqual([-2.0723, 2, 0.2079, 2]);
  });

  it('gives 0.3 log(max(x, 1 ms)) where times are logarithms or bins', () => {
    const note = { pitch: 60, velocity: 64, start: 2, end: 2 + Math.E };
    const codec = Codec.fit([noteTable([note])], {
      pitch: 'onehot',
      step: 'bins',
      duration: 'log',
      velocity: 'number',
    });
    const { features, categories, targets } = codec.encode(noteTable([note]));
    expect([...categories[0]]).toEqual([60]);
    expect(features[0]).toBeCloseTo(0.3 * Math.log(0.001), 6);
    expect(features[1]).toBeCloseTo(0.3, 6);
    expect(features[2]).toBe(0.5);
    expect(targets.duration[0]).toBeCloseTo(0.3, 6);
    expect([...targets.step]).toEqual([0]);
    expect([...targets.velocity]).toEqual([0.5]);
  });

  it('decodes what it encoded: pitch and velocity exactly, times to float32, bins to their centres', () => {
    fc.assert(
      fc.property(someTable, anyCodec, (table, options) => {
        const codec = Codec.fit([table], options);
        const { targets } = codec.encode(table);
        for (let i = 0; i < table.length; i++) {
          const note = eventOf(table, i);
          const back = codec.decodeNote(targetsAt(targets, i));
          expect(back.pitch).toBe(note.pitch);
          expectVelocity(back.velocity, note.velocity, options.velocity);
          expectTime(back.step, note.step, codec, 'step', targets.step[i]);
          expectTime(back.duration, note.duration, codec, 'duration', targets.duration[i]);
        }
      }),
      { numRuns: 150 },
    );
  });

  function expectVelocity(back: number, velocity: number, coding: FitOptions['velocity']): void {
    if (coding === 'classes') expect(Math.abs(back - velocity)).toBeLessThanOrEqual(2);
    else expect(back).toBe(coding === 'number' ? velocity : 100);
  }

  function expectTime(back: number, seconds: number, codec: Codec, head: 'step' | 'duration', target: number): void {
    const coding = codec.spec[head];
    if (coding === 'raw') expect(back).toBe(Math.fround(seconds));
    else if (coding === 'bins') expect(back).toBe(codec.spec.bins![head]!.centres[target]);
    // An error of half a unit of float32 in 0.3 log x, |log x| < 7, is at most 7 half units in x.
    else expect(Math.abs(back / Math.max(seconds, 0.001) - 1)).toBeLessThan(7 * 2 ** -24);
  }

  it('decodes its own notes unchanged, however often they go round', () => {
    fc.assert(
      fc.property(someTable, anyCodec, (table, options) => {
        const codec = Codec.fit([table], options);
        const first = codec.decodeNote(targetsAt(codec.encode(table).targets, 0));
        const again = noteTable([{ pitch: first.pitch, velocity: first.velocity, start: 0, end: first.duration }]);
        const second = codec.decodeNote(targetsAt(codec.encode(again).targets, 0));
        expect(second.pitch).toBe(first.pitch);
        expect(second.velocity).toBe(first.velocity);
        expect(second.duration).toBeCloseTo(first.duration, 5);
      }),
    );
  });

  it('encodes a note when generating as it encodes the row when training', () => {
    fc.assert(
      fc.property(someTable, anyCodec, (table, options) => {
        const codec = Codec.fit([table], options);
        const encoded = codec.encode(table);
        const width = codec.inputs.features.length;
        const categories = new Int32Array(codec.inputs.categories.length);
        const features = new Float32Array(width);
        for (let i = 0; i < table.length; i++) {
          codec.encodeNote(eventOf(table, i), categories, features);
          expect(features).toEqual(encoded.features.slice(i * width, (i + 1) * width));
          expect([...categories]).toEqual(encoded.categories.map((column) => column[i]));
        }
      }),
    );
  });

  it('is the same again after JSON', () => {
    fc.assert(
      fc.property(someTable, anyCodec, (table, options) => {
        const codec = Codec.fit([table], options);
        const again = new Codec(JSON.parse(JSON.stringify(codec.spec)));
        expect(again.encode(table)).toEqual(codec.encode(table));
        expect(again.heads).toEqual(codec.heads);
      }),
    );
  });

  it('encodes a piece without notes', () => {
    expect(new Codec(TUTORIAL).encode(noteTable([]))).toEqual({
      length: 0,
      categories: [],
      features: new Float32Array(0),
      targets: { pitch: new Int32Array(0), step: new Float32Array(0), duration: new Float32Array(0) },
    });
  });

  it('fits its bins on all tables together', () => {
    const options: FitOptions = { ...TUTORIAL, step: 'bins', duration: 'bins' };
    const { spec } = Codec.fit([melody([60, 62], 0.25), melody([60, 62, 64], 1)], options);
    expect(spec.bins?.step?.centres).toEqual([0, 0.25, 1]);
    expect(spec.bins?.duration?.centres).toEqual([0.25, 1]);
    expect(() => Codec.fit([], options)).toThrow(DataError);
    expect(Codec.fit([], TUTORIAL).spec).toEqual(TUTORIAL);
  });
});

describe('decoding what a network says', () => {
  it('lifts negative times to 0, brings logarithms back from below 1 ms, and stops at an hour', () => {
    const raw = new Codec(TUTORIAL);
    expect(raw.decodeNote({ pitch: 60, step: -0.2, duration: -1e30 })).toMatchObject({ step: 0, duration: 0 });
    expect(raw.decodeNote({ pitch: 60, step: 1e9, duration: 2 })).toMatchObject({ step: 3600, duration: 2 });
    const log = new Codec({ ...TUTORIAL, step: 'log', duration: 'log' });
    expect(log.decodeNote({ pitch: 60, step: -50, duration: 1e4 })).toMatchObject({ step: 0.001, duration: 3600 });
  });

  it('keeps velocity between 1 and 127, and takes 100 without a velocity head', () => {
    const codec = new Codec({ ...TUTORIAL, velocity: 'number' });
    const velocityOf = (velocity: number): number =>
      codec.decodeNote({ pitch: 0, step: 0, duration: 0, velocity }).velocity;
    expect([-3, 0, 0.5, 0.502, 5].map(velocityOf)).toEqual([1, 1, 64, 64, 127]);
    expect(new Codec(TUTORIAL).decodeNote({ pitch: 0, step: 0, duration: 0, velocity: 0.5 }).velocity).toBe(100);
  });

  it('decodes each class of velocities to one inside that sounds', () => {
    const codec = new Codec({ ...TUTORIAL, velocity: 'classes' });
    for (let velocity = 0; velocity < 128; velocity++) {
      const of = codec.decodeNote({ pitch: 0, step: 0, duration: 0, velocity: velocity >> 2 }).velocity;
      expect(of >> 2).toBe(velocity >> 2);
      expect(of).toBeGreaterThan(0);
    }
    const decode = (velocity?: number) => codec.decodeNote({ pitch: 0, step: 0, duration: 0, velocity });
    for (const wrong of [32, 0.5, undefined]) expect(() => decode(wrong)).toThrow(/velocity head, 0 to 31/);
  });

  it.each([
    ['a pitch of 128', { pitch: 128 }],
    ['half a pitch', { pitch: 3.5 }],
    ['a class that the step head lacks', { step: 2 }],
    ['a negative class', { step: -1 }],
    ['a duration of NaN', { duration: NaN }],
    ['an infinite duration', { duration: Infinity }],
    ['no velocity', { velocity: undefined }],
  ])('refuses %s', (_, wrong) => {
    const step = { edges: [0.1], centres: [0, 0.2] };
    const codec = new Codec({ pitch: 'onehot', step: 'bins', duration: 'raw', velocity: 'number', bins: { step } });
    const good = { pitch: 60, step: 1, duration: 0.5, velocity: 0.5 };
    expect(codec.decodeNote(good)).toEqual({ pitch: 60, step: 0.2, duration: 0.5, velocity: 64 });
    expect(() => codec.decodeNote({ ...good, ...wrong })).toThrow(UsageError);
  });
});

describe('encoding one note', () => {
  const note: NoteEvent = { pitch: 64, step: 0.5, duration: 0.25, velocity: 32 };

  it('leaves what lies behind its own places alone', () => {
    const features = new Float32Array(6).fill(9);
    const categories = new Int32Array(2).fill(9);
    new Codec({ ...TUTORIAL, velocity: 'number' }).encodeNote(note, categories, features);
    expect([...features]).toEqual([0.5, 0.5, 0.25, 0.25, 9, 9]);
    expect([...categories]).toEqual([9, 9]);
  });

  it('feeds the pitch back raw in compatibility with the tutorial, and only the pitch', () => {
    const features = new Float32Array(3);
    new Codec(TUTORIAL).encodeNote(note, new Int32Array(0), features, { compat: 'tutorial' });
    expect([...features]).toEqual([64, 0.5, 0.25]);
  });

  it('knows no such compatibility with pitch as a category', () => {
    const codec = new Codec({ ...TUTORIAL, pitch: 'onehot' });
    const encode = (): void => codec.encodeNote(note, new Int32Array(1), new Float32Array(2), { compat: 'tutorial' });
    expect(encode).toThrow(UsageError);
    expect(encode).toThrow(/needs a model with pitch 'scalar'; this one has 'onehot'/);
  });

  it('refuses arrays that are too short', () => {
    const codec = new Codec({ ...TUTORIAL, pitch: 'onehot' });
    expect(() => codec.encodeNote(note, new Int32Array(0), new Float32Array(2))).toThrow(UsageError);
    expect(() => codec.encodeNote(note, new Int32Array(1), new Float32Array(1))).toThrow(/room for 1 categories and 2/);
  });
});
