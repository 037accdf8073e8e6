import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import type { NoteTable } from '../../../src/midi/index.ts';
import {
  baselineOf,
  createMemory,
  evaluateWholePieces,
  fitMemoryFor,
  gridNats,
  parseMemoryParameters,
  type MusicModel,
} from '../../../src/music/index.ts';
import { WindowRunner } from '../../../src/nn/index.ts';
import { toyModel, toySettings, toySong } from '../../support/toy-music.ts';
import { chainedSettings } from './chained-toy.ts';

const TABLES = [toySong(50, 70), toySong(57, 9), toySong(60, 1)];

/** The mean loss of a head over all notes but the first, each from a window of everything before it. */
function meanLoss({ spec, codec, parameters }: MusicModel, name: string, tables: readonly NoteTable[]): number {
  const losses: number[] = [];
  const width = codec.inputs.features.length;
  for (const table of tables) {
    const { categories, features, targets } = codec.encode(table);
    for (let t = 1; t < table.length; t++) {
      const runner = new WindowRunner(spec, parameters, t);
      runner.run(categories.map((column) => column.slice(0, t)), features.slice(0, t * width)); // prettier-ignore
      for (const [k, head] of spec.heads.entries()) {
        if (head.name === name) {
          const out = Array.from(runner.output(k));
          losses.push(Math.log(out.reduce((sum, logit) => sum + Math.exp(logit), 0)) - out[targets[name][t]]);
          break;
        }
        runner.choose(k, targets[head.name][t]);
      }
    }
  }
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}

describe('whole pieces', () => {
  it('cost without a memory what windows of everything before each note cost', async () => {
    const model = await toyModel(chainedSettings());
    const { pieces, notes, heads, note, grid } = await evaluateWholePieces(model, TABLES, { recall: 0 });
    expect([pieces, notes]).toEqual([3, 69 + 8]);
    expect(heads.map(({ name }) => name)).toEqual(['step', 'pitch', 'duration', 'velocity']);
    for (const { name, model: loss, memory } of heads) {
      expect(loss / meanLoss(model, name, TABLES), name).toBeCloseTo(1, 5);
      expect(memory).toBeUndefined();
    }
    expect(note).toMatchObject({ notes, model: expect.closeTo(heads.reduce((sum, { model }) => sum + model, 0), 10) as number }); // prettier-ignore
    expect(note).not.toHaveProperty('memory');
    expect(grid).toBe(gridNats(model.codec, TABLES));
  });

  it('stand beside what the frequencies of the training pieces cost on the same notes', async () => {
    const model = await toyModel(chainedSettings());
    const { heads, note } = await evaluateWholePieces(model, TABLES, { recall: 0, notes: 20 });
    for (const { name, baseline } of heads) {
      const targets = TABLES.flatMap((table) => Array.from(model.codec.encode(table).targets[name]).slice(1, 20));
      expect(baseline).toBeCloseTo(baselineOf(model.frequencies![name], targets), 12);
    }
    expect(note.baseline).toBeCloseTo(
      heads.reduce((sum, { baseline }) => sum + baseline!, 0),
      10,
    );
    const older = { ...model, frequencies: undefined };
    const unknown = await evaluateWholePieces(older, TABLES, { recall: 0 });
    expect([unknown.note.baseline, ...unknown.heads.map(({ baseline }) => baseline)]).toEqual(Array(5).fill(null));
  });

  it('are read to the note that is asked for, and by position', async () => {
    const model = await toyModel(chainedSettings());
    const all = await evaluateWholePieces(model, TABLES, { recall: 0 });
    const some = await evaluateWholePieces(model, TABLES, { recall: 0, notes: 64 });
    expect(some.notes).toBe(63 + 8);
    expect(some.grid).toBe(gridNats(model.codec, TABLES, { to: 64 }));
    expect(some.note.positions).toEqual([all.note.positions[0]]);
    expect(all.note.positions.map(({ from, to, notes }) => [from, to, notes])).toEqual([[1, 64, 71], [64, 256, 6]]); // prettier-ignore
    const { positions, model: mean, notes } = all.note;
    expect(positions.reduce((sum, at) => sum + at.notes * at.model, 0) / notes).toBeCloseTo(mean, 10);
  });

  it('cost less with a memory where they repeat themselves, and the model alone costs what it did', async () => {
    const model = await toyModel(chainedSettings());
    const without = await evaluateWholePieces(model, TABLES, { recall: 0 });
    const { heads, note } = await evaluateWholePieces(model, TABLES);
    heads.forEach((head, k) => expect(head.model).toBe(without.heads[k].model));
    expect(note.memory!).toBeLessThan(note.model);
    expect(note.memory).toBeCloseTo(
      heads.reduce((sum, { memory = 0 }) => sum + memory, 0),
      10,
    );
  });

  it('leave loudness out where it is a number', async () => {
    const model = await toyModel(toySettings('quick', { velocity: 'number' }));
    const { heads } = await evaluateWholePieces(model, TABLES, { recall: 0 });
    expect(heads.map(({ name }) => name)).toEqual(['pitch', 'step', 'duration']);
  });

  it('are not for models of numbers, nor for no notes', async () => {
    const numbers = await toyModel(toySettings('tutorial'));
    await expect(evaluateWholePieces(numbers, TABLES)).rejects.toThrow(/squared errors are no nats/);
    const model = await toyModel(chainedSettings());
    await expect(evaluateWholePieces(model, [toySong(50, 1)])).rejects.toThrow(UsageError);
  });
});

describe('a memory that is fitted to a model', () => {
  it('is worth at least what the defaults are on music that repeats itself, and can be kept', async () => {
    const model = await toyModel(chainedSettings());
    const tables = [50, 55, 60].map((key) => toySong(key, 150));
    const { parameters, heads } = await fitMemoryFor(model, tables);
    expect(heads.map(({ name }) => name)).toEqual(['step', 'pitch', 'duration', 'velocity']);
    expect(parseMemoryParameters(JSON.parse(JSON.stringify(parameters)))).toEqual(parameters);
    const before = await evaluateWholePieces(model, tables);
    const after = await evaluateWholePieces({ ...model, memory: parameters }, tables);
    expect(after.note.memory!).toBeLessThan(before.note.memory!);
    expect(createMemory({ ...model, memory: parameters }, {})).toBeDefined();
  });

  it('is the same whenever it is fitted', async () => {
    const model = await toyModel(chainedSettings());
    const tables = [toySong(50, 40)];
    expect(await fitMemoryFor(model, tables)).toEqual(await fitMemoryFor(model, tables));
  });
});
