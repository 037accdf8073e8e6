import { beforeAll, describe, expect, it } from 'vitest';
import { fit, loadModel, type FittedModel, type FitOptions } from '../../src/fit/index.ts';
import { decodeCheckpoint, encodeCheckpoint, UsageError } from '../../src/nn/index.ts';
import { Random } from '../../src/tensor/index.ts';

const SMALL = { units: 4, epochs: 2, bidirectional: true } as const satisfies FitOptions;
/** The weights stay where they begin: what is said of the first epoch can be computed from the model. */
const STILL = { ...SMALL, epochs: 1, batchSize: 64, learningRate: 1e-30, validation: 0 } as const satisfies FitOptions;
const average = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
/** Words of a and b; some are longer than what short ones are laid out for. */
const random = Random.stream(3, 'words');
const WORDS = [1, 3, 2, 17, 6, 33, 8, 5].map((length) => Array.from({ length }, () => 'ab'[random.integer(2)]));
const ENDS = WORDS.map((word) => `${word[0]}${word.at(-1)}`);
/** Of each step whether an a comes later. */
const LATER = WORDS.map((word) => word.map((_, t) => (word.slice(t + 1).includes('a') ? 'yes' : 'no')));
/** As a program without types would call it. */
const loosely = fit as (problem: object) => Promise<FittedModel>;

describe('fit with layers in both directions', () => {
  it('labels steps by what comes later, which one direction cannot', async () => {
    const draw = Random.stream(8, 'words');
    const sequences = Array.from({ length: 300 }, () => Array.from({ length: 3 + draw.integer(8) }, () => 'abcd'[draw.integer(4)]));
    const answers = sequences.map((word) => word.map((_, t) => word[t + 1] ?? 'end'));
    const options = { sequences, answers, units: 12, epochs: 40 };
    const [both, one] = [await fit({ ...options, bidirectional: true }), await fit(options)];
    expect(both.metrics!.accuracy).toBeGreaterThan(0.95);
    expect(one.metrics!.accuracy).toBeLessThan(0.6);
    expect(both.predictSteps([['a', 'c', 'b']])[0].map(({ value }) => value)).toEqual(['c', 'b', 'end']);
  }); // prettier-ignore

  it('predicts with what it was trained with: the loss is that of its predictions, one for each ragged sequence', async () => {
    const model = await fit({ ...STILL, sequences: WORDS, answers: ENDS });
    const losses = model.predict(WORDS).map(({ probabilities }, k) => -Math.log(probabilities![model.classes.indexOf(ENDS[k])])); // prettier-ignore
    expect(model.history[0].loss).toBeCloseTo(average(losses), 5);
  });

  it('and one for each step', async () => {
    const model = await fit({ ...STILL, units: [5, 3], cell: 'gru', sequences: WORDS, answers: LATER });
    const losses = model.predictSteps(WORDS).flatMap((said, k) =>
      said.map(({ probabilities }, t) => -Math.log(probabilities![model.classes.indexOf(LATER[k][t])])),
    );
    expect(losses).toHaveLength(75);
    expect(model.history[0].loss).toBeCloseTo(average(losses), 5);
  }); // prettier-ignore

  it('takes rows of numbers and any loss', async () => {
    const sequences = [4, 7, 20].map((length) => Array.from({ length }, (_, t) => [Math.sin(t), Math.cos(t)]));
    const answers = sequences.map((each) => each.map(([value]) => 3 * value));
    const model = await fit({ ...SMALL, sequences, answers, loss: 'gaussian' });
    const [said] = model.predictSteps([sequences[1]]);
    expect(said).toHaveLength(7);
    expect(said.every(({ value, deviation }) => Number.isFinite(value) && deviation! > 0)).toBe(true);
    const errors = sequences.flatMap((one, k) => model.predictSteps([one])[0].map(({ value }, t) => Math.abs(value - answers[k][t])));
    expect(model.evaluate(sequences, answers).meanAbsoluteError).toBeCloseTo(average(errors), 10);
  }); // prettier-ignore
});

describe('a bidirectional model of fit', () => {
  let ends: FittedModel<string>;
  let steps: FittedModel<string>;
  beforeAll(async () => {
    ends = await fit({ ...SMALL, sequences: WORDS, answers: ENDS });
    steps = await fit({ ...SMALL, sequences: WORDS, answers: LATER });
  });

  it('says the same of sequences in any order, beside others or alone', () => {
    for (const model of [ends, steps]) {
      const together = model.predict(WORDS);
      expect(model.predict([...WORDS].reverse()).reverse()).toEqual(together);
      expect(WORDS.map((word) => model.predict([word])[0])).toEqual(together);
      expect(model.predictSteps(WORDS).map((said) => said.at(-1))).toEqual(together);
    }
  });

  it('gives at each step the answer that it would give had the sequence ended there', () => {
    const word = WORDS[4];
    expect(ends.predictSteps([word])[0]).toEqual(word.map((_, t) => ends.predict([word.slice(0, t + 1)])[0]));
  });

  it('labels a step by what comes behind it', () => {
    const [first, other] = steps.predictSteps([[...'abab'], [...'abaa']]);
    expect(other[0].probabilities).not.toEqual(first[0].probabilities);
  });

  it('is evaluated by its predictions', () => {
    const right = WORDS.map((word, k) => (ends.predict([word])[0].value === ENDS[k] ? 1 : 0));
    expect(ends.evaluate(WORDS, ENDS)).toEqual({ count: 8, accuracy: average(right) });
  });

  it('is saved and loaded whole', async () => {
    for (const model of [ends, steps]) {
      const again = await loadModel(model.save());
      expect(again.save()).toEqual(model.save());
      expect(again.predictSteps(WORDS)).toEqual(model.predictSteps(WORDS));
      expect(decodeCheckpoint(model.save()).spec.lstm.bidirectional).toBe(true);
    }
  });

  it('reads no stream, and does not learn what comes next', async () => {
    const next = loosely({ ...SMALL, sequences: WORDS });
    await expect(next).rejects.toThrow(UsageError);
    await expect(next).rejects.toThrow(/^bidirectional: what comes next is not there to be read from its end/);
    await expect(ends.stream()).rejects.toThrow(/^stream: this model is bidirectional/);
    expect(() => ends.forecast(WORDS[0], 2)).toThrow(/and not on what comes next/);
    const checkpoint = decodeCheckpoint(ends.save());
    const extra = { fit: { ...(checkpoint.extra.fit as object), task: 'next' } };
    await expect(loadModel(encodeCheckpoint({ ...checkpoint, extra }))).rejects.toThrow(/it is damaged/);
  });

  it('refuses what it does not know, by its place', () => {
    expect(() => ends.predict([['a'], ['a', 'z']])).toThrow(/^sequences\[1\], step 1: expected one of the 2 classes/);
  });
});

describe('units', () => {
  const labelled = { sequences: WORDS, answers: ENDS, epochs: 1 };

  it('may be given for every layer', async () => {
    const lstmOf = async (options: object): Promise<unknown> => decodeCheckpoint((await loosely({ ...labelled, ...options })).save()).spec.lstm;
    expect(await lstmOf({ units: [5, 3] })).toEqual({ layers: 2, hiddenSize: 3, widths: [5, 3], dropout: 0 });
    expect(await lstmOf({ units: [3, 3], layers: 2 })).toEqual({ layers: 2, hiddenSize: 3, dropout: 0 });
    expect(await lstmOf({ units: [4] })).toEqual({ layers: 1, hiddenSize: 4, dropout: 0 });
  }); // prettier-ignore

  it.each<[object, RegExp]>([
    [{ units: [] }, /^units: expected one number, or one for each layer, got 0 with layers 0/],
    [{ units: [4, 4], layers: 1 }, /^units: expected one number, or one for each layer, got 2 with layers 1/],
    [{ units: [4, 0] }, /^units: expected a whole number from 1 to 65,536, got 0/],
    [{ units: '4' }, /^units: expected a whole number from 1 to 65,536, got "4"/],
    [{ bidirectional: 'yes' }, /^bidirectional: expected true or false, got "yes"/],
  ])('and are refused: %j', async (options, message) => {
    const refused = loosely({ ...labelled, ...options });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(message);
  });
});
