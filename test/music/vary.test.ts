import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Codec, type NoteTable } from '../../src/midi/index.ts';
import { prepareData } from '../../src/music/prepare.ts';
import { tablesToFit, trainedOnCopies, varyPieces, writeVaried } from '../../src/music/vary.ts';
import { decodeCheckpoint } from '../../src/nn/index.ts';
import { Random } from '../../src/tensor/index.ts';
import { anyTable, melody } from '../midi/arbitrary-notes.ts';
import { toyCheckpoint, toySettings, toySongbook, trainToy } from '../support/toy-music.ts';

/** Room for some notes. */
function room(length: number): NoteTable {
  return melody(Array<number>(length).fill(60));
}

const variation = fc.record({
  transpose: fc.integer({ min: 0, max: 12 }),
  tempo: fc.double({ min: 0, max: 0.9, noNaN: true }),
});

describe('a varied window', () => {
  it('is moved as a whole: in range, its intervals and loudness kept, its times by one factor within bounds', () => {
    fc.assert(
      fc.property(anyTable, variation, fc.nat(), fc.nat(), fc.nat(1000), (table, varied, a, b, seed) => {
        fc.pre(table.length > 0);
        const from = a % table.length;
        const count = 1 + (b % (table.length - from));
        const stretch = room(count);
        writeVaried(table, from, varied, Random.stream(seed, 'test'), stretch);
        const given = [...table.pitch.subarray(from, from + count)];
        const semitones = stretch.pitch[0] - given[0];
        expect(Math.abs(semitones)).toBeLessThanOrEqual(varied.transpose);
        expect([...stretch.pitch]).toEqual(given.map((pitch) => pitch + semitones));
        const onPiano = (pitches: number[]) => pitches.every((pitch) => pitch >= 21 && pitch <= 108);
        if (onPiano(given)) expect(onPiano([...stretch.pitch])).toBe(true);
        expect([...stretch.velocity]).toEqual([...table.velocity.subarray(from, from + count)]);
        const long = table.duration.findIndex((seconds, i) => i >= from && i < from + count && seconds > 0.01);
        if (long < 0) return;
        const factor = stretch.duration[long - from] / table.duration[long];
        expect(factor).toBeGreaterThan(1 / (1 + varied.tempo) - 1e-9);
        expect(factor).toBeLessThan(1 + varied.tempo + 1e-9);
        for (const column of ['start', 'step', 'duration'] as const) {
          stretch[column].forEach((seconds, i) => expect(seconds).toBeCloseTo(table[column][from + i] * factor, 6));
        }
      }),
    );
  });

  /** What many draws give for a table. */
  const draws = (table: NoteTable, varied: { transpose: number; tempo: number }, count = 4000) => {
    const random = Random.stream(5, 'draws');
    const stretch = room(table.length);
    return Array.from({ length: count }, () => {
      writeVaried(table, 0, varied, random, stretch);
      return { semitones: stretch.pitch[0] - table.pitch[0], factor: stretch.duration[0] / table.duration[0] };
    });
  };

  it('comes in every key that it can, equally often', () => {
    const keysOf = (pitches: number[]) => {
      const counts = new Map<number, number>();
      for (const { semitones } of draws(melody(pitches), { transpose: 6, tempo: 0 })) {
        counts.set(semitones, (counts.get(semitones) ?? 0) + 1);
      }
      const [least, most] = [Math.min(...counts.values()), Math.max(...counts.values())];
      expect(most / least).toBeLessThan(1.6);
      return [...counts.keys()].sort((a, b) => a - b);
    };
    expect(keysOf([60, 64])).toEqual([-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6]);
    expect(keysOf([23, 60, 105])).toEqual([-2, -1, 0, 1, 2, 3]);
    // A note that no piano has.
    expect(keysOf([18, 125])).toEqual([-6, -5, -4, -3, -2, -1, 0, 1, 2]);
    expect(keysOf([0, 127])).toEqual([0]);
  });

  it('is as often slower as faster, with a logarithm that is uniform', () => {
    const logs = draws(melody([60]), { transpose: 0, tempo: 0.25 }).map(({ factor }) => Math.log(factor));
    const widest = Math.log(1.25);
    for (let part = 0; part < 4; part++) {
      const [low, high] = [(part / 2 - 1) * widest, (part / 2 - 0.5) * widest];
      const share = logs.filter((log) => log >= low && log < high).length / logs.length;
      expect(share).toBeGreaterThan(0.22);
      expect(share).toBeLessThan(0.28);
    }
  });

  it('has the numbers that the codec gives its notes', () => {
    const tables = [melody([60, 62, 64, 65, 67, 69]), melody([50, 53, 57, 62])];
    const varied = { transpose: 3, tempo: 0.2 };
    const codec = Codec.fit(tablesToFit(tables, varied), { pitch: 'onehot', step: 'bins', duration: 'log', velocity: 'classes' }); // prettier-ignore
    const vary = varyPieces(codec, tables, {}, varied)!;
    const [stretch, index, from] = [room(3), 1, 1];
    writeVaried(tables[index], from, varied, Random.stream(1, 'x'), stretch);
    expect(vary(index, from, 3, Random.stream(1, 'x'))).toEqual(codec.encode(stretch));
    // The first step of a stretch is that from the note before it, not 0.
    expect(stretch.step[0]).toBeGreaterThan(0.3);
  });

  it('is nothing where nothing is to be varied', () => {
    const codec = new Codec({ pitch: 'onehot', step: 'raw', duration: 'raw', velocity: 'none' });
    expect(varyPieces(codec, [], {}, { transpose: 0, tempo: 0 })).toBeUndefined();
  });
});

describe('what a codec is fitted on', () => {
  const tables = [melody([60, 62, 64]), melody([50, 53], 2)];

  it('are the tables themselves without changes of tempo', () => {
    expect(tablesToFit(tables, { transpose: 1, tempo: 0 })).toBe(tables);
  });

  it('are their times at both ends too', () => {
    const durations = tablesToFit(tables, { transpose: 1, tempo: 0.25 }).map(({ duration }) => duration[0]);
    expect(durations).toEqual([0.5 / 1.25, 2 / 1.25, 0.5, 2, 0.625, 2.5]);
  });

  it('is an evenly spaced part of many notes', () => {
    const many = [melody(Array<number>(500_000).fill(60)), melody([60])];
    const given = tablesToFit(many, { transpose: 1, tempo: 0.1 });
    expect(given.map(({ length }) => length)).toEqual([250_000, 1, 250_000, 1, 250_000, 1]);
    expect(given[2].start[1000]).toBe(many[0].start[2000]);
  });
});

describe('a run whose windows are varied', () => {
  const settings = toySettings('quick', { hiddenSize: 8, epochs: 2, stepsPerEpoch: 5, transpose: 3, tempo: 0.1 });
  const data = prepareData(toySongbook(), settings);

  it('goes on from any file bit for bit', async () => {
    const often = { ...settings, checkpointEvery: 2 };
    const whole = await trainToy(data, often);
    expect(whole.files.last.length).toBeGreaterThan(4);
    for (const from of whole.files.last.slice(0, -1)) {
      const rest = await trainToy(prepareData(toySongbook(), settings), often, { from });
      expect(Buffer.compare(rest.last, whole.last)).toBe(0);
    }
    expect(trainedOnCopies(decodeCheckpoint(whole.last))).toBe(false);
  });

  it('is told from one that was trained on copies', async () => {
    const { last } = await trainToy(data, settings);
    const old = decodeCheckpoint(last);
    delete old.training!.trainer.windows.varied;
    expect(trainedOnCopies(old)).toBe(true);
    const plain = await trainToy(prepareData(toySongbook(), toySettings('quick')), { ...toySettings('quick'), maxSteps: 1 }); // prettier-ignore
    expect(trainedOnCopies(decodeCheckpoint(plain.last))).toBe(false);
    expect(trainedOnCopies(await toyCheckpoint(settings)), 'without a training state').toBe(false);
  });
});
