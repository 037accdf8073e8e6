import { describe, expect, it } from 'vitest';
import { noteName } from '../../../src/midi/note-names.ts';
import { percent } from '../../../src/text/numbers.ts';
import {
  generateNotes,
  instrumentOf,
  MATCH_PARAMETERS,
  midiOf,
  musicModel,
  noteEvents,
  resolveSettings,
} from '../../../src/music/index.ts';
import { decodeCheckpoint, encodeCheckpoint, ProbedModel, recordModel } from '../../../src/nn/index.ts';
import { createKernels, HeapArena, ReferenceKernels } from '../../../src/tensor/index.ts';
import { draw } from '../../../src/pages/studio/engine/draw.ts';
import { Watcher } from '../../../src/pages/studio/engine/watcher.ts';
import type { EngineEvents } from '../../../src/pages/studio/protocol.ts';
import { addDrawn, describeDrawn, isCopy } from '../../../src/pages/studio/drawn-notes.ts';
import { files, ENGINE, REQUEST, PLAIN, startSession } from './start-session.ts';

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
describe('a network like those of the preset performance', () => {
  const chained = { ...REQUEST, preset: 'performance', given: performance };

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
    const { session, told } = await startSession({ ...chained, given: timed });
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
      expect(view.gradientC!.some((norm) => norm > 0)).toBe(true);
      expect(view.given).toEqual(['step']);
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
        const names = gates[0].inputs.map(({ name }) => (layer === 0 ? name.split(' = ')[0] : 'unit'));
        expect(new Set(names)).toEqual(
          new Set(
            layer === 0 ? ['pitch', 'pitch class', 'time since the note before', 'duration', 'velocity'] : ['unit'],
          ),
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
      expect(describeDrawn(shown, index)).toContain(`; copied from ${place} (${percent(share)} of`);
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
