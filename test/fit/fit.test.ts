import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit, loadModel, type FittedModel, type FitOptions, type Sequences } from '../../src/fit/index.ts';
import { decodeCheckpoint, WindowRunner } from '../../src/nn/index.ts';
import { Random } from '../../src/tensor/index.ts';
import { poisson } from '../support/poisson.ts';

const SMALL = { units: 4, epochs: 2, window: 6 } as const satisfies FitOptions;
/** The weights stay where they begin: what is said of the first epoch can be computed from the model. */
const STILL = { units: 4, epochs: 1, batchSize: 64, learningRate: 1e-30, validation: 0 } as const satisfies FitOptions;
const wave = (length: number, from = 0): number[] =>
  Array.from({ length }, (_, t) => 20 + 5 * Math.sin((from + t) / 2));
const WORDS = ['ab', 'abcab', 'cc', 'bcabcca', 'a', 'bb', 'cacacacab', 'abab'];
const LABELS = WORDS.map((word) => (word.includes('c') ? 'with c' : 'without'));
const average = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

interface Coded {
  mean?: number[];
  deviation?: number[];
}

/** How a model writes what it reads and predicts, as its file says. */
function codingsOf(model: FittedModel): { input: Coded; output: Coded } {
  return decodeCheckpoint(model.save()).extra.fit as { input: Coded; output: Coded };
}

describe('fit learns', () => {
  it('what comes next in a series, better than its last value says, and in the units of the data', async () => {
    const model = await fit({ sequences: wave(300), units: 16, epochs: 20 });
    expect(model.metrics!.meanAbsoluteError).toBeLessThan(0.5);
    const [next] = model.forecast(wave(300), 1);
    expect(Math.abs(next.value - wave(301)[300])).toBeLessThan(1);
    expect(model.history.length).toBeLessThanOrEqual(20);
  });

  it('what comes next in a text', async () => {
    const model = await fit({ sequences: 'hello world. '.repeat(30), units: 16, epochs: 15 });
    expect(model.metrics!.accuracy).toBeGreaterThan(0.9);
    expect(model.forecast('hello wor', 5).map(({ value }) => value).join('')).toBe('ld. h'); // prettier-ignore
  });

  it('what sequences of several lengths are, and what their steps are', async () => {
    const random = Random.stream(5, 'words');
    const words = Array.from({ length: 200 }, () =>
      Array.from({ length: 1 + random.integer(8) }, () => 'abc'[random.integer(3)]),
    );
    const whole = await fit({ sequences: words, answers: words.map((word) => (word.includes('c') ? 'c' : 'no')), units: 12, epochs: 25 }); // prettier-ignore
    expect(whole.metrics!.accuracy).toBeGreaterThan(0.9);
    // Of each step whether a c came so far.
    const labels = words.map((word) => word.map((_, t) => (word.slice(0, t + 1).includes('c') ? 'c' : 'no')));
    const each = await fit({ sequences: words, answers: labels, units: 12, epochs: 15 });
    expect(each.metrics!.accuracy).toBeGreaterThan(0.9);
    expect(each.predictSteps([['a', 'c', 'a']])[0].map(({ value }) => value)).toEqual(['no', 'c', 'c']);
  });
});

describe('the loss that training sees is that of what the model predicts: lengths, windows and scales agree', () => {
  it('for one class of each ragged sequence', async () => {
    const model = await fit({ ...STILL, sequences: WORDS, answers: LABELS });
    const said = model.predict(WORDS);
    const loss = average(said.map(({ probabilities }, k) => -Math.log(probabilities![model.classes.indexOf(LABELS[k])])));
    expect(model.history[0].loss).toBeCloseTo(loss, 5);
  });

  it('for a number at each step, in deviations', async () => {
    const sequences = [3, 5, 2, 9].map((length, k) => wave(length, k));
    const answers = sequences.map((each) => each.map((value) => 100 + 3 * value));
    const model = await fit({ ...STILL, sequences, answers });
    const errors = model.predictSteps(sequences).flatMap((said, k) => said.map(({ value }, t) => value - answers[k][t]));
    const all = answers.flat();
    const variance = average(all.map((value) => (value - average(all)) ** 2));
    expect(model.history[0].loss).toBeCloseTo(average(errors.map((error) => error ** 2)) / variance, 4);
  });

  it('for what comes next in sequences shorter than a window', async () => {
    const model = await fit({ ...STILL, window: 20, sequences: WORDS });
    const losses = model.predictSteps(WORDS).flatMap((said, k) =>
      said.slice(0, -1).map(({ probabilities }, t) => -Math.log(probabilities![model.classes.indexOf(WORDS[k][t + 1])])),
    );
    expect(model.history[0].loss).toBeCloseTo(average(losses), 5);
  });

  it('with what was held out left out, and the weights of the others', async () => {
    const weights = WORDS.map((_, k) => 1 + k);
    const model = await fit({ ...STILL, validation: 0.5, sequences: WORDS, answers: LABELS, weights });
    const each = model.predict(WORDS).map(({ probabilities }, k) => -Math.log(probabilities![model.classes.indexOf(LABELS[k])]));
    const [{ loss, validation }] = model.history;
    // One of the 70 ways to hold four out gives both losses.
    const halves = Array.from({ length: 256 }, (_, bits) => WORDS.map((_, k) => (bits >> k) & 1)).filter((held) => held.reduce((a, b) => a + b) === 4);
    const fitting = halves.filter((held) => {
      const counts = weights.map((weight, k) => weight * (1 - held[k]));
      const train = each.reduce((sum, one, k) => sum + counts[k] * one, 0) / counts.reduce((a, b) => a + b);
      const out = average(each.filter((_, k) => held[k] === 1));
      return Math.abs(train - loss) < 1e-5 && Math.abs(out - validation!) < 1e-5;
    });
    expect(fitting).toHaveLength(1);
    const held = WORDS.filter((_, k) => fitting[0][k] === 1);
    expect(model.metrics).toEqual(model.evaluate(held, LABELS.filter((_, k) => fitting[0][k] === 1)));
  });

  it('with weights of sequences and of classes', async () => {
    const weights = WORDS.map((_, k) => k % 3);
    const model = await fit({ ...STILL, sequences: WORDS, answers: LABELS, weights, classWeights: { without: 3 } });
    const each = model.predict(WORDS).map(({ probabilities }, k) => -Math.log(probabilities![model.classes.indexOf(LABELS[k])]));
    const counts = weights.map((weight, k) => weight * (LABELS[k] === 'without' ? 3 : 1));
    const mean = each.reduce((sum, loss, k) => sum + counts[k] * loss, 0) / counts.reduce((a, b) => a + b);
    expect(model.history[0].loss).toBeCloseTo(mean, 5);
  });
}); // prettier-ignore

describe('a model', () => {
  it('is the same from arrays and typed arrays, and for the same seed alone', async () => {
    const bytes = async (options: object, series: ArrayLike<number>): Promise<Uint8Array> => {
      return (await fit({ ...SMALL, dropout: 0.2, layers: 2, ...options, sequences: series })).save();
    };
    const series = wave(60).map(Math.fround);
    const first = await bytes({}, series);
    expect(await bytes({}, Float32Array.from(series))).toEqual(first);
    expect(await bytes({ seed: 2 }, series)).not.toEqual(first);
  });

  it('is saved and loaded whole: the same bytes again, and the same predictions', async () => {
    const rows = Array.from({ length: 5 }, (_, k) => wave(4 + k, k).map((value) => [value, -value]));
    const models: [FittedModel, Sequences][] = [
      [await fit({ ...SMALL, sequences: wave(40) }), wave(9)],
      [await fit({ ...SMALL, sequences: WORDS, answers: LABELS }), WORDS],
      [await fit({ ...SMALL, sequences: rows, answers: rows.map((each) => each.map(([value]) => value)) }), rows],
      [await fit({ ...SMALL, sequences: rows }), rows],
      [await fit({ ...SMALL, sequences: wave(40), cell: 'gru' }), wave(9)],
    ];
    const cells: unknown[] = [];
    for (const [model, sequences] of models) {
      const bytes = model.save();
      const again = await loadModel(bytes);
      expect(again.save()).toEqual(bytes);
      cells.push(decodeCheckpoint(bytes).spec.lstm.cell);
      expect(again.predictSteps(sequences)).toEqual(model.predictSteps(sequences));
      expect([again.task, again.history, again.reason, again.metrics, again.classes]).toEqual([
        ...[model.task, model.history, model.reason, model.metrics, model.classes],
      ]);
    }
    expect(cells).toEqual([undefined, undefined, undefined, undefined, 'gru']);
  });

  it('says the same of sequences together, one by one, in a stream, and in a window of the network', async () => {
    const model = await fit({ ...SMALL, sequences: [wave(30), wave(20, 3)], units: 7, layers: 2 });
    const { spec, parameters, extra } = decodeCheckpoint(model.save());
    const { mean, deviation } = (extra.fit as { input: { mean: number[]; deviation: number[] } }).input;
    const stream = await model.stream();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.double({ min: 0, max: 40, noNaN: true }), { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 4 }),
        async (sequences) => {
          const together = model.predict(sequences);
          sequences.forEach((sequence, k) => {
            expect(model.predict(sequence)).toEqual([together[k]]);
            stream.reset();
            const steps = sequence.map((value) => stream.push(value));
            expect(steps.at(-1)).toEqual(together[k]);
            expect(model.predictSteps(sequence)).toEqual([steps]);
            const runner = new WindowRunner(spec, parameters, sequence.length);
            runner.run([], sequence.map((value) => (value - mean[0]) / deviation[0]));
            expect(together[k].value).toBeCloseTo(runner.output(0)[0] * deviation[0] + mean[0], 3);
          });
        },
      ),
    );
  }); // prettier-ignore

  it('goes on by what it said: as a stream that is given its own predictions', async () => {
    const model = await fit({ ...SMALL, sequences: wave(50) });
    const stream = await model.stream();
    let said = wave(10).map((value) => stream.push(value)).at(-1)!; // prettier-ignore
    const forecast = model.forecast(wave(10), 5);
    for (const prediction of forecast) {
      expect(prediction).toEqual(said);
      said = stream.push(prediction.value);
    }
    expect(model.forecast(wave(10), 0)).toEqual([]);
  });

  it('draws classes by a seed, at a low temperature the likeliest', async () => {
    const model = await fit({ ...SMALL, sequences: 'abcabcabcabcabcabc'.repeat(4) });
    const text = (sampling?: object): string => model.forecast('abc', 30, sampling).map(({ value }) => value).join(''); // prettier-ignore
    expect(text({ seed: 3 })).toBe(text({ seed: 3 }));
    expect(text({ seed: 3, temperature: 5 })).not.toBe(text({ seed: 4, temperature: 5 }));
    expect(text({ temperature: 1e-6 })).toBe(text());
  });

  it('evaluates what it was not trained on as it was trained', async () => {
    const model = await fit({ ...SMALL, sequences: WORDS, answers: LABELS });
    const right = model.predict(WORDS).filter(({ value }, k) => value === LABELS[k]).length / WORDS.length;
    expect(model.evaluate(WORDS, LABELS)).toEqual({ count: WORDS.length, accuracy: right });
    const series = await fit({ ...SMALL, sequences: wave(50) });
    const errors = series.predictSteps(wave(9, 7))[0].slice(0, -1).map(({ value }, t) => Math.abs(value - wave(9, 7)[t + 1])); // prettier-ignore
    expect(series.evaluate(wave(9, 7)).meanAbsoluteError).toBeCloseTo(average(errors), 10);
    const text = await fit({ ...SMALL, sequences: 'the quick brown fox jumps'.repeat(3) });
    const { accuracy, top5, count } = text.evaluate('the quick fox');
    expect(count).toBe(12);
    expect(top5).toBeGreaterThanOrEqual(accuracy!);
  });
});

describe('each loss', () => {
  const at = async (loss: FitOptions['loss'], sequences = wave(60)) => fit({ ...SMALL, sequences, loss });

  it('of numbers says what it has beside the value, in the units of the data', async () => {
    const [quantiles] = (await at({ kind: 'quantile', levels: [0.1, 0.5, 0.9] })).predict(wave(9));
    expect(quantiles.quantiles).toEqual([...quantiles.quantiles!].sort((a, b) => a - b));
    expect(quantiles.value).toBe(quantiles.quantiles![1]);
    const [gaussian] = (await at('gaussian')).predict(wave(9));
    expect(gaussian.deviation).toBeGreaterThan(0);
    const [{ mixture, value }] = (await at({ kind: 'mixture', components: 3 })).predict(wave(9));
    expect(average(mixture![0].map(({ share }) => share))).toBeCloseTo(1 / 3, 10);
    expect(value).toBeCloseTo(
      mixture![0].reduce((sum, { share, mean }) => sum + share * mean, 0),
      10,
    );
    for (const loss of ['absolute', 'huber', { kind: 'huber', delta: 0.5 }] as const) {
      const [{ value: said }] = (await at(loss)).predict(wave(9));
      expect(Math.abs(said - 20)).toBeLessThan(15);
    }
  });

  it('of rows says it for each number', async () => {
    const sequences = [0, 1, 2].map((k) => wave(12, k).map((value) => [value, 1000 * value]));
    const model = await fit({ ...SMALL, sequences, loss: 'gaussian' });
    const [{ value, deviation }] = model.predict(sequences);
    expect([value.length, deviation!.length]).toEqual([2, 2]);
    expect(deviation![1] / deviation![0]).toBeGreaterThan(100);
    const bands = await fit({ ...SMALL, sequences, loss: { kind: 'quantile', levels: [0.2, 0.8] } });
    const { spec, parameters } = decodeCheckpoint(bands.save());
    const { mean, deviation: scale } = codingsOf(bands).input as Required<Coded>;
    const runner = new WindowRunner(spec, parameters, 12);
    runner.run([], sequences[0].flatMap((row) => row.map((value, k) => (value - mean[k]) / scale[k]))); // prettier-ignore
    const outputs = Array.from(runner.output(0));
    const [{ quantiles }] = bands.predict(sequences);
    for (const k of [0, 1]) {
      const levels = outputs.slice(2 * k, 2 * k + 2).sort((a, b) => a - b);
      levels.forEach((level, q) => {
        expect((quantiles![q][k] - mean[k]) / scale[k]).toBeCloseTo(level, 4);
      });
    }
    const [{ mixture }] = (await fit({ ...SMALL, sequences, loss: { kind: 'mixture', components: 2 } })).predict(
      sequences,
    );
    mixture![1].forEach((component, c) => {
      expect(component.mean / mixture![0][c].mean).toBeGreaterThan(100);
      expect(component.deviation / mixture![0][c].deviation).toBeGreaterThan(100);
    });
  });

  it('of yes and no gives a probability, and counts what is right', async () => {
    const answers = LABELS.map((label) => (label === 'with c' ? 1 : 0));
    const model = await fit({ ...SMALL, sequences: WORDS, answers, loss: 'binary' });
    for (const { value } of model.predict(WORDS)) expect(value > 0 && value < 1).toBe(true);
    expect(model.evaluate(WORDS, answers).accuracy).toBeGreaterThanOrEqual(0);
  });

  it('of one’s own says what its outputs mean, and is asked for again when the model is loaded', async () => {
    const counts = Array.from({ length: 60 }, (_, t) => t % 4);
    const model = await fit({ ...SMALL, sequences: counts, loss: poisson });
    expect(model.predict(counts)[0].value).toBeGreaterThan(0);
    await expect(loadModel(model.save())).rejects.toThrow(/a loss of your own; give it again/);
    expect((await loadModel(model.save(), { loss: poisson })).predict(counts)).toEqual(model.predict(counts));
  });
});

describe('training', () => {
  it('holds out the end of a series, of which it knows neither mean nor deviation', async () => {
    const series = wave(100).map((value, t) => value + t);
    const model = await fit({ ...SMALL, sequences: series, validation: 0.2 });
    expect(model.metrics).toEqual(model.evaluate(series.slice(80)));
    expect(codingsOf(model).input.mean![0]).toBeCloseTo(average(series.slice(0, 80)), 10);
  });

  it('leaves answers as they are where their loss says what they mean', async () => {
    const plain = { kind: 'numbers', mean: [0], deviation: [1] };
    const answers = [1, 0, 0, 1, 0, 1, 1, 0];
    for (const loss of ['binary', poisson] as const) {
      expect(codingsOf(await fit({ ...SMALL, sequences: WORDS, answers, loss })).output).toEqual(plain);
    }
    expect(codingsOf(await fit({ ...SMALL, sequences: WORDS, answers })).output).not.toEqual(plain);
  });

  it('stops at no training loss, and takes the default for an option that is undefined', async () => {
    const sequences = wave(30);
    const model = await fit({
      sequences,
      units: 4,
      epochs: 30,
      validation: 0,
      patience: 1,
      learningRate: 2,
      window: undefined,
    });
    expect([model.reason, model.history.length]).toEqual(['completed', 30]);
    const losses = model.history.map(({ loss }) => loss);
    expect(losses.some((loss, k) => k > 0 && loss > losses[k - 1])).toBe(true);
  });

  it('stops early where nothing can be learned, with the weights of the best epoch', async () => {
    const random = Random.stream(3, 'noise');
    const noise = Array.from({ length: 120 }, () => random.normal());
    const options = { sequences: noise, units: 24, epochs: 200, patience: 2, learningRate: 0.03 };
    const model = await fit(options);
    expect(model.reason).toBe('early stopping');
    const losses = model.history.map(({ validation }) => validation!);
    const best = losses.indexOf(Math.min(...losses));
    expect(best).toBe(losses.length - 3);
    const stop = new AbortController();
    const ended = await fit({ ...options, signal: stop.signal, onEpoch: ({ epoch }) => { if (epoch === best + 1) stop.abort(); } });
    expect(ended.predict(noise)).toEqual(model.predict(noise));
  }); // prettier-ignore

  it('is aborted: with the model so far, and without one before the first epoch is over', async () => {
    const epochs: number[] = [];
    const stop = new AbortController();
    const model = await fit({
      ...SMALL,
      epochs: 50,
      sequences: wave(60),
      signal: stop.signal,
      onEpoch: ({ epoch }) => {
        epochs.push(epoch);
        if (epoch === 3) stop.abort();
      },
    });
    expect([model.reason, model.history.length, epochs]).toEqual(['interrupted', 3, [1, 2, 3]]);
    await expect(fit({ ...SMALL, sequences: wave(60), signal: AbortSignal.abort('no') })).rejects.toBe('no');
    // Asked before each step: the third of an epoch of eight.
    let asked = 0;
    const early = Object.defineProperty(AbortSignal.abort('enough'), 'aborted', { get: () => ++asked > 3 });
    Object.assign(early, { throwIfAborted: () => undefined });
    await expect(fit({ ...SMALL, epochs: 1, sequences: wave(60), signal: early })).rejects.toBe('enough');
  });

  it('lets others have their turn, such as the click that ends it', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort('a click'));
    // Without end, unless the timer has its turn.
    const ended = fit({ ...SMALL, epochs: 1e9, validation: 0, sequences: wave(60), signal: stop.signal });
    expect(['interrupted', 'a click']).toContain(await ended.then(({ reason }) => reason, (reason: unknown) => reason)); // prettier-ignore
  });
});
