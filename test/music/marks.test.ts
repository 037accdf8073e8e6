import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { Codec, type EncodedPiece, type NoteTable } from '../../src/midi/index.ts';
import { StatefulRun } from '../../src/music/drawing/note-source.ts';
import { evaluateModel } from '../../src/music/evaluate.ts';
import { candidatesFor, evaluateOnGrid } from '../../src/music/evaluation/grid-likelihood.ts';
import { classBounds, GRID_SECONDS } from '../../src/music/evaluation/common-grid.ts';
import { ModelSource } from '../../src/music/evaluation/model-source.ts';
import { evaluateWholePieces, fitMemoryFor } from '../../src/music/evaluation/whole-pieces.ts';
import { createTrainingRun, leastNotes, prepareTable, type MusicModel } from '../../src/music/index.ts';
import { marksFor, noteEvents, prepareData, windowsOf } from '../../src/music/prepare.ts';
import { trainedOnCopies, varyPieces } from '../../src/music/vary.ts';
import { decodeCheckpoint, WindowRunner } from '../../src/nn/index.ts';
import { Random } from '../../src/tensor/index.ts';
import { corpusOf, markedSettings, toyCheckpoint, toyModel, toyPiece, toySong, toySongbook, trainToy } from '../support/toy-music.ts'; // prettier-ignore

const T = 8;
const CHOICE = { backend: 'reference', threads: 1 };

const model = await toyModel(markedSettings());
const heardBy = ({ settings }: MusicModel, table: NoteTable): NoteTable => prepareTable({ table }, settings);

function softmax(logits: ArrayLike<number>): number[] {
  const exp = Array.from(logits, (logit) => Math.exp(logit));
  const sum = exp.reduce((a, b) => a + b, 0);
  return exp.map((value) => value / sum);
}

describe('preparing pieces with a beginning and an end', () => {
  it('puts as many marks before them as a window has notes, and half as many after', () => {
    expect(marksFor(model.codec, { seqLength: 8, carryState: false })).toEqual({ before: 8, after: 4 });
    expect(marksFor(model.codec, { seqLength: 9, carryState: false })).toEqual({ before: 9, after: 5 });
    const older = { ...model.codec.spec };
    delete older.ends;
    expect(marksFor(new Codec(older), { seqLength: 8, carryState: false })).toEqual({});
  });

  it('makes each note part of as many windows as any other', () => {
    const data = prepareData(toySongbook(30), markedSettings({ validation: 0, transpose: 0 }));
    expect(data.train.size).toBe(10 * (8 + 30 + 4 - T));
    const batch = data.train.createBatch(1, 'all');
    const pitch = data.codec.inputs.categories.findIndex(({ name }) => name === 'step');
    let notes = 0;
    for (let window = 0; window < data.train.size; window++) {
      data.train.fill(batch, [window]);
      notes += batch.categories[pitch].filter((step) => step !== data.codec.endClass).length;
    }
    // The last notes have fewer windows behind them: those in which little else would be left.
    expect(notes).toBe(10 * (30 * T - (T - 4) * (T - 3) / 2)); // prettier-ignore
  });

  it('judges notes alone: of the held-back side every one, from its first on, and no end', () => {
    const data = prepareData(toySongbook(30), markedSettings({ validation: 0.2 }));
    expect(data.validation!.size).toBe(2 * 30);
    const batch = data.validation!.createBatch(1, 'last');
    for (let window = 0; window < data.validation!.size; window++) {
      data.validation!.fill(batch, [window]);
      expect(batch.targets.step[0]).not.toBe(data.codec.endClass);
    }
    const again = windowsOf(data.codec, data.spec, data.validationPieces, T);
    expect(again.size).toBe(data.validation!.size);
  });

  it('takes pieces of two notes on, and names those of one', () => {
    const least = (ends: boolean, carryState = false) => leastNotes({ ends, seqLength: 48, carryState });
    expect([least(true), least(false), least(false, true)]).toEqual([2, 49, 2]);
    const pieces = [toyPiece('one', toySong(60, 1)), toyPiece('two', toySong(50, 2)), toyPiece('more', toySong(48, 5))];
    const data = prepareData(corpusOf(...pieces), markedSettings({ validation: 0 }));
    expect(data.tooShort).toEqual(['songs/one.mid']);
    expect(data.trainPieces).toHaveLength(2);
    expect(() => prepareData(corpusOf(pieces[0]), markedSettings())).toThrow(DataError);
  });

  it('knows the notes of the median piece', () => {
    const pieces = [3, 50, 7, 20, 9].map((length) => toyPiece(`of ${length}`, toySong(60, length)));
    expect(prepareData(corpusOf(...pieces), markedSettings({ validation: 0 })).codec.spec.ends).toEqual({ notes: 9 });
  });

  it('counts no end among the frequencies', () => {
    const { frequencies, codec, trainPieces } = prepareData(toySongbook(), markedSettings());
    const { counts } = frequencies.step as { counts: number[] };
    expect(counts).toHaveLength(codec.endClass! + 1);
    expect(counts[codec.endClass!]).toBe(0);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(trainPieces.reduce((sum, { table }) => sum + table.length, 0)); // prettier-ignore
  });
});

describe('time that was left to the music', () => {
  const beatless = toySongbook().pieces.map((piece, k) => {
    const start = piece.table.start.map((seconds, i) => seconds + 0.03 * Math.abs(Math.sin(17 * i + k)));
    const step = start.map((seconds, i) => (i === 0 ? 0 : seconds - start[i - 1]));
    return { ...piece, table: { ...piece.table, start, step } };
  });

  it('is counted in beats where it is written, else in seconds, and the checkpoint says so', async () => {
    for (const [corpus, time] of [[toySongbook(), 'beats'], [corpusOf(...beatless), 'seconds']] as const) {
      const settings = markedSettings();
      const data = prepareData(corpus, settings);
      expect(data.time).toBe(time);
      expect(data.codec.spec.beats !== undefined).toBe(time === 'beats');
      expect(data.trainPieces.every(({ table }) => (table.bars !== undefined) === (time === 'beats'))).toBe(true);
      const { engine, extra } = await createTrainingRun(data, settings, 'songbook', CHOICE);
      await engine.dispose();
      expect([settings.time, extra.settings.time]).toEqual(['auto', time]);
      expect((await toyModel(settings, corpus)).settings.time).toBe(time);
    } // prettier-ignore
    expect(prepareData(toySongbook(), markedSettings({ time: 'seconds' })).time).toBe('seconds');
    expect(prepareData(corpusOf(...beatless), markedSettings({ time: 'beats' })).time).toBe('beats');
  });

  it('is that of a codec that is given', () => {
    expect(prepareData(corpusOf(...beatless), markedSettings(), { codec: model.codec }).time).toBe('beats');
  });

  it('in beats has no tempo that windows could be varied in', async () => {
    const settings = markedSettings({ transpose: 0, tempo: 0.1, dropout: 0, inputDropout: 0 });
    const data = prepareData(toySongbook(), settings);
    const steps = (each: typeof data) => each.codec.spec.bins!.step!.centres;
    expect(data.train.isVaried).toBe(false);
    expect(steps(data)).toEqual(steps(prepareData(toySongbook(), { ...settings, tempo: 0 })));
    expect(prepareData(toySongbook(), { ...settings, time: 'seconds' }).train.isVaried).toBe(true);
    // Nor is such a run taken for one of copies.
    const { last } = await trainToy(data, settings);
    expect(trainedOnCopies(decodeCheckpoint(last))).toBe(false);
  });
});

describe('a varied window of a piece with marks', () => {
  const table = heardBy(model, toySong(60, 20));
  const marks = marksFor(model.codec, { seqLength: T, carryState: false });
  const moved = (semitones: number): EncodedPiece =>
    model.codec.encode({ ...table, pitch: table.pitch.map((pitch) => pitch + semitones) }, marks);
  const part = ({ categories, targets }: EncodedPiece, from: number, count: number): string =>
    JSON.stringify(
      [...categories, ...Object.values(targets)].map((column) => [...column.subarray(from, from + count)]),
    );

  it('is the window of the moved piece, at the beginning, in the middle and at the end', () => {
    const pieces = Array.from({ length: 13 }, (_, k) => moved(k - 6));
    const other = heardBy(model, toySong(50, 9));
    const vary = varyPieces(model.codec, [table, other], marks, { transpose: 6, tempo: 0 })!;
    const seen = new Set<number>();
    for (let from = 0; from + T + 1 <= pieces[0].length; from++) {
      // Another piece between, whose notes must not be left behind.
      vary(1, from % 9, T + 1, Random.stream(from, 'other'));
      const window = vary(0, from, T + 1, Random.stream(from, 'test')) as EncodedPiece;
      expect(window.length).toBe(T + 1);
      const matches = pieces.flatMap((piece, k) => (part(piece, from, T + 1) === part(window, 0, T + 1) ? [k] : []));
      expect(matches, `from ${from}`).toHaveLength(1);
      seen.add(matches[0]);
    }
    expect(seen.size).toBeGreaterThan(6);
  });

  it('is so for pieces that are shorter than a window', () => {
    const short = heardBy(model, toySong(60, 2));
    const vary = varyPieces(model.codec, [short], marks, { transpose: 6, tempo: 0 })!;
    const whole = model.codec.encode(short, marks);
    for (let from = 0; from + T + 1 <= whole.length; from++) {
      const window = vary(0, from, T + 1, Random.stream(1, 'test'));
      const steps = (piece: typeof window, at: number) => Array.from(piece.targets.step).slice(at, at + T + 1);
      expect(steps(window, 0)).toEqual(steps(whole, from));
    }
  });
});

describe('a model with ends and beats', () => {
  // As long as what is read at once with the mark before it, and a note more and less.
  const tables = [150, 7, 63, 64, 65].map((length, k) => heardBy(model, toySong(50 + k, length, k)));
  const heads = model.codec.heads.map(({ name }) => name);

  /** Reads a piece note by note, and gives what each head says of each note but the first, knowing the parts before it. */
  function* noteByNote(table: NoteTable): Generator<{ t: number; run: StatefulRun; said: number[][] }> {
    const run = new StatefulRun(model);
    const { targets } = model.codec.encode(table);
    for (const [t, note] of noteEvents(table).slice(0, -1).entries()) {
      run.feed(note);
      const said = heads.map((name, k) => {
        const p = softmax(run.output(k));
        run.choose(k, targets[name][t + 1]);
        return p;
      });
      yield { t, run, said };
    }
  }

  it('says of whole pieces what it says note by note', () => {
    const source = new ModelSource(model, tables);
    for (const [index, table] of tables.entries()) {
      source.start(index);
      for (const { t, run, said } of noteByNote(table)) {
        source.feed(t);
        source.state.forEach((h, unit) => {
          expect(h).toBeCloseTo(run.hidden[unit], 4);
        });
        heads.forEach((name, k) => {
          source.probabilities(name).forEach((p, j) => {
            expect(p).toBeCloseTo(said[k][j], 4);
          });
        });
      }
    }
  });

  it('hears the same from a beginning as from its mark', () => {
    const [first, ...rest] = noteEvents(tables[1]);
    const [told, itself] = [new StatefulRun(model), new StatefulRun(model)];
    told.begin(first.bar);
    for (const note of [first, ...rest]) {
      told.feed(note);
      itself.feed(note);
      expect([...told.hidden]).toEqual([...itself.hidden]);
    }
    itself.reset();
    itself.feed(first);
    told.reset();
    told.feed(first);
    expect([...told.hidden]).toEqual([...itself.hidden]);
  });

  const natsOf = (table: NoteTable): number[] => {
    const { targets } = model.codec.encode(table);
    const sums = heads.map(() => 0);
    for (const { t, said } of noteByNote(table)) heads.forEach((name, k) => (sums[k] -= Math.log(said[k][targets[name][t + 1]]))); // prettier-ignore
    return sums;
  };

  it('is evaluated over whole pieces by the notes after the first, with what it says of them', async () => {
    const { notes, heads: parts } = await evaluateWholePieces(model, tables, { recall: 0 });
    expect(notes).toBe(tables.reduce((sum, { length }) => sum + length - 1, 0));
    const sums = tables.map(natsOf);
    parts.forEach(({ model: nats }, k) => {
      expect(nats).toBeCloseTo(sums.reduce((sum, each) => sum + each[k], 0) / notes, 4);
    });
    const recalled = await evaluateWholePieces(model, tables, { recall: 1 });
    expect(recalled.note.model).toBeCloseTo(
      parts.reduce((sum, { model: nats }) => sum + nats, 0),
      6,
    );
    expect(Number.isFinite(recalled.note.memory)).toBe(true);
  });

  it('has a memory that can be fitted', async () => {
    const { parameters } = await fitMemoryFor(model, tables.slice(0, 2), { states: true });
    const fitted = { ...model, memory: parameters };
    const { note } = await evaluateWholePieces(fitted, tables.slice(0, 2), { notes: 60 });
    expect(note.memory).toBeLessThan(note.model);
  });

  it('is evaluated on the grid by the sum over the classes that lie there', async () => {
    const table = heardBy(model, toySong(57, 12));
    const { codec } = model;
    const bounds = { step: classBounds(codec.spec.bins!.step!), duration: classBounds(codec.spec.bins!.duration!) };
    const run = new StatefulRun(model);
    const events = noteEvents(table);
    const { targets } = codec.encode(table);
    let nats = 0;
    for (const [t, note] of events.entries()) {
      if (t > 0) {
        // The order is step, pitch, duration.
        const steps = softmax(run.output(0));
        let all = 0;
        for (const step of candidatesFor(bounds.step, note.step)) {
          run.choose(0, step.kind);
          const pitch = softmax(run.output(1))[targets.pitch[t]];
          run.choose(1, targets.pitch[t]);
          const durations = softmax(run.output(2));
          const there = candidatesFor(bounds.duration, note.duration);
          all += step.part * steps[step.kind] * pitch * there.reduce((sum, { kind, part: share }) => sum + share * durations[kind], 0); // prettier-ignore
        }
        nats -= Math.log(all);
      }
      run.feed(note);
    }
    const { notes, model: said } = await evaluateOnGrid(model, [table], { recall: 0 });
    expect(notes).toBe(11);
    expect(said).toBeCloseTo(nats / 11, 4);
    expect(GRID_SECONDS).toBe(0.01);
    // The end has no place on the grid.
    expect(codec.heads[0].size).toBe(bounds.step.length);
  });

  it('is evaluated in windows by every note, as the windows say', async () => {
    const pieces = [toyPiece('a', toySong(50, 30)), toyPiece('short', toySong(70, 3))];
    const { windows, heads: parts, tooShort, note } = await evaluateModel(model, pieces, CHOICE);
    expect([windows, tooShort]).toEqual([33, []]);
    const runner = new WindowRunner(model.spec, model.parameters, T);
    const sums = heads.map(() => 0);
    for (const { table } of pieces) {
      const { categories, targets } = model.codec.encode(heardBy(model, table), { before: T });
      for (let start = 0; start < table.length; start++) {
        runner.run(categories.map((column) => column.slice(start, start + T)), new Float32Array(0)); // prettier-ignore
        heads.forEach((name, k) => {
          sums[k] -= Math.log(softmax(runner.output(k))[targets[name][start + T]]);
          runner.choose(k, targets[name][start + T]);
        });
      }
    }
    parts.forEach(({ loss, baseline }, k) => {
      expect(loss).toBeCloseTo(sums[k] / 33, 4);
      expect(Number.isFinite(baseline)).toBe(true);
    });
    expect(note!.loss.nats).toBeCloseTo(
      parts.reduce((sum, { loss }) => sum + loss, 0),
      5,
    );
  });
});

describe('a checkpoint with ends and beats', () => {
  it('gives back its codec, its primer with bars, and its time', async () => {
    const { codec, primer, settings, data: trained } = await toyModel(markedSettings());
    const data = prepareData(toySongbook(), markedSettings());
    expect(codec.spec).toEqual(data.codec.spec);
    expect(primer).toEqual(data.primer);
    expect(primer.notes.every(({ bar }) => bar?.meter.join() === '4,4')).toBe(true);
    expect(settings).toEqual({ ...markedSettings(), time: 'beats' });
    expect(trained.train).toHaveLength(9);
  });

  it('whose primer stands at no place of a bar is refused', async () => {
    const { musicModel } = await import('../../src/music/index.ts');
    const checkpoint = await toyCheckpoint(markedSettings());
    const extra = checkpoint.extra as { primer: { notes: object[] } };
    const broken = (bar: unknown) => ({
      ...checkpoint,
      extra: { ...extra, primer: { ...extra.primer, notes: extra.primer.notes.map((note) => ({ ...note, bar })) } },
    });
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(null, 4, 'x', {}, { meter: [4, 3], place: 0 }, { meter: [4, 4], place: 96 }), fc.record({ meter: fc.constant([4, 4]), place: fc.double({ max: -1e-9, min: -1e9 }) })), // prettier-ignore
        (bar) => {
          expect(() => musicModel(broken(bar))).toThrow(/no codec for music/);
        },
      ),
    );
    expect(() => musicModel(broken({ meter: [3, 4], place: 71 }))).not.toThrow();
  });
});
