import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMidi } from '../../src/midi/index.ts';
import { loadCorpus } from '../../src/midi/node.ts';
import { noteName } from '../../src/midi/note-names.ts';
import {
  createTrainingRun,
  generateNotes,
  instrumentOf,
  MATCH_PARAMETERS,
  midiOf,
  musicModel,
  noteEvents,
  prepareData,
  resolveSettings,
} from '../../src/music/index.ts';
import { decodeCheckpoint, encodeCheckpoint, ProbedModel, recordModel } from '../../src/nn/index.ts';
import { createKernels, HeapArena, ReferenceKernels } from '../../src/tensor/index.ts';
import { draw } from '../../src/studio/engine/draw.ts';
import { joinChords } from '../../src/midi/chords.ts';
import { MusicLibrary } from '../../src/studio/engine/music-library.ts';
import { Session } from '../../src/studio/engine/session.ts';
import { Watcher } from '../../src/studio/engine/watcher.ts';
import type { EngineCalls, EngineEvents, MusicFile, PlayRequest } from '../../src/studio/protocol.ts';
import { addDrawn, describeDrawn, isCopy } from '../../src/studio/drawn-notes.ts';
import { INITIAL_STATE } from '../../src/studio/state.ts';

const folder = resolve(import.meta.dirname, '../../data/songbook');
const files: MusicFile[] = readdirSync(folder)
  .filter((name) => name.endsWith('.mid'))
  .map((name) => ({ path: `songbook/${name}`, bytes: readFileSync(join(folder, name)) }));
const settings = resolveSettings('quick', {
  hiddenSize: 6,
  batchSize: 4,
  seqLength: 8,
  stepsPerEpoch: 3,
  epochs: 3,
  validationWindows: 8,
});
/** As the preset performance, but small: everything embedded, the heads in a chain, the end by steps. */
const performance = resolveSettings('performance', {
  hiddenSize: 7,
  embedding: 5,
  headHidden: 6,
  layers: 2,
  bins: 12,
  batchSize: 4,
  seqLength: 8,
  stepsPerEpoch: 3,
  maxSteps: 6,
  validationWindows: 8,
});
const ENGINE = { threads: 1, backend: 'reference' } as const;
const REQUEST = { preset: 'quick', settings, ...ENGINE };

type Told = { [E in keyof EngineEvents]: { event: E; detail: EngineEvents[E] } }[keyof EngineEvents];

/** How music is drawn unless somebody says. */
const PLAIN: PlayRequest = { ...INITIAL_STATE.play, temperatures: {}, topK: 0, primer: undefined };

/** A session over the songbook, what it tells, and a wait for an event. */
async function startSession(request: EngineCalls['prepare']['request'] = REQUEST) {
  const told: Told[] = [];
  let heard: (() => void) | undefined;
  const session = new Session((event, detail) => {
    told.push({ event, detail } as Told);
    heard?.();
  });
  const until = async (event: keyof EngineEvents): Promise<void> => {
    while (!told.some((each) => each.event === event)) await new Promise<void>((resolve) => (heard = resolve));
    told.splice(0, told.findIndex((each) => each.event === event) + 1);
  };
  session.loadMusic({ files, settings });
  await session.prepare(request);
  return { session, told, until };
}

describe('the session of the engine', () => {
  it('trains as the library does, number for number, whatever the pauses', async () => {
    const corpus = await loadCorpus([folder], { minNotes: settings.seqLength + 1 });
    const data = prepareData(corpus, settings);
    const { engine, trainer } = await createTrainingRun(data, settings, 'quick', ENGINE);
    await trainer.run();
    const expected = await trainer.checkpoint();
    await engine.dispose();

    const { session, until } = await startSession();
    for (const steps of [1, 1, 3]) {
      session.train(steps);
      await until('paused');
    }
    session.train(null);
    await until('ended');
    const training = decodeCheckpoint(await session.save()).training!;
    expect(training.trainer).toEqual(expected.training!.trainer);
    expect(training.engine).toEqual(expected.training!.engine);
    await session.close();
  });

  it('takes as many steps as were asked for, and tells of each', async () => {
    const { session, told, until } = await startSession();
    session.train(2);
    while (!told.some(({ event }) => event === 'paused')) await new Promise((resolve) => setTimeout(resolve, 5));
    const steps = told.flatMap((each) => (each.event === 'steps' ? each.detail : []));
    expect(steps.map(({ step }) => step)).toEqual([1, 2]);
    expect(steps[0].losses).toHaveLength(3);
    await until('paused');
    await session.close();
  });

  it('opens what it saved, and goes on where that stood', async () => {
    const { session, until } = await startSession();
    session.train(4);
    await until('paused');
    const bytes = await session.save();
    session.train(1);
    await until('paused');
    const after = await session.save();
    const { step, trainable } = await session.open({ bytes, ...ENGINE });
    expect([step, trainable]).toEqual([4, true]);
    session.train(1);
    await until('paused');
    expect(Buffer.from(await session.save()).equals(Buffer.from(after))).toBe(true);
    await session.close();
  });

  it('keeps the network and the music when a file turns out to be neither', async () => {
    const { session, until } = await startSession();
    session.train(1);
    await until('paused');
    await expect(session.open({ bytes: Uint8Array.of(1, 2, 3), ...ENGINE })).rejects.toThrow(/safetensors/);
    const info = session.loadMusic({ files: [{ path: 'a.mid', bytes: Uint8Array.of(1) }], settings });
    expect([info.taken, info.skipped.length]).toEqual([false, 1]);
    session.train(1);
    await until('paused');
    await session.close();
  });

  it('opens a model of other music to be looked at and played, and says why it is not trained', async () => {
    const { session, until } = await startSession();
    session.train(1);
    await until('paused');
    const bytes = await session.save();
    session.loadMusic({ files: files.slice(0, 3), settings });
    const { trainable } = await session.open({ bytes, ...ENGINE });
    expect(trainable).toBe(false);
    expect(() => session.train(1)).toThrow(/trained on other music/);
    expect((await draw(session, { ...PLAIN, notes: 5 }, () => undefined)).notes).toHaveLength(5);
    await session.close();
  });

  it('refuses settings that leave no piece, with the way out', async () => {
    const { session } = await startSession();
    await expect(session.prepare({ ...REQUEST, settings: { ...settings, seqLength: 9000 } })).rejects.toThrow(
      /shorter window/,
    );
    session.train(1);
    await session.close();
  });
});

describe('looking at a phrase', () => {
  it('shows gates, surprise and gradient of each note, and a cell that agrees with them', async () => {
    const { session } = await startSession();
    const watcher = new Watcher(session, () => undefined);
    const choice = { path: files[3].path, from: 5, count: 12, layer: 0 };
    const view = await watcher.look(choice);
    expect([view.units, view.pitch.length, view.values.c.length]).toEqual([6, 12, 72]);
    expect(view.surprise[0]).toBeNaN();
    expect(view.surprise.slice(1).every((nats) => nats > 0)).toBe(true);
    // Nothing has been learned yet: the probability of a key is about that of any.
    expect(view.probability[6]).toBeGreaterThan(0.001);
    expect(view.gradientC.some((norm) => norm > 0)).toBe(true);
    const [at, unit] = [7, 2];
    const cell = await watcher.cell({ ...choice, at, unit });
    expect(cell.c).toBeCloseTo(view.values.c[at * 6 + unit], 5);
    expect(cell.h).toBeCloseTo(view.values.h[at * 6 + unit], 5);
    expect(cell.gates[1].activation).toBeCloseTo(view.values.f[at * 6 + unit], 5);
    await expect(watcher.look({ ...choice, from: 99_999 })).rejects.toThrow(/there are none/);
    await expect(watcher.look({ ...choice, layer: 1 })).rejects.toThrow(/has 1 layer/);
    await session.close();
  });
});

describe('drawing music', () => {
  it('tells every note as it is drawn, and gives the notes that were told, none of which strikes a key that is down', async () => {
    const { session } = await startSession();
    const told: EngineEvents['drawn'][] = [];
    const shown: EngineEvents['drawn'][] = [];
    const request = { ...PLAIN, notes: 200, primer: files[0].path };
    const { notes, probabilities, midi } = await draw(session, request, (news) => {
      told.push(news);
      addDrawn(shown, structuredClone(news));
    });
    expect(shown.map(({ note }) => note)).toEqual(notes);
    expect(told.map(({ probability }) => probability)).toEqual([...probabilities]);
    expect(notes).toHaveLength(200);
    expect(told.every(({ cut }) => cut === undefined)).toBe(true);
    expect(readMidi(midi).instruments[0].notes).toHaveLength(notes.length);
    await session.close();
  });

  it('goes on from what was played, however little that was', async () => {
    const { session } = await startSession();
    const played = [{ pitch: 64, step: 0, duration: 0.5, velocity: 80 }];
    const request = { ...PLAIN, notes: 4 };
    const answer = await draw(session, { ...request, played }, () => undefined);
    const other = await draw(session, { ...request, played: [{ ...played[0], pitch: 30 }] }, () => undefined);
    expect(answer.notes).toHaveLength(4);
    expect([...other.probabilities]).not.toEqual([...answer.probabilities]);
    await session.close();
  });
});

describe('a network like those of the preset performance', () => {
  const chained = { ...REQUEST, preset: 'performance', settings: performance };

  it('trains, is saved and opened, and goes on where it stood', async () => {
    const { session, told, until } = await startSession(chained);
    session.train(2);
    while (!told.some(({ event }) => event === 'paused')) await new Promise((resolve) => setTimeout(resolve, 5));
    const steps = told.flatMap((each) => (each.event === 'steps' ? each.detail : []));
    expect(steps[0].losses).toHaveLength(4);
    expect(steps[0].secondsLeft).toBeUndefined();
    const bytes = await session.save();
    session.train(1);
    told.length = 0;
    await until('paused');
    const after = await session.save();
    const opened = await session.open({ bytes, ...ENGINE });
    expect(opened).toMatchObject({ step: 2, trainable: true, recall: 4 });
    session.train(1);
    await until('paused');
    expect(Buffer.from(await session.save()).equals(Buffer.from(after))).toBe(true);
    await session.close();
  });

  it('says how much time is left where the clock ends the run', async () => {
    const timed = { ...performance, maxSteps: null, minutes: 2 };
    const { session, told } = await startSession({ ...chained, settings: timed });
    session.train(2);
    while (!told.some(({ event }) => event === 'paused')) await new Promise((resolve) => setTimeout(resolve, 5));
    const left = told.flatMap((each) => (each.event === 'steps' ? each.detail : [])).map((step) => step.secondsLeft!);
    expect(left[0]).toBeGreaterThan(100);
    expect(left[0]).toBeLessThan(120);
    expect(left[1]).toBeLessThan(left[0]);
    await session.close();
  });

  it('is looked into: the cell has the sums of the network, though its inputs are embedded', async () => {
    const { session } = await startSession(chained);
    const watcher = new Watcher(session, () => undefined);
    const choice = { path: files[3].path, from: 5, count: 12 };
    const { codec, spec, parameters } = await session.model();
    const { table } = session.piece(choice.path, performance);
    const kernels = new ReferenceKernels(new HeapArena('float64'));
    const probed = new ProbedModel(spec, parameters, kernels);
    const recording = recordModel(probed, codec.encode(table), { range: [5, 17] });
    for (const layer of [0, 1]) {
      const view = await watcher.look({ ...choice, layer });
      expect(view.gradientC.some((norm) => norm > 0)).toBe(true);
      // Before anything is learned every part of a note costs about the logarithm of its classes.
      const sum = (t: number): number => recording.heads.reduce((nats, head) => nats + head.nextLoss[t], 0);
      for (const t of [1, 4, 11]) expect(view.surprise[t]).toBeCloseTo(sum(t - 1), 4);
      for (const [at, unit] of [
        [0, 3],
        [6, 0],
        [11, 6],
      ]) {
        // prettier-ignore
        const { gates } = await watcher.cell({ ...choice, layer, at, unit });
        for (const { gate, z } of gates) expect(z).toBeCloseTo(recording.layers[layer].z[gate][at * 7 + unit], 5);
        const names = gates[0].inputs.map(({ name }) => name.split(' ')[0]);
        expect(new Set(names)).toEqual(
          new Set(layer === 0 ? ['pitch', 'pitchClass', 'step', 'duration', 'velocity'] : ['unit']),
        );
      }
    }
    await session.close();
  });

  it('draws what the library draws from its file, recall and the temperature of times included', async () => {
    const { session, until } = await startSession(chained);
    session.train(4);
    await until('paused');
    const model = musicModel(decodeCheckpoint(await session.save()));
    const kernels = createKernels();
    const files = [];
    for (const [recall, budget, timeTemperature] of [
      [null, 0.1, 1],
      [0, 0.1, 1],
      [8, 0.3, 1],
      [8, 0.3, 0.05],
    ] as const) {
      // prettier-ignore
      const request = { ...PLAIN, notes: 60, recall, budget, timeTemperature, temperatures: { duration: 0.7 } };
      const { midi, played } = await draw(session, request, () => undefined);
      const { notes, seed, temperature, topK, topP, temperatures } = request;
      const expected = generateNotes(model, {
        ...{ notes, seed, temperature, topK, topP, timeTemperature, temperatures, kernels },
        recall: { ...(recall !== null && { recall }), budget },
      });
      expect(played).toEqual(expected.played);
      expect(Buffer.from(midi).equals(midiOf(expected.played, instrumentOf(model)))).toBe(true);
      files.push(Buffer.from(midi).toString('hex'));
    }
    expect(new Set(files).size).toBe(4);
    await session.close();
  });

  it('tells from which note each copy comes, and says so in words', async () => {
    const { session } = await startSession(chained);
    const primer = noteEvents(session.piece(files[0].path, performance).table, performance.seqLength);
    const told: EngineEvents['drawn'][] = [];
    const shown: EngineEvents['drawn'][] = [];
    await draw(session, { ...PLAIN, notes: 150, primer: files[0].path, recall: 10, budget: 0.3 }, (news) => {
      told.push(news);
      addDrawn(shown, structuredClone(news));
    });
    const copies = told.filter(isCopy);
    const places = new Set(copies.map(({ origin }) => origin!.among));
    expect(places).toEqual(new Set(['primer', 'drawn']));
    for (const { note, origin, index } of copies) {
      const { among, note: from, share } = origin!;
      expect(share).toBeGreaterThan(0.5);
      expect(among === 'primer' ? primer[from].pitch : shown[from].note.pitch).toBe(note.pitch);
      if (among === 'drawn') expect(from).toBeLessThan(index);
      const place = among === 'primer' ? `the primer, note ${from + 1}` : `note ${from + 1}, ${noteName(note.pitch)}`;
      expect(describeDrawn(shown, index)).toContain(`; copied from ${place} (${(100 * share).toFixed(1)} % of`);
    }
    const anew = shown.findIndex((news) => !isCopy(news));
    expect(describeDrawn(shown, anew)).not.toContain('copied');
    await session.close();
  });

  it('comes back in its answers to what was just played', async () => {
    const { session } = await startSession(chained);
    const played = Array.from({ length: 24 }, (_, k) => {
      return { pitch: 50 + [0, 4, 7, 9, 12, 5][k % 6], step: k === 0 ? 0 : 0.25, duration: 0.25, velocity: 80 };
    });
    const copies: EngineEvents['drawn'][] = [];
    await draw(session, { ...PLAIN, notes: 32, played, recall: 10, budget: 0.3 }, (news) => {
      if (isCopy(news) && news.origin!.among === 'primer') copies.push(news);
    });
    expect(copies.length).toBeGreaterThan(4);
    for (const { note, origin } of copies) expect(note.pitch).toBe(played[origin!.note].pitch);
    await session.close();
  });

  it('keeps the memory that was fitted for it', async () => {
    const { session, until } = await startSession(chained);
    session.train(1);
    await until('paused');
    const checkpoint = decodeCheckpoint(await session.save());
    const fitted = { ...MATCH_PARAMETERS, decay: 0.5 };
    const bytes = encodeCheckpoint({ ...checkpoint, extra: { ...checkpoint.extra, memory: fitted } });
    expect((await session.open({ bytes, ...ENGINE })).trainable).toBe(true);
    expect((await session.model()).memory).toEqual(fitted);
    expect(musicModel(decodeCheckpoint(await session.save())).memory).toEqual(fitted);
    await session.close();
  });
});

it('says that a network which predicts times as numbers recalls nothing, and draws from it all the same', async () => {
  const plain = resolveSettings('tutorial', { hiddenSize: 6, batchSize: 4, seqLength: 8, maxSteps: 3 });
  const { session } = await startSession({ ...REQUEST, preset: 'tutorial', settings: plain });
  expect(await session.prepare({ ...REQUEST, preset: 'tutorial', settings: plain })).toMatchObject({ recall: null });
  expect((await draw(session, { ...PLAIN, notes: 5, recall: 6 }, () => undefined)).notes).toHaveLength(5);
  await session.close();
});

describe('the library of music', () => {
  it('makes of files what the command line makes of them', async () => {
    const library = new MusicLibrary();
    for (const file of [...files].reverse()) library.add(file);
    library.add({ path: 'songbook/zz-again.mid', bytes: files[2].bytes });
    library.add({ path: 'songbook/broken.mid', bytes: Uint8Array.of(1, 2, 3) });
    const selection = {
      files: null,
      instrument: 'first',
      compat: null,
      charset: null,
      allowDamaged: false,
      seqLength: 25,
    };
    const corpus = library.corpus(selection);
    const expected = await loadCorpus([folder], { minNotes: 26 });
    // Pedal and chords are heard where a piece is read or a corpus prepared, not here.
    const [path, hearing] = [files[2].path, { ...selection, sustain: false, chords: 0 }];
    const piece = library.piece(path, hearing)!;
    expect(library.piece(path, { ...hearing, chords: 1000 })!.table).toEqual(joinChords(piece.table, 1));
    const essence = ({ pieces }: typeof corpus) => pieces.map(({ name, digest, table }) => ({ name, digest, table }));
    expect(essence(corpus)).toEqual(essence(expected));
    expect(corpus.duplicates).toEqual([{ path: 'songbook/zz-again.mid', sameAs: files[2].path }]);
    expect(corpus.skipped.map(({ path }) => path)).toEqual(['songbook/broken.mid']);
  });
});
