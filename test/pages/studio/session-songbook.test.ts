import { describe, expect, it } from 'vitest';
import { readMidi } from '../../../src/midi/index.ts';
import { generateNotes, GENERATION_SAMPLING, instrumentOf, midiOf, noteEvents, prepareTable, tableOfEvents } from '../../../src/music/index.ts'; // prettier-ignore
import { draw } from '../../../src/pages/studio/engine/draw.ts';
import { addDrawn, describeEnd } from '../../../src/pages/studio/drawn-notes.ts';
import type { EngineEvents, PlayRequest } from '../../../src/pages/studio/protocol.ts';
import { Watcher } from '../../../src/pages/studio/engine/watcher.ts';
import { loadKernels } from '../../../src/tensor/index.ts';
import { ENGINE, files, PLAIN, startSession } from './start-session.ts';

const given = { hiddenSize: 6, embedding: 4, headHidden: 4, maxSteps: 30, stepsPerEpoch: 30, validationWindows: 8 };
const auto = { preset: 'auto', given, ...ENGINE };

/** A session whose network has been trained for so many steps. */
async function trained(steps: number) {
  const started = await startSession(auto);
  started.session.train(steps);
  await started.until('paused');
  const ask = (more: Partial<PlayRequest> = {}) => draw(started.session, { ...PLAIN, ...more }, () => undefined);
  return { ...started, ask };
}

describe('a network of the preset songbook', () => {
  it('ends its pieces itself unless told, as etude generate does', async () => {
    const { session } = await trained(5);
    const model = await session.model();
    const shown: EngineEvents['drawn'][] = [];
    const drawn = await draw(session, PLAIN, (news) => addDrawn(shown, structuredClone(news)));
    const kernels = await loadKernels();
    const alone = generateNotes(model, { ...GENERATION_SAMPLING, notes: 'auto', seed: PLAIN.seed, kernels });
    expect(drawn.notes).toEqual(alone.notes);
    expect(drawn.ended).toBe('end');
    expect(describeEnd(drawn)).toMatch(new RegExp(`^The network ended the piece: ${alone.notes.length} notes, \\d`));
    expect(Buffer.from(drawn.midi).equals(midiOf(alone.played, instrumentOf(model), alone.beats))).toBe(true);
    // Nobody knows how many there will be.
    expect(shown.every(({ total }) => total === Infinity)).toBe(true);
    expect(shown.map(({ note }) => note)).toEqual(drawn.notes);
    await session.close();
  });

  it('says what it ends with, and at which tempo', async () => {
    const { session } = await startSession(auto);
    const info = await session.prepare(auto);
    const { tempo } = (await session.model()).codec.spec.beats!;
    expect(info).toMatchObject({ length: 'auto', recall: 4, tempo });
    expect(await session.prepare({ ...ENGINE, preset: 'quick', given: { hiddenSize: 4 } })).toMatchObject({ length: 120, tempo: null }); // prettier-ignore
    await session.close();
  });

  it('plays at the tempo that is asked for, and writes it', async () => {
    const { session, ask } = await trained(1);
    const [own, slow] = [await ask({ notes: 20 }), await ask({ notes: 20, tempo: 50 })];
    const { tempo } = (await session.model()).codec.spec.beats!;
    slow.notes.forEach(({ start }, k) => expect(start).toBeCloseTo((own.notes[k].start * tempo) / 50, 3));
    expect(readMidi(slow.midi).tempo[0][1]).toBeCloseTo(50, 3);
    await session.close();
  });

  it('takes what was just played in the tempo of its answer', async () => {
    const { session, ask } = await trained(1);
    const model = await session.model();
    // Quarters and eighths of somebody who plays at 80 to the minute, not on the dot.
    const steps = [0, 0.76, 0.74, 0.37, 0.38, 0.75];
    const played = steps.map((step, k) => ({ pitch: 60 + k, step, duration: 0.3, velocity: 80 }));
    const { probabilities } = await ask({ notes: 6, played, tempo: 80 });
    const kernels = await loadKernels();
    const timing = { tempo: [[0, 80]] as [number, number][], meter: [[0, ...model.codec.spec.beats!.meters[0]]] as [number, number, number][] }; // prettier-ignore
    const heard = noteEvents(prepareTable({ table: tableOfEvents(played), timing }, model.settings));
    expect(heard.map(({ step }) => Number((step / 0.5).toFixed(1)))).toEqual([0, 1, 1, 0.5, 0.5, 1]);
    const alone = generateNotes(model, { ...GENERATION_SAMPLING, notes: 6, seed: PLAIN.seed, tempo: 80, kernels, primer: heard }); // prettier-ignore
    expect([...probabilities]).toEqual([...alone.probabilities]);
    await session.close();
  });
});

it('a cell of a network that counts beats says in words what it reads', async () => {
  const { session } = await startSession(auto);
  const watcher = new Watcher(session, () => undefined);
  const path = files.find(({ path: each }) => each.includes('twinkle'))!.path;
  const phrase = { path, from: 0, count: 8, layer: 0 };
  const { surprise } = await watcher.look(phrase);
  expect(surprise.slice(1).every((nats) => nats > 0)).toBe(true);
  const cell = await watcher.cell({ ...phrase, at: 2, unit: 0 });
  expect(cell.gates[0].inputs.map(({ name }) => name)).toEqual([
    'pitch = C4',
    'pitch class = C',
    'time since the note before = 1 beat',
    'duration = 1 beat',
    'place in the bar = beat 2',
    'time signature = 4/4',
  ]);
  await session.close();
});

it('a network that knows no tempo draws whatever tempo is asked for, and as many notes as is usual', async () => {
  const { session } = await startSession();
  const { notes, ended } = await draw(session, { ...PLAIN, tempo: 50 }, () => undefined);
  expect([notes.length, ended]).toEqual([120, 'notes']);
  expect(describeEnd({ notes, ended })).toBe('');
  expect(describeEnd({ notes, ended: 'limit' })).toMatch(
    /^The network did not end the piece, which stops after 120 notes, /,
  );
  expect(describeEnd({ notes: notes.slice(0, 1), ended: 'stuck' })).toMatch(/stopped at 1 note, /);
  expect(describeEnd({ notes, ended: 'seconds' })).toMatch(/^Time is up: /);
  await session.close();
});
