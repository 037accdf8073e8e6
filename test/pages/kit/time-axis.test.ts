import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { clampWindow, revealInWindow, TimeAxis, zoomWindow } from '../../../src/pages/kit/time-axis.ts';

/** Songs with chords: steps of which many are 0. */
const songs = fc
  .array(fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 3, noNaN: true })), { minLength: 1, maxLength: 40 })
  .map((steps) => {
    let time = 0;
    const start = steps.map((step, n) => (time += n === 0 ? 0 : step));
    return { start, seconds: time + 1 };
  });

const kinds = fc.constantFrom('seconds' as const, 'notes' as const);

test('the notes of a chord share the time until the next note', () => {
  const axis = new TimeAxis('seconds', { start: [0, 1, 1, 3], seconds: 4 });
  expect([...axis.edges]).toEqual([0, 1, 2, 3, 4]);
});

test('counted in notes, every note is as wide as the next', () => {
  const axis = new TimeAxis('notes', { start: [0, 1, 1, 3], seconds: 4 });
  expect([...axis.edges]).toEqual([0, 1, 2, 3, 4]);
  expect(axis.position(2)).toBe(2); // half way through the chord's two columns
  expect(axis.seconds(2)).toBe(2);
});

test('columns rise, and each is where its note is found', () => {
  fc.assert(
    fc.property(songs, kinds, (song, kind) => {
      const axis = new TimeAxis(kind, song);
      for (let note = 0; note < axis.notes; note++) {
        expect(axis.edges[note + 1]).toBeGreaterThan(axis.edges[note]);
        expect(axis.noteAt((axis.edges[note] + axis.edges[note + 1]) / 2)).toBe(note);
      }
      expect(axis.noteAt(axis.whole.from - 1)).toBe(0);
      expect(axis.noteAt(axis.whole.to + 1)).toBe(axis.notes - 1);
    }),
  );
});

test('seconds to positions and back is the way to where one was', () => {
  fc.assert(
    fc.property(songs, kinds, fc.double({ min: 0, max: 1, noNaN: true }), (song, kind, part) => {
      const axis = new TimeAxis(kind, song);
      const seconds = song.start[0] + part * (song.seconds - song.start[0]);
      expect(axis.seconds(axis.position(seconds))).toBeCloseTo(seconds, 6);
    }),
  );
});

test('a song without notes has an axis without columns', () => {
  const axis = new TimeAxis('seconds', { start: [], seconds: 0 });
  expect(axis.notes).toBe(0);
  expect(axis.noteAt(1)).toBe(-1);
  expect(axis.whole.to).toBeGreaterThan(axis.whole.from);
});

test('a window is moved and resized until it lies within the whole', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -50, max: 50, noNaN: true }),
      fc.double({ min: 0, max: 80, noNaN: true }),
      (from, width) => {
        const whole = { from: 0, to: 20 };
        const window = clampWindow({ from, to: from + width }, whole, 2);
        expect(window.from).toBeGreaterThanOrEqual(-1e-9);
        expect(window.to).toBeLessThanOrEqual(20 + 1e-9);
        expect(window.to - window.from).toBeGreaterThanOrEqual(2 - 1e-9);
        if (from >= 0 && width >= 2 && from + width <= 20) expect(window.from).toBeCloseTo(from, 9);
      },
    ),
  );
});

test('zooming leaves the point under the pointer where it is', () => {
  const window = zoomWindow({ from: 2, to: 10 }, 0.5, 4);
  expect(window).toEqual({ from: 3, to: 7 });
});

test('a note outside comes into sight, a visible one moves nothing', () => {
  const window = { from: 10, to: 20 };
  expect(revealInWindow(window, 14, 15, 0.1)).toBe(window);
  expect(revealInWindow(window, 30, 31, 0.1)).toEqual({ from: 22, to: 32 });
  expect(revealInWindow(window, 4, 5, 0.1)).toEqual({ from: 3, to: 13 });
});

describe('the span of a note', () => {
  it('is its own time on an axis of seconds', () => {
    const axis = new TimeAxis('seconds', { start: [0, 1, 1, 2], seconds: 3 });
    expect(axis.span(2, 1, 0.5)).toEqual([1, 1.5]);
  });

  it('on an axis of notes begins with its own column, in a chord too, fills most of it, and runs on with time', () => {
    const starts = fc
      .array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 1, maxLength: 40 })
      .map((steps) => steps.map((_, k) => steps.slice(0, k + 1).reduce((sum, step) => sum + step, 0)));
    fc.assert(
      fc.property(starts, (start) => {
        const axis = new TimeAxis('notes', { start, seconds: start[start.length - 1] + 1 });
        start.forEach((seconds, note) => {
          const [from, to] = axis.span(note, seconds, 0.01);
          expect(from).toBe(note);
          expect(to - from).toBeGreaterThanOrEqual(0.8 - 1e-9);
        });
        expect(axis.span(0, start[0], start[start.length - 1] - start[0] + 1)[1]).toBeCloseTo(start.length, 6);
      }),
    );
  });
});
