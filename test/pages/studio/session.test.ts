import { describe, expect, it } from 'vitest';
import { readMidi, writeMidi } from '../../../src/midi/index.ts';
import { loadCorpus } from '../../../src/midi/node.ts';
import {
  choosePreset,
  createTrainingRun,
  fitMemoryFor,
  GENERATION_SAMPLING,
  generateNotes,
  leastNotes,
  MATCH_PARAMETERS,
  musicModel,
  openSettings,
  prepareData,
  primerFromText,
  resolveSettings,
  settleChoice,
} from '../../../src/music/index.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/nn/index.ts';
import { draw } from '../../../src/pages/studio/engine/draw.ts';
import { loadKernels } from '../../../src/tensor/index.ts';
import { joinChords } from '../../../src/midi/chords.ts';
import { MusicLibrary } from '../../../src/pages/studio/engine/music-library.ts';
import type { EngineEvents, PlayRequest } from '../../../src/pages/studio/protocol.ts';
import { addDrawn, describeDrawn } from '../../../src/pages/studio/drawn-notes.ts';
import { folder, files, settings, ENGINE, REQUEST, PLAIN, startSession } from './start-session.ts';

/** A file of so many notes, a quarter each. */
function song(notes: number): Uint8Array {
  const of = Array.from({ length: notes }, (_, k) => ({ pitch: 60 + ((k * 7) % 12), start: k / 2, end: (k + 1) / 2, velocity: 80 })); // prettier-ignore
  return writeMidi([{ program: 0, isDrum: false, name: '', notes: of }]);
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

  it('goes on from what it keeps to the same end, with the best weights of before', async () => {
    const { session, until } = await startSession();
    session.train(5);
    await until('paused');
    const { model, step } = await session.keep();
    expect(step).toBe(5);
    const { training, ...kept } = decodeCheckpoint(model);
    expect(training!.best).toBeDefined();
    const withoutBest = encodeCheckpoint({ ...kept, training: { ...training!, best: undefined } });
    expect(Buffer.from(withoutBest).equals(Buffer.from(await session.save()))).toBe(true);
    session.train(null);
    await until('ended');
    const end = await session.keep();
    await session.open({ bytes: model, ...ENGINE });
    session.train(null);
    await until('ended');
    expect(Buffer.from((await session.keep()).model).equals(Buffer.from(end.model))).toBe(true);
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

  it.each([
    ['holds one note', song(1), /1 note, at least 9 are needed/],
    ['holds no notes', song(0), /no notes/],
    ['is damaged', song(40).slice(0, -20), /damaged/],
    ['is shorter than a window', song(5), /5 notes, at least 9 are needed/],
  ])('leaves the music as it was where a file %s, and says so', async (_, bytes, reason) => {
    const { session, until } = await startSession();
    const info = session.loadMusic({ files: [{ path: 'a.mid', bytes }], settings, toTrain: true });
    expect(info.taken).toBe(false);
    expect(info.skipped).toEqual([{ path: 'a.mid', reason: expect.stringMatching(reason) as string }]);
    await session.prepare(REQUEST);
    session.train(1);
    await until('paused');
    await session.close();
  });

  it.each([2, 3, 12])('makes a network of whatever it takes: a piece of %i notes', async (notes) => {
    const { session, until } = await startSession();
    const given = { hiddenSize: 6 };
    const reading = openSettings(given);
    const files = [{ path: 'a.mid', bytes: song(notes) }];
    expect(session.loadMusic({ files, settings: reading, toTrain: true }).taken).toBe(true);
    await session.prepare({ ...ENGINE, preset: 'auto', given });
    session.train(1);
    await until('paused');
    await session.close();
  });

  it('takes a short piece to look at and to hear first, where no network is made of it', async () => {
    const { session } = await startSession();
    const info = session.loadMusic({ files: [{ path: 'a.mid', bytes: song(5) }], settings });
    expect([info.taken, info.pieces[0].notes]).toEqual([true, 5]);
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
    expect(() => session.train(1)).toThrow(/trained on music other than that on the page/);
    expect((await draw(session, { ...PLAIN, notes: 5 }, () => undefined)).notes).toHaveLength(5);
    await session.close();
  });

  it('trains a model on with the music that is there, and goes on with that from its file', async () => {
    const { session, until } = await startSession();
    session.train(2);
    await until('paused');
    const model = await session.model();
    session.loadMusic({ files: files.slice(0, 4), settings });
    const info = await session.trainOn(ENGINE);
    expect([info.step, info.trainable]).toEqual([0, true]);
    expect(info.trainPieces.length + info.validationPieces.length).toBe(4);
    expect(info.settings.learningRate).toBeCloseTo(settings.learningRate / 3, 5);
    const begun = await session.model();
    expect(begun.parameters).toEqual(model.parameters);
    expect(begun.codec.spec).toEqual(model.codec.spec);
    expect(begun.from!.trainedOn).toEqual(model.data.train);
    session.train(2);
    await until('paused');
    const bytes = await session.save();
    session.train(1);
    await until('paused');
    const after = await session.save();
    const opened = await session.open({ bytes, ...ENGINE });
    expect([opened.step, opened.trainable]).toEqual([2, true]);
    session.train(1);
    await until('paused');
    expect(Buffer.from(await session.save()).equals(Buffer.from(after))).toBe(true);
    await session.close();
  });

  it('refuses settings that leave no piece, with the way out', async () => {
    const { session } = await startSession();
    await expect(session.prepare({ ...REQUEST, given: { ...settings, seqLength: 9000 } })).rejects.toThrow(
      /shorter window/,
    );
    session.train(1);
    await session.close();
  });
});

describe('a network for what suits the music', () => {
  const given = { hiddenSize: 6, embedding: 4, headHidden: 4, maxSteps: 3, validationWindows: 8 };
  const auto = { preset: 'auto', given, ...ENGINE };

  it('is the one of the command line: the same pieces, settings and weights', async () => {
    const corpus = await loadCorpus([folder], { minNotes: leastNotes(openSettings(given)) });
    const settled = settleChoice(choosePreset(corpus.pieces), given);
    const { engine, trainer } = await createTrainingRun(prepareData(corpus, settled.settings), settled.settings, settled.preset, ENGINE); // prettier-ignore
    await trainer.run();
    const expected = await trainer.checkpoint();
    await engine.dispose();

    const { session, until } = await startSession(auto);
    session.train(null);
    await until('ended');
    const { training, extra } = decodeCheckpoint(await session.save());
    expect(extra.preset).toBe('songbook');
    expect(extra.settings).toEqual(expected.extra.settings);
    expect(extra.settings).toMatchObject({ ...given, time: 'beats', ends: true });
    expect(training!.trainer).toEqual(expected.training!.trainer);
    expect(training!.engine).toEqual(expected.training!.engine);
    await session.close();
  });

  it('has its memory fitted at the end of a run, as etude train does', async () => {
    const { session, until } = await startSession(auto);
    session.train(null);
    await until('ended');
    const model = musicModel(decodeCheckpoint(await session.save()));
    const corpus = await loadCorpus([folder], { minNotes: 2 });
    const { validationPieces } = prepareData(corpus, model.settings);
    const tables = validationPieces.map(({ table }) => table);
    const fit = await fitMemoryFor({ ...model, memory: undefined }, tables, {
      kernels: await loadKernels(),
      states: true,
    });
    expect(model.memory).toEqual(fit.parameters);
    expect(model.memory).not.toEqual(MATCH_PARAMETERS);
    await session.close();
  });

  it('is another for other music, and heeds how that is read', async () => {
    const { session } = await startSession(auto);
    expect(session.choose({ given: {} })).toMatchObject({ preset: 'songbook', changes: {} });
    expect(session.choose({ given: {} }).why[0]).toMatch(
      /^12,724 notes in notation .* the preset songbook, in beats\.$/,
    );
    expect(session.choose({ given: { files: 3 } }).changes).toMatchObject({ hiddenSize: 64 });
    session.loadMusic({ files: files.slice(0, 4), settings });
    expect(session.choose({ given: {} }).changes).toMatchObject({ hiddenSize: 64 });
    const info = await session.prepare({ ...auto, given: { ...given, epochs: 7 } });
    expect(info).toMatchObject({ preset: 'songbook', settings: { ...given, epochs: 7, patience: 20 } });
    expect(() => session.choose({ given: { instrument: 'drums' } })).toThrow(/another instrument/);
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
    // The one note is all that is heard.
    const model = await session.model();
    const kernels = await loadKernels();
    const alone = generateNotes(model, { ...GENERATION_SAMPLING, notes: 4, seed: PLAIN.seed, kernels, primer: played });
    expect([...answer.probabilities]).toEqual([...alone.probabilities]);
    await session.close();
  });

  it('goes on from notes that were typed, or says what is wrong with them', async () => {
    const { session } = await startSession();
    const ask = (more: Partial<PlayRequest>) => draw(session, { ...PLAIN, notes: 4, ...more }, () => undefined);
    const typed = await ask({ typed: 'C4 E4' });
    const played = primerFromText('C4 E4');
    expect([...typed.probabilities]).toEqual([...(await ask({ played })).probabilities]);
    await expect(ask({ typed: 'C4 X' })).rejects.toThrow(/column 4: expected a note/);
    await session.close();
  });

  it('ends after seconds where they are asked for', async () => {
    const { session } = await startSession();
    const shown: EngineEvents['drawn'][] = [];
    const { notes } = await draw(session, { ...PLAIN, seconds: 6 }, (news) => addDrawn(shown, structuredClone(news)));
    expect(shown.map(({ note }) => note)).toEqual(notes);
    expect(describeDrawn(shown, 0)).toMatch(/^Note 1: /);
    expect(Math.max(...notes.map(({ end }) => end))).toBeLessThanOrEqual(6);
    await session.close();
  });

  it('begins from nothing where nothing is to be heard first', async () => {
    const { session } = await startSession();
    const drawn = await draw(session, { ...PLAIN, notes: 4, played: [] }, () => undefined);
    const model = await session.model();
    const kernels = await loadKernels();
    const alone = generateNotes(model, { ...GENERATION_SAMPLING, notes: 4, seed: PLAIN.seed, kernels, primer: [] });
    expect(drawn.notes).toEqual(alone.notes);
    await session.close();
  });
});

it('says that a network which predicts times as numbers recalls nothing, and draws from it all the same', async () => {
  const plain = resolveSettings('tutorial', { hiddenSize: 6, batchSize: 4, seqLength: 8, maxSteps: 3 });
  const { session } = await startSession({ ...REQUEST, preset: 'tutorial', given: plain });
  expect(await session.prepare({ ...REQUEST, preset: 'tutorial', given: plain })).toMatchObject({ recall: null });
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
      minNotes: 26,
    };
    const corpus = library.corpus(selection);
    const expected = await loadCorpus([folder], { minNotes: 26 });
    // Pedal and chords are heard where a piece is read or a corpus prepared, not here.
    const [path, hearing] = [files[2].path, { ...selection, sustain: false, chords: 0, time: 'seconds' as const }];
    const piece = library.piece(path, hearing)!;
    expect(library.piece(path, { ...hearing, chords: 1000 })!.table).toEqual(joinChords(piece.table, 1));
    const essence = ({ pieces }: typeof corpus) => pieces.map(({ name, digest, table, timing }) => ({ name, digest, table, timing })); // prettier-ignore
    expect(essence(corpus)).toEqual(essence(expected));
    expect(corpus.duplicates).toEqual([{ path: 'songbook/zz-again.mid', sameAs: files[2].path }]);
    expect(corpus.skipped.map(({ path }) => path)).toEqual(['songbook/broken.mid']);
  });
});
