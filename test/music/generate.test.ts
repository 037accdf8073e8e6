import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EtudeError, UsageError } from '../../src/errors.ts';
import type { Note, NoteEvent } from '../../src/midi/index.ts';
import { analyseNotes } from '../../src/music/analysis.ts';
import { analyseGenerated, generateNotes, type GenerateOptions } from '../../src/music/generate.ts';
import { layOut } from '../../src/music/lay-out.ts';
import { MATCH_PARAMETERS } from '../../src/music/memory/index.ts';
import { musicModel, type MusicModel } from '../../src/music/music-model.ts';
import { noteEvents, prepareData } from '../../src/music/prepare.ts';
import { CategoricalSampler, PLAIN_SAMPLING, Stepper, WindowRunner } from '../../src/nn/index.ts';
import { createKernels, Random } from '../../src/tensor/index.ts';
import { differencesFromFile } from '../support/written-and-read.ts';
import { thatDraws, toyModel, toySettings, toySong, toySongbook } from '../support/toy-music.ts';

const OPTIONS: GenerateOptions = { ...PLAIN_SAMPLING, notes: 20, seed: 1 };
const quick = await toyModel(toySettings('quick'));
const withVelocity = await toyModel(toySettings('quick', { velocity: 'number' }));
const chained = await toyModel(
  toySettings('quick', { velocity: 'classes', embedding: 6, order: 'step,pitch,duration,velocity', headHidden: 8 }),
);
const tutorial = await toyModel(toySettings('tutorial'));

/** The probabilities that logits stand for. */
function softmax(logits: ArrayLike<number>, temperature = 1): number[] {
  const powers = Array.from(logits, (logit) => Math.exp(logit / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

describe('generated notes', () => {
  it('are the same for the same seed, and others for another', () => {
    const [one, two, other] = [1, 1, 2].map((seed) => generateNotes(quick, { ...OPTIONS, seed }));
    expect(two).toEqual(one);
    expect(other.events).not.toEqual(one.events);
  });

  it('are as many as were asked for, not counting the primer', () => {
    for (const notes of [1, 2, 33]) {
      const done: number[] = [];
      const drawn = generateNotes(quick, { ...OPTIONS, notes, onNote: (n, total) => void done.push(n, total) });
      expect([drawn.notes.length, drawn.probabilities.length]).toEqual([notes, drawn.events.length]);
      const joined = drawn.events.length - notes;
      expect(done.at(-2)).toBe(notes);
      expect(new Set(done)).toEqual(new Set(Array.from({ length: notes }, (_, i) => i + 1)).add(notes));
      expect(done).toHaveLength(2 * (notes + joined));
    }
  });

  it('are as many as were asked for where draws strike one key at once, and fewer where a model is stuck', () => {
    const chord = generateNotes(thatDraws(quick, { step: 0 }), { ...OPTIONS, temperature: 5, notes: 60 });
    expect(chord.notes).toHaveLength(60);
    expect(chord.events.length).toBeGreaterThan(60);
    expect(new Set(chord.notes.map(({ pitch }) => pitch)).size).toBe(60);
    expect(differencesFromFile(chord.notes)).toEqual([]);
    const stuck = generateNotes(thatDraws(quick, { step: 0, pitch: 60 }), { ...OPTIONS, notes: 8 });
    expect(stuck.events).toHaveLength(16);
    expect(stuck.notes).toHaveLength(1);
  });

  it('begin like a longer piece from the same seed', () => {
    const long = generateNotes(quick, { ...OPTIONS, notes: 30 });
    expect(generateNotes(quick, { ...OPTIONS, notes: 7 }).events).toEqual(long.events.slice(0, 7));
  });

  it('are what their events say, laid on a time axis', () => {
    for (const model of [quick, withVelocity, tutorial, chained]) {
      const { notes, events } = generateNotes(model, { ...OPTIONS, notes: 60 });
      expect(notes).toEqual(layOut(events));
      for (const { step } of events) expect(step).toBeGreaterThanOrEqual(0);
    }
  });

  it('are told as they are drawn, with the earlier note that they end', () => {
    const told: Note[] = [];
    const { notes, events } = generateNotes(quick, {
      ...OPTIONS,
      notes: 200,
      onNote(done, _, { event, note, index, cut }) {
        told[index] = { ...note };
        if (cut !== undefined) told[cut].end = note.start;
        expect(note.pitch).toBe(event.pitch);
        expect(index).toBeLessThan(done);
      },
    });
    expect(told).toEqual(notes);
    expect(events.length).toBeGreaterThanOrEqual(200);
  });

  it('come back from their own file, the keys that are struck while held too, by every reader', () => {
    for (const model of [quick, withVelocity, tutorial, chained]) {
      const drawn = generateNotes(model, { ...OPTIONS, temperature: 1.5, notes: 300 });
      expect(differencesFromFile(drawn.notes)).toEqual([]);
    }
  });

  it('are counted with the keys that were drawn while held, which their notes do not show any more', () => {
    const drawn = generateNotes(quick, { ...OPTIONS, notes: 300, strikeHeld: true });
    expect(drawn.struckWhileHeld).toBeGreaterThan(0);
    const { struckWhileHeld, ...figures } = analyseGenerated(drawn);
    expect(struckWhileHeld).toBe(drawn.struckWhileHeld / drawn.events.length);
    expect(analyseNotes(drawn.notes)).toEqual({ ...figures, struckWhileHeld: 0 });
  });

  it('strike no key that is down, whatever the model says, but with drums', () => {
    for (const model of [quick, withVelocity, chained]) {
      const drawn = generateNotes(model, { ...OPTIONS, temperature: 1.5, notes: 300 });
      expect(drawn.struckWhileHeld).toBe(0);
      expect(drawn.events).toHaveLength(300);
    }
    // Not even where the memory wants nothing else.
    const recalled = generateNotes(chained, { ...OPTIONS, notes: 300, recall: { recall: 100, budget: 1, joint: 1 } });
    expect(recalled.struckWhileHeld).toBe(0);
    expect(recalled.origins.filter((origin) => origin && origin.share > 0.9).length).toBeGreaterThan(100);
    const drums = { ...quick, settings: { ...quick.settings, instrument: 'drums' } };
    expect(generateNotes(drums, { ...OPTIONS, notes: 300 }).struckWhileHeld).toBeGreaterThan(0);
  });

  it('strike a held key after all where all are down that the model would strike', () => {
    const sure = new Float32Array(128).fill(-1e4);
    sure[60] = 0;
    const parameters = { ...quick.parameters, 'heads.pitch.bias': sure };
    const drawn = generateNotes({ ...quick, parameters }, { ...OPTIONS, notes: 40 });
    expect(new Set(drawn.notes.map(({ pitch }) => pitch))).toEqual(new Set([60]));
  });

  it('have steps and durations from the bins of a codec with bins', () => {
    const { step, duration } = quick.codec.spec.bins!;
    for (const event of generateNotes(quick, OPTIONS).events) {
      expect(step!.centres).toContain(event.step);
      expect(duration!.centres).toContain(event.duration);
    }
  });

  it('are as loud as a model with velocity says, and 100 from one without', () => {
    expect(new Set(generateNotes(quick, OPTIONS).notes.map(({ velocity }) => velocity))).toEqual(new Set([100]));
    const loud = generateNotes(withVelocity, OPTIONS).notes.map(({ velocity }) => velocity);
    expect(new Set(loud).size).toBeGreaterThan(3);
  });

  it('follow the primer that was given, all of it', () => {
    const primer = noteEvents(toySong(61, 30));
    const heard = generateNotes(quick, { ...OPTIONS, primer });
    expect(heard.events).not.toEqual(generateNotes(quick, OPTIONS).events);
    // The first note of the primer, long before the last window, still counts.
    const otherwise = primer.map((note, i) => (i === 0 ? { ...note, pitch: 20 } : note));
    expect(generateNotes(quick, { ...OPTIONS, primer: otherwise }).probabilities).not.toEqual(heard.probabilities);
  });

  it('do not depend on the kernels, to the precision of float32', () => {
    const options = { ...OPTIONS, kernels: createKernels('auto') };
    const [one, other] = [generateNotes(quick, OPTIONS), generateNotes(quick, options)];
    expect(other.events[0].pitch).toBe(one.events[0].pitch);
    expect(other.probabilities[0]).toBeCloseTo(one.probabilities[0], 5);
  });
});

describe('the temperature', () => {
  it('near 0 takes the likeliest of all, whatever the seed', () => {
    const [one, other] = [1, 2].map((seed) =>
      generateNotes(quick, { ...OPTIONS, temperature: 1e-6, timeTemperature: 1e-6, seed }),
    );
    expect(other).toEqual(one);
    expect(Math.min(...one.probabilities)).toBe(1);
  });

  it('acts on the pitch alone: times keep theirs', () => {
    const drawn = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
      return generateNotes(quick, { ...OPTIONS, notes: 1, temperature: 1e-6, topK: 1, seed }).events[0];
    });
    expect(new Set(drawn.map(({ pitch }) => pitch)).size).toBe(1);
    expect(new Set(drawn.map(({ step, duration }) => `${step} ${duration}`)).size).toBeGreaterThan(1);
  });

  it('of times is one for steps and durations', () => {
    const drawn = [1, 2, 3, 4].map((seed) => {
      return generateNotes(quick, { ...OPTIONS, notes: 1, temperature: 20, timeTemperature: 1e-6, seed }).events[0];
    });
    expect(new Set(drawn.map(({ pitch }) => pitch)).size).toBeGreaterThan(1);
    expect(new Set(drawn.map(({ step }) => step)).size).toBe(1);
  });

  it('of a single head changes that head alone', () => {
    const sure = { ...OPTIONS, notes: 1, temperature: 20, temperatures: { pitch: 1e-6 } };
    const drawn = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => generateNotes(quick, { ...sure, seed }).events[0]);
    expect(new Set(drawn.map(({ pitch }) => pitch)).size).toBe(1);
    expect(new Set(drawn.map(({ step, duration }) => `${step} ${duration}`)).size).toBeGreaterThan(1);
  });

  it.each([0, -1, NaN, Infinity])('is refused when it is %d, for all heads or for one', (temperature) => {
    expect(() => generateNotes(quick, { ...OPTIONS, temperature })).toThrow(UsageError);
    expect(() => generateNotes(quick, { ...OPTIONS, temperature })).toThrow(/temperature: expected a number above 0/);
    expect(() => generateNotes(quick, { ...OPTIONS, temperatures: { step: temperature } })).toThrow(UsageError);
  });

  it('is refused for a head that the model does not draw, and the ones it draws are named', () => {
    const ask = (model: MusicModel, name: string) => () =>
      generateNotes(model, { ...OPTIONS, temperatures: { [name]: 0.5 } });
    expect(ask(quick, 'velocity')).toThrow(UsageError);
    expect(ask(quick, 'velocity')).toThrow(/draws no "velocity".*it draws pitch, step, duration/);
    // The tutorial's model says one number for the step: there is nothing to draw.
    expect(ask(tutorial, 'step')).toThrow(/draws no "step".*it draws pitch\./);
    expect(() => generateNotes(tutorial, { ...OPTIONS, temperatures: { step: undefined } })).not.toThrow();
  });
});

describe('a request that makes no sense', () => {
  it('is refused when no notes, or no whole number of them, are asked for', () => {
    for (const notes of [0, -1, 1.5, NaN, Infinity]) {
      expect(() => generateNotes(quick, { ...OPTIONS, notes })).toThrow(UsageError);
      expect(() => generateNotes(quick, { ...OPTIONS, notes })).toThrow(/notes: expected a whole number of at least 1/);
    }
  });

  it('is refused when top-k or top-p is out of range', () => {
    expect(() => generateNotes(quick, { ...OPTIONS, topK: -1 })).toThrow(UsageError);
    expect(() => generateNotes(quick, { ...OPTIONS, topP: 0 })).toThrow(UsageError);
  });

  it('ends with an error when the classes have no probabilities, and not with the last key again and again', () => {
    const parameters = { ...tutorial.parameters, 'heads.pitch.bias': new Float32Array(128).fill(NaN, 3, 4) };
    expect(() => generateNotes({ ...tutorial, parameters }, OPTIONS)).toThrow(
      /says of pitch .*NaN at \[3\].*overflows/,
    );
  });

  it('ends with an error that names the head when the weights are broken', () => {
    const parameters = { ...tutorial.parameters, 'heads.step.bias': Float32Array.of(NaN) };
    const ask = () => generateNotes({ ...tutorial, parameters }, OPTIONS);
    expect(ask).toThrow(EtudeError);
    expect(ask).toThrow(/What the model says of step is not finite: NaN at \[0\]\./);
  });
});

describe('the state that is carried from note to note', () => {
  it('gives the first note the probabilities of the window that training would have made', async () => {
    const cases = fc.record({ song: fc.nat(6), start: fc.nat(30), velocity: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(cases, async ({ song, start, velocity }) => {
        const settings = toySettings('quick', { velocity: velocity ? 'number' : 'none' });
        const model = velocity ? withVelocity : quick;
        const data = prepareData(toySongbook(), settings);
        const { table } = data.trainPieces[song];
        const windows = table.length - settings.seqLength;
        const batch = data.train.createBatch(1, 'last');
        data.train.fill(batch, [song * windows + start]);
        const runner = new WindowRunner(model.spec, model.parameters, settings.seqLength);
        runner.run(batch.categories, batch.features);
        const primer = noteEvents(table).slice(start, start + settings.seqLength);
        const { events, probabilities } = generateNotes(model, { ...OPTIONS, notes: 1, primer });
        expect(probabilities[0]).toBeCloseTo(softmax(runner.output(0))[events[0].pitch], 5);
        await Promise.resolve();
      }),
      { numRuns: 12 },
    );
  });

  it('gives every note the probabilities of a run over all notes before it', () => {
    const temperature = 1.5;
    const { events, probabilities } = generateNotes(quick, { ...OPTIONS, temperature, strikeHeld: true });
    const { codec, spec, parameters, primer } = quick;
    events.forEach((event, index) => {
      const heard = [...primer.notes, ...events.slice(0, index)];
      const runner = new WindowRunner(spec, parameters, heard.length);
      const pitches = Int32Array.from(heard, ({ pitch }) => pitch);
      const features = heard.flatMap((note) => {
        const row = new Float32Array(2);
        codec.encodeNote(note, new Int32Array(1), row);
        return [...row];
      });
      runner.run([pitches], features);
      expect(probabilities[index]).toBeCloseTo(softmax(runner.output(0), temperature)[event.pitch], 5);
    });
  });
});

/**
 * What the tutorial does, written down anew: a window of rows [pitch, step, duration] that moves on by one note, run from
 * the zero state for every note; pitches of new notes go in divided by `divisor`.
 */
function generateByWindows(model: MusicModel, primer: NoteEvent[], count: number, seed: number, divisor: number) {
  const { seqLength } = model.settings;
  const runner = new WindowRunner(model.spec, model.parameters, seqLength);
  const sampler = new CategoricalSampler(128, PLAIN_SAMPLING);
  const random = Random.stream(seed, 'sample');
  const rows = primer.slice(-seqLength).map(({ pitch, step, duration }) => [pitch / 128, step, duration]);
  const events: NoteEvent[] = [];
  for (let i = 0; i < count; i++) {
    runner.run([], rows.slice(-seqLength).flat());
    const pitch = sampler.sample(runner.output(0), random);
    const [step, duration] = [1, 2].map((head) => Math.max(0, runner.output(head)[0]));
    events.push({ pitch, step, duration, velocity: 100 });
    rows.push([pitch / divisor, step, duration]);
  }
  return events;
}

describe("compat 'tutorial'", () => {
  const options = { ...OPTIONS, compat: 'tutorial' as const };

  it('feeds new pitches back undivided, in a window that moves on by one note', () => {
    for (const primer of [tutorial.primer.notes, noteEvents(toySong(55, 20))]) {
      for (const seed of [1, 2]) {
        const { events } = generateNotes(tutorial, { ...options, primer, seed });
        expect(events).toEqual(generateByWindows(tutorial, primer, 20, seed, 1));
      }
    }
  });

  it('is not what the same windows give when pitches are divided, nor what the sound way gives', () => {
    const { events } = generateNotes(tutorial, options);
    const divided = generateByWindows(tutorial, tutorial.primer.notes, 20, 1, 128);
    const sound = generateNotes(tutorial, OPTIONS).events;
    // Until a new note has been fed back all three agree.
    expect(events[0]).toEqual(divided[0]);
    expect(sound[0].pitch).toBe(divided[0].pitch);
    expect(events).not.toEqual(divided);
    expect(events.map(({ pitch }) => pitch)).not.toEqual(sound.map(({ pitch }) => pitch));
    // As long as no note has left the window, carrying the state equals running the window, but for the defect.
    expect(sound[1].step).not.toBeCloseTo(events[1].step, 3);
  });

  it('is refused for a model that does not read pitch as a number', () => {
    expect(() => generateNotes(quick, options)).toThrow(UsageError);
    expect(() => generateNotes(quick, options)).toThrow(/compat tutorial: .*'onehot'.*pitch 'scalar'/);
  });
});

describe('a model whose heads read each other', () => {
  it('draws each part of a note given those before it', () => {
    const { events, probabilities } = generateNotes(chained, { ...OPTIONS, recall: { recall: 0 }, strikeHeld: true });
    const { codec, spec, parameters, primer } = chained;
    const stepper = new Stepper(spec, parameters);
    const [categories, values] = [new Int32Array(codec.inputs.categories.length), new Float64Array(4)];
    const feed = (note: NoteEvent) => {
      codec.encodeNote(note, categories, new Float32Array(0));
      stepper.step(categories, []);
    };
    primer.notes.forEach(feed);
    events.forEach((event, index) => {
      codec.valuesOf(event, values);
      stepper.choose(0, values[0]);
      expect(probabilities[index]).toBeCloseTo(softmax(stepper.output(1))[event.pitch], 6);
      feed(event);
    });
  });

  it('recalls unless told not to, says from where, and repeats itself more', () => {
    const figures = (recall?: { recall: number }) => generateNotes(chained, { ...OPTIONS, notes: 300, recall });
    const [byDefault, none, strong] = [figures(), figures({ recall: 0 }), figures({ recall: 20 })];
    expect(none.origins.every((origin) => origin === undefined)).toBe(true);
    expect(byDefault.events).not.toEqual(none.events);
    const places = strong.origins.flatMap((origin, index) => (origin ? [{ ...origin, index }] : []));
    expect(places.length).toBeGreaterThan(30);
    const heard = [...chained.primer.notes, ...strong.events];
    for (const { note, transposed, share, index } of places) {
      expect(note).toBeLessThan(chained.primer.notes.length + index);
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThanOrEqual(1);
      if (!transposed) expect(heard[note].pitch).toBe(strong.events[index].pitch);
    }
  });

  it('is not recalled by default where heads stand alone, nor at all where times are numbers', () => {
    expect(generateNotes(quick, OPTIONS).origins.every((origin) => origin === undefined)).toBe(true);
    expect(generateNotes(quick, { ...OPTIONS, notes: 200, recall: { recall: 4 } }).origins.some(Boolean)).toBe(true);
    expect(() => generateNotes(tutorial, { ...OPTIONS, recall: { recall: 1 } })).toThrow(
      /times as numbers.*--recall 0/,
    );
  });

  it('takes the numbers that were fitted for it from the file', () => {
    const checkpoint = { spec: chained.spec, parameters: chained.parameters };
    const { memory, ...extra } = { memory: MATCH_PARAMETERS, codec: chained.codec.spec, settings: chained.settings, preset: 'quick', data: chained.data, primer: chained.primer }; // prettier-ignore
    expect(musicModel({ ...checkpoint, extra }).memory).toBeUndefined();
    expect(musicModel({ ...checkpoint, extra: { ...extra, memory } }).memory).toEqual(MATCH_PARAMETERS);
    expect(() => musicModel({ ...checkpoint, extra: { ...extra, memory: { decay: 2, heads: {} } } })).toThrow(
      /memory\.decay/,
    );
  });
});
