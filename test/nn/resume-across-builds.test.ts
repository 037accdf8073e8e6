import { describe, expect, it } from 'vitest';

import { decodeCheckpoint, encodeCheckpoint } from '../../src/nn/checkpoint.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { wideObstacle } from '../../src/tensor/index.ts';
import { TOY_CONFIG, TOY_SPEC, toyData, toyEngine } from '../support/toy-model.ts';

const OBSTACLE = wideObstacle();
const WHOLE = 12;
const HALF = 5;

/** Trains up to a step, from the start or from a checkpoint; the file that is saved then. */
async function train(backend: string, threads: number, maxSteps: number, from?: Uint8Array) {
  const engine = await toyEngine(TOY_SPEC, backend, threads);
  const config = { ...TOY_CONFIG, maxSteps };
  const trainer = new Trainer(engine, toyData(), config);
  if (from) await trainer.resume(decodeCheckpoint(from));
  await trainer.run();
  const saved = encodeCheckpoint(await trainer.checkpoint());
  await engine.dispose();
  return Buffer.from(saved);
}

describe.skipIf(OBSTACLE !== undefined)(
  `a training on simd (wide)${OBSTACLE === undefined ? '' : ` (skipped: ${OBSTACLE})`}`,
  () => {
    it.each([1, 2])('gives the file of simd (relaxed), whichever began and whichever goes on: %d threads', async (threads) => {
      const whole = await train('simd-relaxed', threads, WHOLE);
      expect(await train('simd-wide', threads, WHOLE)).toEqual(whole);
      const half = await train('simd-wide', threads, HALF);
      expect(await train('simd-relaxed', threads, WHOLE, half)).toEqual(whole);
      expect(await train('simd-wide', threads, WHOLE, await train('simd-relaxed', threads, HALF))).toEqual(whole);
    }); // prettier-ignore
  },
);
