import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMidi } from '../../../src/midi/read/read-midi.ts';
import { countedByTone } from '../../support/bars.ts';
import * as midi from '../../support/midi-bytes.ts';

/** A change of meter or of tempo in one track. */
interface Change {
  tick: number;
  beats: number;
  power: number;
  tempo?: number;
}

const change = fc.record(
  { tick: fc.nat(60), beats: fc.integer({ min: 1, max: 3 }), power: fc.nat(6), tempo: fc.integer({ min: 1e5, max: 1e6 }) },
  { requiredKeys: ['tick', 'beats', 'power'] },
); // prettier-ignore
const tracks = fc.array(
  fc.array(change, { maxLength: 12 }).map((changes) => changes.sort((a, b) => a.tick - b.tick)),
  { minLength: 1, maxLength: 3 },
);

function bytesOf(changes: Change[][]): Uint8Array {
  return midi.midiFile(
    changes.map((track) =>
      track.map(({ tick, beats, power, tempo }, i) => {
        const delta = tick - (track[i - 1]?.tick ?? 0);
        return tempo === undefined ? midi.meter(delta, beats, power) : midi.tempo(delta, tempo);
      }),
    ),
  );
}

/** The seconds of every tick, counted tick by tick. */
function secondsOfTicks(changes: Change[][]): number[] {
  const seconds = [0];
  let scale = 500_000;
  for (let tick = 0; tick < 61; tick++) {
    for (const track of changes) for (const each of track) if (each.tick === tick) scale = each.tempo ?? scale;
    seconds.push(seconds[tick] + scale / 1e6 / 96);
  }
  return seconds;
}

describe('the time signatures of a file', () => {
  it('are in force from their tick on, whatever track they stand in and however the tempo changes', () => {
    fc.assert(
      fc.property(tracks, (changes) => {
        const { meter } = readMidi(bytesOf(changes));
        const seconds = secondsOfTicks(changes);
        let expected: number[] = [];
        for (let tick = 0; tick <= 60; tick++) {
          for (const track of changes)
            for (const each of track)
              if (each.tick === tick && each.tempo === undefined) expected = [each.beats, 2 ** each.power];
          const found = meter.findLast(([from]) => from < seconds[tick] + 1e-9)?.slice(1) ?? [];
          if (String(found) !== String(expected)) expect(found, `tick ${tick}`).toEqual(expected);
        }
        // None that changes nothing, none twice at one time.
        for (const [i, [second, ...value]] of meter.entries()) {
          expect(second).toBeGreaterThan(meter[i - 1]?.[0] ?? -1);
          expect(value).not.toEqual(meter[i - 1]?.slice(1));
        }
      }),
    );
  });

  it('stand where another reader begins bars', () => {
    const tempos = [midi.tempo(0, 500_000), midi.tempo(96, 300_000)];
    const timing = [
      midi.meter(0, 3, 2),
      ...tempos,
      midi.meter(480, 6, 3),
      midi.tempo(0, 400_000),
      midi.meter(576, 4, 2),
    ];
    const bytes = midi.midiFile([timing, [midi.noteOn(0, 60), midi.noteOff(1536, 60)]]);
    const { bars, meter } = countedByTone(bytes);
    expect(bars.map(({ quarter }) => quarter)).toEqual([0, 3, 6, 9, 12]);
    expect(meter.map(([, ...rest]) => rest)).toEqual([[3, 4], [6, 8], [4, 4]]); // prettier-ignore
    expect(readMidi(bytes).meter).toEqual(meter.map(([from, ...rest]) => {
      return [expect.closeTo(bars.find(({ quarter }) => quarter === from)!.seconds, 9), ...rest];
    })); // prettier-ignore
  });

  it('are none where the file says none', () => {
    expect(readMidi(midi.midiFile([[midi.noteOn(0, 60), midi.noteOff(9, 60)]])).meter).toEqual([]);
  });

  it('are read across packets', () => {
    const many = Array.from({ length: 3000 }, (_, i) => midi.meter(i === 0 ? 0 : 96, 2 + (i % 2), 2));
    expect(readMidi(midi.midiFile([many])).meter).toEqual(many.map((_, i) => [i / 2, 2 + (i % 2), 4]));
  });
});
