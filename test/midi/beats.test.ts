import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  barAfter,
  GRID,
  inBeats,
  isMeter,
  mainMeter,
  mainTempo,
  MOST_PLACES,
  onsetsOnGrid,
  PLACE_SECONDS,
  placesOf,
  QUARTER_SECONDS,
} from '../../src/midi/beats.ts';
import { joinChords } from '../../src/midi/chords.ts';
import { sustained } from '../../src/midi/pedal.ts';
import { emptyTable, noteTable, rowsOf, sliceTable, type NoteTable } from '../../src/midi/table.ts';
import type { Meter, Timing } from '../../src/midi/types.ts';
import { mulberry32 } from '../support/generators.ts';
import { anyTable } from './arbitrary-notes.ts';

/** Notes as they are written: where they start and how long they last, in places of the grid. */
interface Written {
  place: number;
  length: number;
}

const anyTempo = fc.double({ min: 20, max: 300, noNaN: true });
/** Tempos, each for some places of the grid; the last for what is left. */
const anyTempos = fc.array(fc.record({ places: fc.integer({ min: 1, max: 400 }), bpm: anyTempo }), { minLength: 1, maxLength: 6 }); // prettier-ignore
const anyWritten = fc.array(
  fc.record({ place: fc.integer({ min: 0, max: 2000 }), length: fc.integer({ min: 1, max: 500 }) }),
  { minLength: 1, maxLength: 40 },
);

/** When the places of the grid sound, and what a file says of its tempo. */
function clockOf(tempos: readonly { places: number; bpm: number }[]) {
  const changes: { place: number; seconds: number; bpm: number }[] = [];
  let [place, seconds] = [0, 0];
  for (const { places, bpm } of tempos) {
    changes.push({ place, seconds, bpm });
    place += places;
    seconds += (places / GRID) * (60 / bpm);
  }
  const secondsAt = (at: number): number => {
    const change = changes.findLast((each) => each.place <= at)!;
    return change.seconds + ((at - change.place) / GRID) * (60 / change.bpm);
  };
  const tempo = changes.map((change): [number, number] => [change.seconds, change.bpm]);
  return { secondsAt, tempo };
}

function played(written: readonly Written[], secondsAt: (place: number) => number): NoteTable {
  return noteTable(
    written.map(({ place, length }, i) => {
      return { pitch: 40 + (i % 40), velocity: 80, start: secondsAt(place), end: secondsAt(place + length) };
    }),
  );
}

const inOrder = (written: readonly Written[]) => written.toSorted((a, b) => a.place - b.place);
const meterOf = (places: number): Meter | undefined => {
  const unit = [4, 8, 16, 32].find((each) => places % ((4 * GRID) / each) === 0);
  return unit === undefined ? undefined : [(places * unit) / (4 * GRID), unit];
};

describe('music that is written on the grid', () => {
  it('comes back exactly, whatever its tempo and wherever that changes, also within a note', () => {
    fc.assert(
      fc.property(anyTempos, anyWritten, (tempos, written) => {
        const { secondsAt, tempo } = clockOf(tempos);
        const beats = inBeats(played(written, secondsAt), { tempo, meter: [] });
        const ordered = inOrder(written);
        expect([...beats.start]).toEqual(ordered.map(({ place }) => place * PLACE_SECONDS));
        expect([...beats.duration]).toEqual(ordered.map(({ length }) => length * PLACE_SECONDS));
        expect(beats.bars!.meter).toEqual([4, 4]);
        expect([...beats.bars!.place]).toEqual(ordered.map(({ place }) => place % 96));
        beats.step.forEach((step, i) => expect(step).toBe(i === 0 ? 0 : beats.start[i] - beats.start[i - 1]));
      }),
    );
    expect([QUARTER_SECONDS, GRID, PLACE_SECONDS * 48]).toEqual([0.5, 24, 1]);
  });

  it('is on the grid, where it keeps to 32nds and triplets of 16ths', () => {
    const where = fc.array(fc.constantFrom(0, 3, 4, 6, 8, 9, 12, 15, 16, 18, 20, 21), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(anyTempos, where, fc.nat(50), (tempos, places, quarter) => {
        const { secondsAt, tempo } = clockOf(tempos);
        const table = played(places.map((place) => ({ place: place + 24 * quarter, length: 6 })), secondsAt); // prettier-ignore
        expect(onsetsOnGrid(table, { tempo, meter: [] })).toBe(1);
      }),
    );
    const { secondsAt, tempo } = clockOf([{ places: 1, bpm: 90 }]);
    const half = played([{ place: 1, length: 3 }, { place: 3, length: 3 }], secondsAt); // prettier-ignore
    expect(onsetsOnGrid(half, { tempo, meter: [] })).toBe(0.5);
  });

  const METERS: Meter[] = [[2, 4], [3, 4], [4, 4], [6, 8], [12, 8], [5, 8], [2, 2], [7, 16]]; // prettier-ignore
  const anyMeter = fc.constantFrom(...METERS);

  it('knows its places in bars that change, each time signature counting from where it stands', () => {
    const sections = fc.array(fc.record({ meter: anyMeter, bars: fc.integer({ min: 8, max: 12 }) }), { minLength: 1, maxLength: 5 }); // prettier-ignore
    fc.assert(
      fc.property(sections, anyTempo, (given, bpm) => {
        const { secondsAt, tempo } = clockOf([{ places: 1, bpm }]);
        const written: Written[] = [];
        const expected: number[] = [];
        const meter: Timing['meter'] = [];
        const lengths = new Map<string, number>();
        let at = 0;
        for (const { meter: signature, bars } of given) {
          const bar = (signature[0] * 4 * GRID) / signature[1];
          meter.push([secondsAt(at), ...signature]);
          lengths.set(signature.join('/'), (lengths.get(signature.join('/')) ?? 0) + bars * bar);
          for (let place = 0; place < bars * bar; place += 6) {
            written.push({ place: at + place, length: 6 });
            expected.push(place % bar);
          }
          at += bars * bar;
        }
        const [most, second] = [...lengths.values()].sort((a, b) => b - a);
        fc.pre(second === undefined || most > second + GRID);
        const { bars } = inBeats(played(written, secondsAt), { tempo, meter });
        expect(bars!.meter.join('/')).toBe([...lengths].find(([, length]) => length === most)![0]);
        expect([...bars!.place]).toEqual(expected);
      }),
    );
  });

  it('has a pickup, a shorter first bar of its own signature, at the end of a bar', () => {
    fc.assert(
      fc.property(anyMeter, fc.integer({ min: 1, max: 95 }), anyTempo, (main, pickup, bpm) => {
        const bar = placesOf(main);
        const short = meterOf(pickup);
        fc.pre(pickup < bar && short !== undefined && short.join() !== main.join());
        const { secondsAt, tempo } = clockOf([{ places: 1, bpm }]);
        const written = Array.from({ length: 10 * bar + pickup }, (_, place) => ({ place, length: 1 }));
        const meter: Timing['meter'] = [[0, ...short!], [secondsAt(pickup), ...main]]; // prettier-ignore
        const { bars } = inBeats(played(written, secondsAt), { tempo, meter });
        expect(bars!.meter).toEqual(main);
        expect([...bars!.place]).toEqual(written.map(({ place }) => (place + bar - pickup) % bar));
      }),
    );
  });

  it('has a short last bar and the pickup after it, which complete each other, as they are counted', () => {
    // Waltzes: an upbeat of a quarter, eight bars, and the last one a quarter short; twice.
    const { secondsAt, tempo } = clockOf([{ places: 1, bpm: 72 }]);
    const lengths = [24, ...Array<number>(8).fill(72), 48, 24, ...Array<number>(8).fill(72), 48];
    const meter: Timing['meter'] = [];
    const expected: number[] = [];
    let at = 0;
    for (const [i, length] of lengths.entries()) {
      if (length !== lengths[i - 1]) meter.push([secondsAt(at), length / 24, 4]);
      for (let place = 0; place < length; place += 12) expected.push(length === 24 ? 48 + place : place);
      at += length;
    }
    const written = Array.from({ length: at / 12 }, (_, i) => ({ place: 12 * i, length: 12 }));
    const { bars } = inBeats(played(written, secondsAt), { tempo, meter });
    expect(bars!.meter).toEqual([3, 4]);
    expect([...bars!.place]).toEqual(expected);
  });

  it('goes on from place to place by its steps', () => {
    fc.assert(
      fc.property(anyTempos, anyWritten, anyMeter, (tempos, written, meter) => {
        const { secondsAt, tempo } = clockOf(tempos);
        const { length, step, bars } = inBeats(played(written, secondsAt), { tempo, meter: [[0, ...meter]] });
        for (let i = 1; i < length; i++) {
          const before = { meter, place: bars!.place[i - 1] };
          expect(barAfter(before, step[i])).toEqual({ meter, place: bars!.place[i] });
        }
      }),
    );
  });
});

describe('music that is on no grid', () => {
  it('lies on it about as often as by chance, which is every seventh time', () => {
    const random = mulberry32(7);
    const notes = Array.from({ length: 5000 }, () => ({ start: 900 * random(), pitch: 60, velocity: 80, end: 1000 }));
    for (const bpm of [40, 120, 240]) {
      const share = onsetsOnGrid(noteTable(notes), { tempo: [[0, bpm]], meter: [] });
      expect(share).toBeGreaterThan(0.12);
      expect(share).toBeLessThan(0.17);
    }
  });

  it('is moved by half a place at most, stays in order, and no note vanishes', () => {
    fc.assert(
      fc.property(anyTable, anyTempo, (table, bpm) => {
        const beats = inBeats(table, { tempo: [[0, bpm]], meter: [] });
        beats.start.forEach((start, i) => {
          const exact = (table.start[i] * bpm) / 60 / 2;
          expect(Math.abs(start - exact)).toBeLessThanOrEqual(PLACE_SECONDS / 2 + 1e-9);
          expect(beats.step[i]).toBeGreaterThanOrEqual(0);
          expect(beats.duration[i]).toBeGreaterThanOrEqual(PLACE_SECONDS);
          expect(Number.isInteger(Math.round(1e6 * beats.duration[i] * 48) / 1e6)).toBe(true);
        });
        expect([...beats.pitch, ...beats.velocity]).toEqual([...table.pitch, ...table.velocity]);
      }),
    );
  });

  it('goes up to the later place from the middle between two, ends as starts', () => {
    // At 120 a minute times stay what they are.
    const [half, three] = [0.5 / 48, 1.5 / 48];
    const table = noteTable([
      { pitch: 60, velocity: 80, start: half, end: three },
      { pitch: 62, velocity: 80, start: three, end: three + half / 2 },
    ]);
    const { start, duration } = inBeats(table);
    expect([...start].map((seconds) => seconds / PLACE_SECONDS)).toEqual([1, 2]);
    expect([...duration].map((seconds) => seconds / PLACE_SECONDS)).toEqual([1, 1]);
  });
});

describe('what a file says of its time', () => {
  const note = (start: number) => ({ pitch: 60, velocity: 80, start, end: start + 1 });

  it('is the last of two tempos at one second', () => {
    const timing: Timing = { tempo: [[0, 120], [2, 60], [2, 90]], meter: [] }; // prettier-ignore
    const { start, duration } = inBeats(noteTable([note(0), note(1), note(2), note(4)]), timing);
    expect([...start]).toEqual([0, 1, 2, 3.5]);
    expect([...duration]).toEqual([1, 1, 0.75, 0.75]);
    expect(mainTempo(timing, 10)).toBe(90);
  });

  it('has for its main tempo and signature those that last longest, all their stretches together', () => {
    const tempo: Timing['tempo'] = [[0, 60], [4, 100], [7, 60], [9, 100], [11, 80]]; // prettier-ignore
    expect([11.5, 17, 18].map((end) => mainTempo({ tempo, meter: [] }, end))).toEqual([60, 60, 80]);
    const meter: Timing['meter'] = [[0, 3, 4], [4, 4, 4], [7, 3, 4], [9, 4, 4], [20, 6, 8]]; // prettier-ignore
    expect([9.5, 30, 40].map((end) => mainMeter({ tempo, meter }, end))).toEqual([[3, 4], [4, 4], [6, 8]]); // prettier-ignore
    expect(mainMeter({ tempo, meter: [] }, 10)).toEqual([4, 4]);
  });

  it('may be nothing, and of no notes', () => {
    const none = emptyTable(0);
    expect(onsetsOnGrid(none)).toBe(0);
    expect(inBeats(none)).toEqual({ ...none, bars: { meter: [4, 4], place: new Uint8Array(0) } });
    expect(inBeats(none, { tempo: [[0, 90]], meter: [[0, 3, 4]] }).length).toBe(0);
    expect(inBeats(noteTable([note(0), note(2.5)])).bars!.place).toEqual(Uint8Array.of(0, 24));
    expect([mainTempo({ tempo: [[0, 90]], meter: [] }, 1), mainTempo({ tempo: [[0, 90]], meter: [] }, 0)]).toEqual([90, 120]); // prettier-ignore
  });

  it('has bars of 24 places a quarter, and no more than are told apart', () => {
    const meters: Meter[] = [[4, 4], [3, 4], [6, 8], [7, 16], [1, 64], [2, 1], [12, 4], [255, 1]]; // prettier-ignore
    expect(meters.map(placesOf)).toEqual([96, 72, 72, 42, 2, 192, MOST_PLACES, MOST_PLACES]);
    expect(MOST_PLACES).toBeLessThan(256);
    expect(meters.every(isMeter)).toBe(true);
    for (const wrong of [[4, 3], [0, 4], [256, 4], [4, 128], [4.5, 4], [4], [4, 4, 4], '44', null]) expect(isMeter(wrong)).toBe(false); // prettier-ignore
  });
});

describe('the bars of a table', () => {
  const beats = inBeats(
    played(
      Array.from({ length: 12 }, (_, i) => ({ place: 12 * Math.floor(i / 2), length: 12 })),
      (place) => place * PLACE_SECONDS,
    ),
    { tempo: [[0, 120]], meter: [[0, 3, 4]] },
  );
  const { meter, place } = beats.bars!;

  it('stay with its notes when some are taken', () => {
    expect(sliceTable(beats, 3, 7).bars).toEqual({ meter, place: place.slice(3, 7) });
    expect(rowsOf(beats, [1, 4, 5]).bars).toEqual({ meter, place: Uint8Array.of(place[1], place[4], place[5]) });
    expect(sliceTable(noteTable([]), 0)).not.toHaveProperty('bars');
    expect(rowsOf({ ...beats, bars: undefined }, [1])).not.toHaveProperty('bars');
  });

  it('stay with its notes when chords are ordered, keys are struck once, and the pedal is heard', () => {
    const turned = { ...beats, pitch: beats.pitch.map((pitch, i) => (i % 2 === 0 ? pitch + 7 : pitch)) };
    const joined = joinChords(turned, 0.001);
    expect(joined.length).toBe(12);
    expect(joined.bars).toEqual(beats.bars);
    const same = joinChords({ ...beats, pitch: beats.pitch.map(() => 60) }, 0.001);
    expect(same.bars).toEqual({ meter, place: place.filter((_, i) => i % 2 === 0) });
    expect(sustained(beats, Float64Array.of(0, 3)).bars).toEqual(beats.bars);
  });
});
