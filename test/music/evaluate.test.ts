import { describe, expect, it } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { noteTable, type Piece } from '../../src/midi/index.ts';
import { evaluateModel } from '../../src/music/evaluate.ts';
import { baselineOf, gridNats, noteNats } from '../../src/music/index.ts';
import type { MusicModel } from '../../src/music/music-model.ts';
import { WindowRunner } from '../../src/nn/index.ts';
import { toyModel, toyPiece, toySettings, toySong } from '../support/toy-music.ts';

const CHOICE = { backend: 'reference', threads: 1 };
const T = 8;
const PIECES = [toyPiece('a', toySong(50, 30)), toyPiece('too short', toySong(70, T)), toyPiece('b', toySong(57, 23))];

/** The loss of each head on one window, from what the window runner says and the tables of the pieces. */
function lossesOf(model: MusicModel, { table }: Piece, start: number): number[] {
  const { spec, codec, parameters } = model;
  const encoded = codec.encode(table);
  const width = codec.inputs.features.length;
  const runner = new WindowRunner(spec, parameters, T);
  runner.run(
    encoded.categories.map((column) => column.slice(start, start + T)),
    encoded.features.slice(start * width, (start + T) * width),
  );
  return spec.heads.map((head, k) => {
    const out = Array.from(runner.output(k));
    const target = encoded.targets[head.name][start + T];
    if (head.kind === 'scalar') return (out[0] - target) ** 2 + head.positivePressure * Math.max(-out[0], 0);
    return Math.log(out.reduce((sum, logit) => sum + Math.exp(logit), 0)) - out[target];
  });
}

/** Where each window of the pieces lies. */
const WINDOWS = PIECES.flatMap((piece) =>
  Array.from({ length: piece.table.length - T }, (_, start) => ({ piece, start })),
);

function meanLosses(model: MusicModel, windows: typeof WINDOWS): number[] {
  const all = windows.map(({ piece, start }) => lossesOf(model, piece, start));
  return model.spec.heads.map((_, k) => all.reduce((sum, losses) => sum + losses[k], 0) / all.length);
}

describe.each([
  ['quick', toySettings('quick', { velocity: 'number' })],
  ['tutorial', toySettings('tutorial')],
] as const)('evaluating a model like %s', (_name, settings) => {
  it('gives the mean loss of the note after each window, head by head, whatever was trained on', async () => {
    const model = await toyModel(settings);
    const { windows, loss, heads, engineName, tooShort } = await evaluateModel(model, PIECES, CHOICE);
    expect(windows).toBe(22 + 15);
    expect(tooShort, 'and which pieces have none').toEqual([PIECES[1].path]);
    expect(engineName).toBe('reference');
    const expected = meanLosses(model, WINDOWS);
    expect(heads.map(({ name }) => name)).toEqual(model.codec.heads.map(({ name }) => name));
    heads.forEach((head, k) => expect(head.loss / expected[k]).toBeCloseTo(1, 5));
    const weighted = model.spec.heads.reduce((sum, { lossWeight }, k) => sum + lossWeight * expected[k], 0);
    expect(loss / weighted).toBeCloseTo(1, 5);
  });

  it('looks at evenly spaced windows when there are more than asked for', async () => {
    const model = await toyModel(settings);
    const { windows, heads } = await evaluateModel(model, PIECES, CHOICE, 5);
    expect(windows).toBe(5);
    const spaced = [0, 1, 2, 3, 4].map((i) => WINDOWS[Math.floor((i * 37) / 5)]);
    const expected = meanLosses(model, spaced);
    heads.forEach((head, k) => expect(head.loss / expected[k]).toBeCloseTo(1, 5));
    expect((await evaluateModel(model, PIECES, CHOICE, 1000)).windows).toBe(37);
  });
});

describe('the baseline of an evaluation', () => {
  /** Thirty notes whose last 22 (those with a window before them) are of two kinds. */
  const table = noteTable(
    Array.from({ length: 30 }, (_, i) => {
      const rare = i >= T && i % 2 === 0 && i < T + 10;
      return { pitch: i < T ? 90 : rare ? 61 : 60, velocity: 80, start: i, end: i + (rare ? 0.5 : 0.25) };
    }),
  );

  it('is what the frequencies of the training pieces cost where the windows are asked', async () => {
    const model = await toyModel(toySettings('tutorial', { duration: 'bins', step: 'raw' }));
    const { heads } = await evaluateModel(model, [toyPiece('a', table)], CHOICE);
    const { pitch, step, duration } = model.frequencies as Record<string, { counts: number[]; mean: number }>;
    const all = pitch.counts.reduce((sum, count) => sum + count + 1, 0);
    const cost = (key: number) => -Math.log((pitch.counts[key] + 1) / all);
    expect(heads[0]).toMatchObject({ name: 'pitch', unit: 'nats' });
    expect(heads[0].baseline).toBeCloseTo((5 * cost(61) + 17 * cost(60)) / 22, 10);
    // Every step is a second.
    expect(heads[1]).toMatchObject({ name: 'step', unit: 'squared error' });
    expect(heads[1].baseline).toBeCloseTo((1 - step.mean) ** 2, 8);
    expect(heads[2]).toMatchObject({ name: 'duration', unit: 'nats' });
    expect(heads[2].baseline).toBeCloseTo(baselineOf(duration, model.codec.encode(table).targets.duration.slice(T)), 10); // prettier-ignore
  });

  it('is not known of a model of an earlier version', async () => {
    const model = { ...(await toyModel(toySettings('quick'))), frequencies: undefined };
    const { heads, note } = await evaluateModel(model, [toyPiece('a', table)], CHOICE);
    expect(heads.map(({ baseline }) => baseline)).toEqual([null, null, null]);
    expect(note!.baseline).toBeNull();
  });
});

describe('a whole note', () => {
  it('costs the nats of its parts together, and on a grid of 10 ms what the classes leave open', async () => {
    const model = await toyModel(toySettings('quick', { velocity: 'number' }));
    const { heads, note } = await evaluateModel(model, PIECES, CHOICE);
    const parts = heads.filter(({ name }) => name !== 'velocity');
    const nats = parts.reduce((sum, { loss }) => sum + loss, 0);
    const open = gridNats(model.codec, PIECES.map(({ table }) => table), { from: T }); // prettier-ignore
    expect(open).toBeGreaterThan(0);
    expect(note!.loss).toEqual(noteNats(nats, open));
    expect(note!.baseline!.nats).toBeCloseTo(
      parts.reduce((sum, { baseline }) => sum + baseline!, 0),
      10,
    );
  });

  it('has no nats where its times are numbers', async () => {
    expect((await evaluateModel(await toyModel(toySettings('tutorial')), PIECES, CHOICE)).note).toBeNull();
  });
});

describe('pieces into which no window fits', () => {
  it('are refused', async () => {
    const model = await toyModel(toySettings('quick'));
    const short = [toyPiece('a', toySong(60, T)), toyPiece('b', toySong(60, 0))];
    await expect(evaluateModel(model, short, CHOICE)).rejects.toThrow(DataError);
    await expect(evaluateModel(model, [], CHOICE)).rejects.toThrow(DataError);
  });
});
