import { describe, expect, it } from 'vitest';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  Trainer,
  type ResumeOptions,
  type TrainerCallbacks,
  type TrainingConfig,
} from '../../src/nn/index.ts';
import { TOY_CONFIG, toyData, toyEngine } from '../support/toy-model.ts';
import { train } from '../support/toy-training.ts';

describe('a training whose schedule ends at maxSteps', () => {
  const rates = async (change: Partial<TrainingConfig>) => {
    const all: number[] = [];
    const run = await train(change, { callbacks: { onStep: ({ learningRate }) => void all.push(learningRate) } });
    return { ...run, rates: all };
  };

  it('has come down there, and ends with validation and the best weights', async () => {
    const { rates: all, result, files } = await rates({ schedule: { kind: 'linear', final: 0.1 }, maxSteps: 8 });
    expect(all).toHaveLength(8);
    expect(all[7]).toBeCloseTo(0.001, 12);
    expect(result).toMatchObject({ reason: 'max steps', step: 8 });
    expect(result.history.map(({ step }) => step)).toEqual([5, 8]);
    expect(result.history[1].validation).not.toBeNull();
    expect(decodeCheckpoint(files.last.at(-1)!).training!.trainer).toMatchObject({ epoch: 2, batch: 0 });
    // The mean is of the three steps that the epoch had.
    expect(result.history[1].loss).toBeLessThan(result.history[0].loss);
  });

  it('goes by epochs where these end it sooner, and by steps alone without them', async () => {
    const line = { kind: 'linear', final: 0.1 } as const;
    const short = await rates({ schedule: line, epochs: 1, maxSteps: 100 });
    expect(short.rates.at(-1)).toBeCloseTo(0.001, 12);
    const endless = await rates({ schedule: { kind: 'cosine', final: 0.1 }, epochs: null, maxSteps: 12 });
    expect(endless.rates).toHaveLength(12);
    expect(endless.rates.at(-1)).toBeCloseTo(0.001, 12);
  });

  it('is none that was there before: a plain cosine still lies over the epochs, and is interrupted', async () => {
    const { rates: all, result } = await rates({ schedule: { kind: 'cosine', final: 0.1 }, maxSteps: 8 });
    const whole = await rates({ schedule: { kind: 'cosine', final: 0.1 } });
    expect(all).toEqual(whole.rates.slice(0, 8));
    expect(result.history).toHaveLength(1);
  });

  it('says that the rate jumps when there are more steps', async () => {
    const change = { schedule: { kind: 'linear', final: 0.1 }, maxSteps: 8 } as const;
    const { last } = await train(change);
    const trainer = new Trainer(await toyEngine(), toyData(), { ...TOY_CONFIG, ...change, maxSteps: 16 });
    const jump = await trainer.resume(decodeCheckpoint(last));
    expect(jump!.before).toBeCloseTo(0.001, 12);
    expect(jump!.after).toBeCloseTo(0.01 * (1 - 0.9 * (8 / 15)), 12);
  });
});

describe('a training of so many minutes', () => {
  const line = { kind: 'linear', final: 0.1, flat: 0.5 } as const;
  /** A clock that a step moves on by some seconds, and validation by others. */
  const timed = async (change: Partial<TrainingConfig>, { from, stop }: { from?: Uint8Array; stop?: number } = {}) => {
    let milliseconds = 5e6;
    const controller = new AbortController();
    const [seen, left]: number[][] = [[], []];
    const callbacks: TrainerCallbacks = {
      onStep: ({ step, learningRate, secondsLeft }) => {
        seen.push(learningRate);
        milliseconds += 10_000;
        left.push(secondsLeft!);
        if (step === stop) controller.abort();
      },
      onEpoch: () => void (milliseconds += 5000),
    };
    const config = { schedule: line, epochs: null, minutes: 2, now: () => milliseconds, ...change };
    const run = await train(config, { from, callbacks, signal: controller.signal });
    return { ...run, rates: seen, left };
  };
  // Steps begin at 0, 10, 20, 30, 40, then 5 s of an epoch's end: 55, 65 ... 95, then 110; the last ends at 120.
  const begins = [0, 10, 20, 30, 40, 55, 65, 75, 85, 95, 110];
  const rateAt = (seconds: number) => 0.01 * (seconds <= 60 ? 1 : 1 - (0.9 * (seconds - 60)) / 60);

  it('falls by the clock, and ends properly when they are over', async () => {
    const { result, rates, left, files } = await timed({});
    expect(rates).toHaveLength(begins.length);
    begins.forEach((seconds, step) => expect(rates[step]).toBeCloseTo(rateAt(seconds), 12));
    expect(left.slice(0, 2)).toEqual([120, 110]);
    expect(result).toMatchObject({ reason: 'minutes', step: 11 });
    expect(result.history.map(({ step }) => step)).toEqual([5, 10, 11]);
    expect(result.history[2].learningRate).toBe(rates[10]);
    expect(result.history[2].validation).not.toBeNull();
    const { trainer } = decodeCheckpoint(files.last.at(-1)!).training!;
    expect(trainer).toMatchObject({ epoch: 3, batch: 0, seconds: 120 });
  });

  it('goes on with the minutes that are left', async () => {
    const part = await timed({}, { stop: 7 });
    expect(part.result).toMatchObject({ reason: 'interrupted', step: 7 });
    expect(decodeCheckpoint(part.last).training!.trainer.seconds).toBe(75);
    const rest = await timed({}, { from: part.last });
    expect(rest.result).toMatchObject({ reason: 'minutes', step: 11 });
    begins.slice(7).forEach((seconds, step) => expect(rest.rates[step]).toBeCloseTo(rateAt(seconds), 12));
    const over = await timed({}, { from: rest.last });
    expect(over.result).toMatchObject({ reason: 'minutes', step: 11 });
    expect(over.rates).toEqual([]);
  });

  it('goes on with more of them, and says how the rate jumps unless it is laid anew', async () => {
    const { last, rates } = await timed({});
    const resumed = async (minutes: number, options?: ResumeOptions) => {
      const config = { ...TOY_CONFIG, schedule: line, epochs: null, minutes, now: () => 0 };
      return new Trainer(await toyEngine(), toyData(), config).resume(decodeCheckpoint(last), options);
    };
    expect(await resumed(2)).toBeUndefined();
    expect(await resumed(4)).toEqual({ before: rates[10], after: 0.01 });
    expect(await resumed(4, { scheduleFrom: 'here' })).toBeUndefined();
  });

  it('lies over what is left of them when it is laid anew', async () => {
    const { last } = await timed({});
    const engine = await toyEngine();
    const [rates, files]: [number[], Uint8Array[]] = [[], []];
    let milliseconds = 0;
    const callbacks: TrainerCallbacks = {
      onStep: ({ learningRate }) => {
        rates.push(learningRate);
        milliseconds += 30_000;
      },
      onCheckpoint: (_, checkpoint) => void files.push(encodeCheckpoint(checkpoint)),
    };
    const config = { ...TOY_CONFIG, schedule: line, epochs: null, minutes: 4, now: () => milliseconds };
    const trainer = new Trainer(engine, toyData(), config, callbacks);
    await trainer.resume(decodeCheckpoint(last), { scheduleFrom: 0.008 });
    await trainer.run();
    // Two minutes more, the first of them flat.
    [0.008, 0.008, 0.008, 0.0045].forEach((rate, step) => expect(rates[step]).toBeCloseTo(rate, 12));
    expect(decodeCheckpoint(files.at(-1)!).training!.trainer.cosine).toMatchObject({ step: 11, seconds: 120 });
  });

  it('is bounded by epochs and steps too, where there are any', async () => {
    expect((await timed({ epochs: 1 })).result).toMatchObject({ reason: 'completed', step: 5 });
    expect((await timed({ maxSteps: 3 })).result).toMatchObject({ reason: 'max steps', step: 3 });
  });

  it('leaves no trace of the clock in files of runs without them', async () => {
    const { files } = await timed({ minutes: null, epochs: 2 });
    for (const bytes of files.last) expect(decodeCheckpoint(bytes).training!.trainer).not.toHaveProperty('seconds');
  });
});
