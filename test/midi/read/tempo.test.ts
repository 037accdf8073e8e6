import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pieceAt, secondsAt, smpteMap, tempoList, tempoMap } from '../../../src/midi/read/tempo.ts';
import { modelTimes } from '../../support/pretty-midi-model.ts';

describe('tempoMap', () => {
  it('gives the seconds of the table of every tick, bit for bit', () => {
    const change = fc.tuple(fc.nat(400), fc.oneof(fc.constantFrom(500_000, 1), fc.integer({ min: 1, max: 0xffffff })));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 32_767 }), fc.array(change, { maxLength: 8 }), (resolution, unsorted) => {
        const changes = unsorted.sort(([a], [b]) => a - b);
        const map = tempoMap(resolution, changes);
        const events = changes.map(([tick, tempo]) => ({ kind: 'tempo' as const, tick, tempo }));
        const table = modelTimes(resolution, events, 500);
        for (let tick = 0; tick <= 500; tick++) {
          const piece = map.ticks.findLastIndex((from) => from <= tick);
          // An `expect` a tick would take a second.
          if (secondsAt(map, piece, tick) !== table[tick]) expect(secondsAt(map, piece, tick)).toBe(table[tick]);
          for (let from = 0; from <= piece; from++)
            if (pieceAt(map, tick, from) !== piece) expect(pieceAt(map, tick, from)).toBe(piece);
        }
      }),
    );
  });

  it('replaces everything by a tempo at tick 0, and passes over one that changes nothing', () => {
    const map = tempoMap(96, [
      [0, 1_000_000],
      [0, 250_000],
      [96, 250_000],
      [192, 500_000],
      [192, 1_000_000],
    ]);
    expect(map).toEqual({ ticks: [0, 192, 192], scales: [1 / 384, 1 / 192, 1 / 96], seconds: [0, 0.5, 0.5] });
    expect(tempoList(map, 96)).toEqual([
      [0, 240],
      [0.5, 120],
      [0.5, 60],
    ]);
  });
});

describe('smpteMap', () => {
  it.each([
    [24, 4, 96],
    [25, 40, 1000],
    [29, 100, 2997],
    [30, 80, 2400],
  ])('has %d frames of %d ticks make %d ticks a second', (rate, ticks, perSecond) => {
    const { map, resolution } = smpteMap(rate, ticks);
    expect(secondsAt(map, 0, perSecond * 3)).toBeCloseTo(3, 12);
    // At this resolution, 120 beats a minute give the same time.
    expect(60 / (120 * resolution)).toBeCloseTo(map.scales[0], 15);
    expect(tempoList(map, resolution)).toEqual([[0, expect.closeTo(120, 10)]]);
  });
});
