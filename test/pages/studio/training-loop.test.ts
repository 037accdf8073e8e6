import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { StepReport, Trainer } from '../../../src/nn/index.ts';
import { TrainingLoop } from '../../../src/pages/studio/engine/training-loop.ts';

const REPORT: StepReport = {
  losses: [1],
  loss: 1,
  gradientNorm: 1,
  clipped: false,
  epoch: 1,
  epochs: 9,
  step: 1,
  batch: 1,
  batches: 9,
  learningRate: 0.1,
  meanLoss: 1,
  meanLosses: [1],
};

it('has a clock that stands still while the training is paused', async () => {
  let paused: (() => void) | undefined;
  const isPaused = new Promise<void>((resolve) => (paused = resolve));
  const loop = new TrainingLoop((event) => event === 'paused' && paused?.(), {
    onNews: () => Promise.resolve(),
    onEnd: () => Promise.resolve(undefined),
  });
  loop.attach({ run: () => new Promise(() => undefined) } as unknown as Trainer);
  const [clock, time] = [loop.now(), performance.now()];
  const step = loop.callbacks.onStep!(REPORT);
  await isPaused;
  await setTimeout(20);
  loop.start(1);
  await step;
  const stoodStill = performance.now() - time - (loop.now() - clock);
  expect(stoodStill).toBeGreaterThan(15);
  expect(loop.now()).toBeGreaterThanOrEqual(clock);
});

it('tells that a run is over when its memory is fitted, and nothing when it is ended before', async () => {
  const result = { reason: 'epochs', step: 3, best: null };
  for (const isEnded of [false, true]) {
    const told: unknown[] = [];
    let begun: (() => void) | undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const loop = new TrainingLoop((event, detail) => told.push([event, detail]), {
      onNews: () => Promise.resolve(),
      async onEnd(signal) {
        begun!();
        await setTimeout(20);
        signal.throwIfAborted();
        return 'no pieces';
      },
    });
    loop.attach({ run: () => Promise.resolve(result) } as unknown as Trainer);
    loop.start(1);
    await hasBegun;
    expect(told).toEqual([]);
    if (isEnded) await loop.end();
    else await setTimeout(60);
    expect(told).toEqual(isEnded ? [] : [['ended', { ...result, notFitted: 'no pieces' }]]);
  }
});

it('does what must not be done during a step after it, and at once while it stands still', async () => {
  let [begun, goOn] = [(): void => undefined, (): void => undefined];
  const isInStep = new Promise<void>((resolve) => (begun = resolve));
  const stepEnds = new Promise<void>((resolve) => (goOn = resolve));
  let inStep = false;
  const loop = new TrainingLoop(() => undefined, {
    onNews: () => Promise.resolve(),
    onEnd: () => Promise.resolve(undefined),
  });
  const run = async (): Promise<never> => {
    inStep = true;
    begun();
    await stepEnds;
    inStep = false;
    await loop.callbacks.onStep!(REPORT);
    return new Promise(() => undefined);
  };
  loop.attach({ run } as unknown as Trainer);
  const look = (): Promise<boolean> => loop.between(() => Promise.resolve(inStep));
  expect(await look()).toBe(false);
  loop.start(1);
  await isInStep;
  const looked = look();
  await setTimeout(5);
  goOn();
  expect(await looked).toBe(false);
  expect(await look()).toBe(false);
});
