import { describe, expect, it } from 'vitest';
import { ModelSource } from '../../../src/music/evaluation/model-source.ts';
import { noteEvents } from '../../../src/music/index.ts';
import { Stepper } from '../../../src/nn/index.ts';
import { toyModel, toySong } from '../../support/toy-music.ts';
import { chainedSettings } from './chained-toy.ts';

/** The softmax by its definition. */
function softmax(logits: ArrayLike<number>): number[] {
  const exp = Array.from(logits, (logit) => Math.exp(logit));
  const sum = exp.reduce((a, b) => a + b, 0);
  return exp.map((value) => value / sum);
}

describe('a model that reads whole pieces', () => {
  const pieces = [toySong(50, 12), toySong(57, 7)].map((table) => noteEvents(table));

  it('says what a stepper says that hears the same and is told the classes drawn before', async () => {
    const model = await toyModel(chainedSettings());
    const { codec, spec, parameters } = model;
    expect(spec.heads.map(({ name }) => name)).toEqual(['step', 'pitch', 'duration', 'velocity']);
    const source = new ModelSource(model, pieces);
    const columns = [
      new Int32Array(codec.inputs.categories.length),
      new Float32Array(codec.inputs.features.length),
    ] as const;
    for (const [index, notes] of pieces.entries()) {
      source.start(index);
      const stepper = new Stepper(spec, parameters);
      for (const [t, note] of notes.entries()) {
        source.feed(t);
        codec.encodeNote(note, ...columns);
        stepper.step(...columns);
        expect(Array.from(source.state)).toEqual(Array.from(stepper.hidden));
        const drawn: Record<string, number> = {};
        spec.heads.forEach(({ name }, k) => {
          const said = source.probabilities(codec.heads[k].name, drawn);
          const expected = softmax(stepper.output(k));
          expected.forEach((p, j) => expect(said[j]).toBeCloseTo(p, 12));
          drawn[name] = (3 * t + k) % expected.length;
          stepper.choose(k, drawn[name]);
        });
      }
    }
  });

  it('says something else of a head when another class was drawn before it', async () => {
    const source = new ModelSource(await toyModel(chainedSettings()), pieces);
    source.start(0);
    source.feed(0);
    const one = Array.from(source.probabilities('pitch', { step: 0 }));
    const other = Array.from(source.probabilities('pitch', { step: 1 }));
    expect(other).not.toEqual(one);
    expect(Array.from(source.probabilities('pitch', { step: 0 }))).toEqual(one);
  });
});
