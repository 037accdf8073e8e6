import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { PLACE_SECONDS, placesOf } from '../../../src/midi/beats.ts';
import { Codec, type FitOptions } from '../../../src/midi/codec/codec.ts';
import { parseCodecSpec } from '../../../src/midi/codec/spec.ts';
import { noteTable, type NoteEvent, type NoteTable } from '../../../src/midi/table.ts';
import type { Meter } from '../../../src/midi/types.ts';

const METERS: Meter[] = [[3, 4], [4, 4], [6, 8]]; // prettier-ignore

/** A table in beats: pitches, and for each note how many places it comes after the one before. */
function inBars(notes: readonly { pitch: number; places: number }[], meter: Meter, first = 0): NoteTable {
  let at = 0;
  const place: number[] = [];
  const rows = notes.map(({ pitch, places }, i) => {
    if (i > 0) at += places;
    place.push((first + at) % placesOf(meter));
    const start = at * PLACE_SECONDS;
    return { pitch, velocity: 80, start, end: start + 0.25 };
  });
  return { ...noteTable(rows), bars: { meter, place: Uint8Array.from(place) } };
}

const someTable = fc
  .record({
    notes: fc.array(fc.record({ pitch: fc.nat(127), places: fc.constantFrom(0, 6, 12, 24, 48) }), { minLength: 1, maxLength: 20 }), // prettier-ignore
    meter: fc.constantFrom(...METERS),
    first: fc.nat(71),
  })
  .map(({ notes, meter, first }) => inBars(notes, meter, first));

const BEATS = { tempo: 100, meters: METERS };
const CHAINED: FitOptions = {
  pitch: 'onehot',
  step: 'bins',
  duration: 'bins',
  velocity: 'none',
  embedding: 4,
  order: ['step', 'pitch', 'duration'],
  beats: BEATS,
  ends: { notes: 40 },
};
const PLAIN: FitOptions = { pitch: 'onehot', step: 'bins', duration: 'bins', velocity: 'none' };
const ONE = inBars([{ pitch: 60, places: 0 }, { pitch: 62, places: 24 }, { pitch: 64, places: 12 }], [4, 4], 48); // prettier-ignore

const namesOf = ({ inputs }: Codec) => inputs.categories.map(({ name, size }) => `${name} ${size}`);
const column = (codec: Codec, name: string) => codec.inputs.categories.findIndex((each) => each.name === name);

function eventOf(table: NoteTable, i: number): NoteEvent {
  const { pitch, step, duration, velocity, bars } = table;
  const event = { pitch: pitch[i], step: step[i], duration: duration[i], velocity: velocity[i] };
  return bars ? { ...event, bar: { meter: bars.meter, place: bars.place[i] } } : event;
}

describe('a codec that counts beats', () => {
  it('hears the place in the bar and, where there are several, the time signature', () => {
    expect(namesOf(Codec.fit([ONE], CHAINED))).toEqual(expect.arrayContaining(['place 96', 'meter 3']));
    const waltz = Codec.fit([ONE], { ...PLAIN, beats: { tempo: 100, meters: [[3, 4]] } });
    expect(namesOf(waltz)).toEqual(['pitch 128', 'place 72']);
    expect(namesOf(Codec.fit([ONE], { ...PLAIN, pitch: 'scalar', beats: BEATS }))).toEqual(['place 96', 'meter 3']);
  });

  it('reads them of each note, the same in a piece as one by one', () => {
    fc.assert(
      fc.property(someTable, fc.constantFrom(CHAINED, { ...PLAIN, beats: BEATS }), (table, options) => {
        const codec = Codec.fit([table], options);
        const { categories } = codec.encode(table);
        const { meter, place } = table.bars!;
        expect([...categories[column(codec, 'place')]]).toEqual([...place]);
        expect(new Set(categories[column(codec, 'meter')])).toEqual(new Set([METERS.findIndex((each) => each.join() === meter.join())])); // prettier-ignore
        const row = new Int32Array(codec.inputs.categories.length);
        const features = new Float32Array(codec.inputs.features.length);
        for (let i = 0; i < table.length; i++) {
          codec.encodeNote(eventOf(table, i), row, features);
          expect([...row]).toEqual(categories.map((classes) => classes[i]));
        }
      }),
    );
  });

  it('takes what it does not know for what it knows: other bars, longer bars, none', () => {
    const codec = Codec.fit([ONE], CHAINED);
    const read = (bar: NoteEvent['bar']) => {
      const row = new Int32Array(codec.inputs.categories.length);
      codec.encodeNote({ pitch: 60, step: 0, duration: 0.5, velocity: 80, ...(bar && { bar }) }, row, new Float32Array(0)); // prettier-ignore
      return [row[column(codec, 'place')], row[column(codec, 'meter')]];
    };
    expect(read(undefined)).toEqual([0, 0]);
    expect(read({ meter: [5, 4], place: 119 })).toEqual([95, 0]);
    expect(read({ meter: [6, 8], place: 36 })).toEqual([36, 2]);
  });
});

describe('a codec that knows ends', () => {
  const codec = Codec.fit([ONE], CHAINED);
  const endClass = codec.endClass!;

  it('has a class of steps behind the others for the end, which is no note', () => {
    expect(endClass).toBe(codec.spec.bins!.step!.centres.length);
    expect(codec.heads.map(({ name, size }) => [name, size])).toEqual([
      ['step', endClass + 1],
      ['pitch', 128],
      ['duration', codec.spec.bins!.duration!.centres.length],
    ]);
    expect(() => codec.decodeNote({ pitch: 60, step: endClass, duration: 0 })).toThrow(/a class of the step head/);
    expect(Codec.fit([ONE], { ...CHAINED, ends: undefined }).endClass).toBeUndefined();
    expect(Codec.fit([ONE], PLAIN).endClass).toBeUndefined();
  });

  it('puts marks before the first note, where its bar is, and after the last', () => {
    fc.assert(
      fc.property(someTable, fc.nat(5), fc.nat(5), (table, before, after) => {
        const fitted = Codec.fit([table], CHAINED);
        const plain = fitted.encode(table);
        const marked = fitted.encode(table, { before, after });
        expect(marked.length).toBe(before + table.length + after);
        const rowsOf = (piece: typeof plain, row: number) => piece.categories.map((classes) => classes[row]);
        const said = (piece: typeof plain, row: number) => fitted.heads.map(({ name }) => piece.targets[name][row]);
        for (let i = 0; i < table.length; i++) {
          expect(rowsOf(marked, before + i)).toEqual(rowsOf(plain, i));
          expect(said(marked, before + i)).toEqual(said(plain, i));
        }
        const { place } = table.bars!;
        for (let row = 0; row < marked.length; row++) {
          if (row >= before && row < before + table.length) continue;
          const at = rowsOf(marked, row);
          expect(at[column(fitted, 'step')]).toBe(fitted.endClass);
          expect(at[column(fitted, 'place')]).toBe(row < before ? place[0] : place[table.length - 1]);
          expect(at[column(fitted, 'meter')]).toBe(plain.categories[column(fitted, 'meter')][0]);
          expect(said(marked, row)).toEqual([fitted.endClass, 0, 0]);
        }
      }),
    );
  });

  it('hears before a note what is written before it', () => {
    fc.assert(
      fc.property(someTable, (table) => {
        const fitted = Codec.fit([table], CHAINED);
        const row = new Int32Array(fitted.inputs.categories.length);
        fitted.encodeStart(eventOf(table, 0).bar, row);
        expect([...row]).toEqual(fitted.encode(table, { before: 1 }).categories.map(([first]) => first));
      }),
    );
    const withoutBars = Codec.fit([ONE], { ...CHAINED, beats: undefined });
    const row = new Int32Array(withoutBars.inputs.categories.length);
    withoutBars.encodeStart(undefined, row);
    expect([...row]).toEqual(withoutBars.encode({ ...ONE, bars: undefined }, { before: 1 }).categories.map(([first]) => first)); // prettier-ignore
  });

  it('refuses marks where it knows none', () => {
    const without = Codec.fit([ONE], PLAIN);
    expect(() => without.encode(ONE, { before: 1 })).toThrow(UsageError);
    expect(() => without.encode(ONE, { after: 2 })).toThrow(/knows no beginning and no end .*--ends/);
    expect(() => {
      without.encodeStart(undefined, new Int32Array(4));
    }).toThrow(/--ends/);
    expect(without.encode(ONE, {})).toEqual(without.encode(ONE));
  });
});

describe('a description with beats and ends', () => {
  const { spec } = Codec.fit([ONE], CHAINED);

  it('survives JSON, and makes the same codec', () => {
    const again = new Codec(parseCodecSpec(JSON.parse(JSON.stringify(spec))));
    expect(again.spec).toEqual(spec);
    expect(again.encode(ONE, { before: 2, after: 1 })).toEqual(new Codec(spec).encode(ONE, { before: 2, after: 1 }));
  });

  it('of older files has neither, and the codec is what it was', () => {
    const older = { ...spec };
    delete older.beats;
    delete older.ends;
    const codec = new Codec(older);
    expect(namesOf(codec)).toEqual(['pitch 128', 'pitchClass 12', `step ${spec.bins!.step!.centres.length}`, `duration ${spec.bins!.duration!.centres.length}`]); // prettier-ignore
    expect(codec.heads[0].size).toBe(spec.bins!.step!.centres.length);
    expect(codec.encode(ONE)).toEqual(codec.encode({ ...ONE, bars: undefined }));
  });

  it.each([
    ['beats that are none', { beats: 120 }, /codec\.beats: expected an object, got 120/],
    ['beats with more in them', { beats: { ...BEATS, swing: 1 } }, /codec\.beats: unknown key "swing"/],
    [
      'no tempo',
      { beats: { meters: METERS } },
      /codec\.beats\.tempo: expected 4 to 60000 quarters a minute, got nothing/,
    ],
    ['a tempo that no file can say', { beats: { ...BEATS, tempo: 1 } }, /4 to 60000 quarters a minute, got 1/],
    [
      'no time signature',
      { beats: { tempo: 100, meters: [] } },
      /codec\.beats\.meters: expected time signatures such as \[\[3, 4\]/,
    ],
    ['a time signature of thirds', { beats: { tempo: 100, meters: [[4, 3]] } }, /got \[\[4,3\]\]/],
    [
      'more of them than there are',
      { beats: { tempo: 100, meters: Array(65).fill([4, 4]) } },
      /time signatures such as/,
    ],
    ['ends that are none', { ends: true }, /codec\.ends: expected an object, got true/],
    ['ends with more in them', { ends: { notes: 3, bars: 2 } }, /codec\.ends: unknown key "bars"/],
    ['half a note', { ends: { notes: 1.5 } }, /codec\.ends\.notes: expected a whole number of notes, got 1.5/],
    [
      'ends after another head',
      { order: ['pitch', 'step', 'duration'] },
      /Give an embedding, and an order that begins with step; or no ends/,
    ],
    [
      'ends without an order',
      { order: undefined },
      /Give an embedding, and an order that begins with step; or no ends/,
    ],
    ['ends without an embedding', { embedding: undefined }, /Give an embedding/],
    ['too few velocities', { beats: { ...BEATS, loudness: [1, 2, 3] } }, /loudness: expected 22 velocities/],
    [
      'velocities that are none',
      { beats: { ...BEATS, loudness: Array(22).fill(128) } },
      /loudness: expected 22 velocities/,
    ],
  ])('is refused with %s, and what to do is said', (_what, changes, message) => {
    // prettier-ignore
    const parse = () => parseCodecSpec({ ...spec, ...changes });
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
  });
});
