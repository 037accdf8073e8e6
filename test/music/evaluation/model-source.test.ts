import { describe, expect, it } from 'vitest';
import { ModelSource } from '../../../src/music/evaluation/model-source.ts';
import { noteEvents } from '../../../src/music/index.ts';
import { Stepper } from '../../../src/nn/index.ts';
import { toyModel, toySettings, toySong } from '../../support/toy-music.ts';
import { chainedSettings } from './chained-toy.ts';

/** The softmax by its definition. */
function softmax(logits: ArrayLike<number>): number[] {
  const exp = Array.from(logits, (logit) => Math.exp(logit));
  const sum = exp.reduce((a, b) => a + b, 0);
  return exp.map((value) => value / sum);
}

describe('a model that reads whole pieces', () => {
  // Longer than what is read at once, and as long.
  const tables = [toySong(50, 150), toySong(57, 7), toySong(60, 64)];

  it.each([
    ['part by part', chainedSettings()],
    ['with numbers beside', toySettings('quick', { velocity: 'number' })],
  ])('says what a stepper says that hears the same, drawing %s', async (_how, settings) => {
    const model = await toyModel(settings);
    const { codec, spec, parameters } = model;
    const source = new ModelSource(model, tables);
    const categories = new Int32Array(codec.inputs.categories.length);
    const features = new Float32Array(codec.inputs.features.length);
    for (const [index, table] of tables.entries()) {
      const { targets } = codec.encode(table);
      const stepper = new Stepper(spec, parameters);
      source.start(index);
      for (const [t, note] of noteEvents(table).slice(0, -1).entries()) {
        source.feed(t);
        codec.encodeNote(note, categories, features);
        stepper.step(categories, features);
        // Sums in another order: single precision.
        source.state.forEach((h, unit) => expect(h).toBeCloseTo(stepper.hidden[unit], 4));
        codec.heads.forEach(({ name, kind }, k) => {
          if (kind !== 'categorical') return;
          const said = source.probabilities(name);
          const expected = softmax(stepper.output(k));
          expected.forEach((p, j) => expect(said[j]).toBeCloseTo(p, 4));
          stepper.choose(k, targets[name][t + 1]);
        });
      }
    }
  });
});
