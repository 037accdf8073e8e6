import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  atOnce,
  decodeCheckpoint,
  drawOrder,
  fillFromOrder,
  planEpochs,
  type Engine,
  type StepResult,
} from '../../src/nn/index.ts';
import { Random } from '../../src/tensor/index.ts';
import { train } from '../support/toy-training.ts';
import { TOY_CONFIG, toyData, toyEngine } from '../support/toy-model.ts';

/** An engine that fills its batches itself, from its own copy of the data, and takes a round's steps one after the other. */
async function roundsOf(roundSteps: number, { stopIn = Infinity, stop }: { stopIn?: number; stop?: () => void } = {}) {
  const inner = await toyEngine();
  const data = toyData().train;
  const plan = planEpochs(data.size, TOY_CONFIG, roundSteps);
  const batch = data.createBatch(plan.batchSize, 'all');
  const rounds: { step: number; epoch: number; batch: number; steps: number }[] = [];
  const own: Pick<Engine, 'roundSteps' | 'trainRound'> = {
    roundSteps,
    trainRound: async ({ step, epoch, shuffle, batch: first }, learningRates, signal) => {
      rounds.push({ step, epoch, batch: first, steps: learningRates.length });
      const before = await inner.readState();
      if (rounds.length === stopIn) stop?.();
      const order = atOnce(drawOrder(data.size, plan, new Random(shuffle)));
      const results: StepResult[] = [];
      for (const [index, rate] of learningRates.entries()) {
        fillFromOrder(batch, data, order, first + index, { seed: TOY_CONFIG.seed, epoch });
        results.push(await inner.trainStep(batch, rate));
      }
      if (signal?.aborted) await inner.writeState(before);
      signal?.throwIfAborted();
      return results;
    },
  };
  const refuse = () => Promise.reject(new Error('not by steps'));
  const engine = new Proxy(inner, {
    get: (target, key) => {
      if (key === 'trainStep') return refuse;
      const value: unknown = Object.hasOwn(own, key) ? own[key as keyof typeof own] : target[key as keyof Engine];
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { engine, rounds };
}

describe('an engine that takes rounds', () => {
  it('is trained to the same bytes, where its rounds are whole epochs or a step', async () => {
    const [plain, varied] = [await train(), await train({ schedule: { kind: 'cosine', final: 0.1 } })];
    for (const steps of [1, 5]) {
      const { engine } = await roundsOf(steps);
      expect((await train({}, { engine })).last).toEqual(plain.last);
    }
    const { engine } = await roundsOf(1);
    expect((await train({ schedule: { kind: 'cosine', final: 0.1 } }, { engine })).last).toEqual(varied.last);
  });

  it('has epochs of whole rounds, and as many steps as without rounds', async () => {
    // 43 windows in batches of 8 are 5 steps; four epochs are 20.
    const expected: [roundSteps: number, lengths: number[], epochs: number][] = [
      [2, [2, 2, 2, 2, 2, 2, 2, 2, 2, 2], 5],
      [3, [3, 3, 3, 3, 3, 3, 2], 7],
      [6, [6, 6, 6, 2], 4],
      [13, [13, 7], 2],
      [50, [20], 1],
    ];
    for (const [roundSteps, lengths, epochs] of expected) {
      const { engine, rounds } = await roundsOf(roundSteps);
      const { result } = await train({}, { engine });
      expect(
        rounds.map(({ steps }) => steps),
        `rounds of ${roundSteps}`,
      ).toEqual(lengths);
      expect(result.step).toBe(20);
      expect(result.history).toHaveLength(epochs);
      expect(result.reason).toBe('completed');
    }
  });

  it('goes on in the middle of an epoch as it would have, whatever ends it there', async () => {
    const whole = await train({}, { engine: (await roundsOf(2)).engine });
    for (const stopIn of [2, 3, 7]) {
      const controller = new AbortController();
      const { engine, rounds } = await roundsOf(2, { stopIn, stop: () => { controller.abort(); } }); // prettier-ignore
      const part = await train({}, { engine, signal: controller.signal });
      expect(part.result).toMatchObject({ reason: 'interrupted', step: 2 * (stopIn - 1) });
      expect(rounds).toHaveLength(stopIn);
      const rest = await train({}, { engine: (await roundsOf(2)).engine, from: part.last });
      expect(rest.last, `stopped in round ${stopIn}`).toEqual(whole.last);
    }
  });

  it('ends at maxSteps with a shorter round, and finishes that when it goes on', async () => {
    const { engine, rounds } = await roundsOf(4);
    const part = await train({ maxSteps: 6 }, { engine });
    expect(rounds.map(({ steps }) => steps)).toEqual([4, 2]);
    expect(part.result).toMatchObject({ reason: 'max steps', step: 6 });
    const more = await roundsOf(4);
    await train({ maxSteps: 11 }, { engine: more.engine, from: part.last });
    expect(more.rounds.map(({ steps }) => steps)).toEqual([2, 3]);
  });

  it('saves after the round in which a checkpoint is due', async () => {
    const { files } = await train({ checkpointEvery: 5 }, { engine: (await roundsOf(2)).engine });
    const saved = files.last.map((bytes) => decodeCheckpoint(bytes).training?.trainer.step);
    // At the ends of the epochs of four steps, and after the rounds that have steps 5 and 10.
    expect(saved).toEqual([4, 6, 8, 10, 12, 16, 20]);
  });
});

describe('the plan of the epochs', () => {
  const counts = fc.record({
    windows: fc.integer({ min: 1, max: 500 }),
    batchSize: fc.integer({ min: 1, max: 100 }),
    stepsPerEpoch: fc.option(fc.integer({ min: 1, max: 30 })),
    epochs: fc.option(fc.integer({ min: 1, max: 9 })),
  });

  it('keeps the number of steps, has whole rounds, and windows enough for its batches', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 200 }), ({ windows, ...config }, roundSteps) => {
        const plan = planEpochs(windows, config, roundSteps);
        const usual = planEpochs(windows, config);
        expect(plan.steps).toBe(usual.steps);
        expect(usual.steps).toBe((config.epochs ?? Infinity) * usual.batches);
        expect(plan.batches % roundSteps).toBe(0);
        expect(plan.batches * plan.batchSize).toBeLessThanOrEqual(plan.passes * windows);
        expect((plan.passes - 1) * windows).toBeLessThan(plan.batches * plan.batchSize);
        if (roundSteps <= usual.batches) expect([plan.passes, plan.batches <= usual.batches]).toEqual([1, true]);
        if (plan.epochs !== null) {
          expect(plan.epochs * plan.batches).toBeGreaterThanOrEqual(plan.steps);
          expect((plan.epochs - 1) * plan.batches).toBeLessThan(plan.steps);
        }
      }),
    );
  });

  it('takes every window once in each pass', () => {
    const order = atOnce(drawOrder(7, { passes: 3 }, Random.stream(1, 'shuffle')));
    expect([...order].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6].flatMap((window) => [window, window, window])); // prettier-ignore
    const once = Random.stream(1, 'shuffle').shuffle(Uint32Array.of(0, 1, 2, 3, 4, 5, 6));
    expect(atOnce(drawOrder(7, { passes: 1 }, Random.stream(1, 'shuffle')))).toEqual(once);
  });
});
