import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { generateNotes, type GenerateOptions } from '../../../src/music/generate.ts';
import type { MusicModel } from '../../../src/music/music-model.ts';
import { noteEvents } from '../../../src/music/prepare.ts';
import { PLAIN_SAMPLING, Stepper } from '../../../src/nn/index.ts';
import { toyModel, toySettings, toySong } from '../../support/toy-music.ts';

const quick = await toyModel(toySettings('quick'));
const withVelocity = await toyModel(toySettings('quick', { velocity: 'number' }));
const chained = await toyModel(toySettings('quick', { embedding: 6, order: 'step,pitch,duration' }));
const tutorial = await toyModel(toySettings('tutorial'));

function softmax(logits: ArrayLike<number>): number[] {
  const powers = Array.from(logits, (logit) => Math.exp(logit));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

describe('a primer', () => {
  it('may have any length', () => {
    const primer = noteEvents(toySong(60, 7));
    const drawn = [1, 2, 7].map((length) =>
      generateNotes(quick, { ...PLAIN_SAMPLING, notes: 20, seed: 1, primer: primer.slice(0, length) }),
    );
    expect(new Set(drawn.map(({ events }) => JSON.stringify(events))).size).toBe(3);
    const stepper = new Stepper(quick.spec, quick.parameters);
    const [pitch, times] = [new Int32Array(1), new Float32Array(2)];
    quick.codec.encodeNote(primer[0], pitch, times);
    stepper.step(pitch, times);
    const [{ events, probabilities }] = drawn;
    expect(probabilities[0]).toBeCloseTo(softmax(stepper.output(0))[events[0].pitch], 6);
  });

  it('must be a window long for compat tutorial', () => {
    const ask = (length: number) => () =>
      generateNotes(tutorial, {
        ...PLAIN_SAMPLING,
        notes: 20,
        seed: 1,
        compat: 'tutorial',
        primer: noteEvents(toySong(60, length)),
      });
    expect(ask(7)).toThrow(UsageError);
    expect(ask(7)).toThrow(/has 7 notes; compat tutorial needs at least 8/);
    expect(ask(0)).toThrow(/has 0 notes/);
    expect(ask(8)).not.toThrow();
  });
});

describe('music that follows no primer', () => {
  const fromNothing = { ...PLAIN_SAMPLING, notes: 20, seed: 1, primer: [] };
  const openings = (model: MusicModel, options: Partial<GenerateOptions> = {}) =>
    Array.from({ length: 200 }, (_, seed) => generateNotes(model, { ...fromNothing, ...options, notes: 1, seed }).events[0]); // prettier-ignore

  it('is drawn by every model, with a memory too', () => {
    for (const model of [quick, withVelocity, chained, tutorial]) {
      const { notes, origins } = generateNotes(model, fromNothing);
      expect(notes).toHaveLength(20);
      expect(notes[0].start).toBe(0);
      expect(origins[0]).toBeUndefined();
    }
  });

  it('begins with the keys of the training pieces, as often as they have them, and with no others', () => {
    const { counts } = quick.frequencies!.pitch as { counts: number[] };
    const all = counts.reduce((sum, count) => sum + count, 0);
    for (const model of [quick, chained]) {
      const keys = openings(model, { temperature: 1 }).map(({ pitch }) => pitch);
      expect(keys.every((key) => counts[key] > 0)).toBe(true);
      const drawn = Array.from(counts, (_, key) => keys.filter((each) => each === key).length / keys.length);
      const distance = drawn.reduce((sum, share, key) => sum + Math.abs(share - counts[key] / all), 0) / 2;
      expect(distance).toBeLessThan(0.3);
    }
    const hot = openings(quick, { temperature: 100 }).map(({ pitch }) => pitch);
    expect(hot.every((key) => counts[key] > 0)).toBe(true);
    const { mean } = tutorial.frequencies!.step as { mean: number };
    expect(openings(tutorial)[0].step).toBeCloseTo(mean, 6);
  });

  it('goes on as the model says after the first note', () => {
    const drawn = generateNotes(quick, fromNothing);
    const stepper = new Stepper(quick.spec, quick.parameters);
    const [pitch, times] = [new Int32Array(1), new Float32Array(2)];
    quick.codec.encodeNote(drawn.events[0], pitch, times);
    stepper.step(pitch, times);
    const masked = softmax(stepper.output(0)).filter((_, key) => key !== drawn.events[0].pitch);
    const [left, p] = [masked.reduce((a, b) => a + b, 0), softmax(stepper.output(0))[drawn.events[1].pitch]];
    expect([p, p / left].some((each) => Math.abs(each - drawn.probabilities[1]) < 1e-6)).toBe(true);
  });

  it('is begun from the zero state by a model whose file does not know the frequencies', () => {
    const older = { ...quick, frequencies: undefined };
    const { events, probabilities } = generateNotes(older, { ...fromNothing, notes: 1 });
    const bias = softmax(quick.parameters['heads.pitch.bias']);
    expect(probabilities[0]).toBeCloseTo(bias[events[0].pitch], 6);
  });
});
