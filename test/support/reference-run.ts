import type { Batch } from '../../src/nn/batch.ts';
import type { NamedArrays } from '../../src/nn/parameters.ts';
import { mulberry32 } from './generators.ts';

/**
 * The losses of the reference run at steps 1, 2, 5 and 20, on which PyTorch, C, TensorFlow.js, jax-js and plain loops agree
 * to 2e-6: batch 64, 25 steps, 3 numbers in, LSTM(128), heads 128 + 1 + 1, loss weights 0.05, 1, 1, positive pressure 10,
 * Adam at 0.005, ε = 1e-7, in PyTorch's form.
 */
export const REFERENCE_LOSSES = { 1: 1.215282, 2: 0.724768, 5: 0.406519, 20: 0.382809 };

const [BATCH, STEPS, INPUTS, HIDDEN, PITCHES] = [64, 25, 3, 128, 128];

/** The weights and the batch of the reference run, drawn from one stream of mulberry32 in this order. */
export function referenceRun(): { parameters: NamedArrays; batch: Batch } {
  const random = mulberry32(1234);
  const draw = (length: number, value: (index: number) => number) =>
    Float32Array.from({ length }, (_, index) => value(index));
  const size = 1 / Math.sqrt(HIDDEN);
  const weights = (length: number) => draw(length, () => (2 * random() - 1) * size);
  const zeros = (length: number) => new Float32Array(length);
  const pitch = (): number => 38 + Math.floor(random() * 52);

  const parameters: NamedArrays = {
    'lstm.0.kernel': weights(INPUTS * 4 * HIDDEN),
    'lstm.0.recurrent_kernel': weights(HIDDEN * 4 * HIDDEN),
    'lstm.0.bias': draw(4 * HIDDEN, (column) => (column >= HIDDEN && column < 2 * HIDDEN ? 1 : 0)),
    'heads.pitch.kernel': weights(HIDDEN * PITCHES),
    'heads.pitch.bias': zeros(PITCHES),
    'heads.step.kernel': weights(HIDDEN),
    'heads.step.bias': zeros(1),
    'heads.duration.kernel': weights(HIDDEN),
    'heads.duration.bias': zeros(1),
  };
  // Drawn sequence by sequence; the engine wants them step by step.
  const drawn = draw(BATCH * STEPS * INPUTS, (at) => (at % INPUTS === 0 ? pitch() / 128 : random()));
  const features = draw(drawn.length, (at) => {
    const [t, b, f] = [Math.floor(at / (BATCH * INPUTS)), Math.floor(at / INPUTS) % BATCH, at % INPUTS];
    return drawn[(b * STEPS + t) * INPUTS + f];
  });
  const targets = {
    pitch: draw(BATCH, pitch),
    step: draw(BATCH, random),
    duration: draw(BATCH, random),
  };
  return { parameters, batch: { size: BATCH, steps: STEPS, categories: [], features, targets } };
}
