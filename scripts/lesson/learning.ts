import { ADAM_DEFAULTS, Network, ParameterSet, weightedLoss, WindowDataset } from '../../src/nn/index.ts';
import { Random } from '../../src/tensor/index.ts';
import { EXAMPLE } from './cell-forward.ts';
import { exactKernels, type Lesson } from './lesson.ts';
import { initialise } from '../../src/nn/initialise.ts';

/** One step of training as one weight lives it. */
export interface WeightStep {
  step: number;
  loss: number;
  /** The gradient's norm over all weights, and by what clipping multiplied it. */
  norm: number;
  factor: number;
  /** This weight's gradient after clipping, Adam's two moments after it, and how the weight moved. */
  g: number;
  m: number;
  v: number;
  move: number;
}

/** The weight that is followed: from the pitch C4 to the candidate of the unit that the lesson follows. */
const FOLLOWED = { pitch: 60, gate: 2, unit: EXAMPLE.unit };

/**
 * The first steps of training, from fresh weights, on one batch: the first eight windows of the song. Enough to see what
 * clipping and Adam make of a gradient.
 */
export function firstSteps({ model, song }: Lesson, steps: number): WeightStep[] {
  const { spec, settings } = model;
  const kernels = exactKernels();
  const parameters = new ParameterSet(kernels.arena, spec);
  const gradients = new ParameterSet(kernels.arena, spec);
  const [m, v] = [new ParameterSet(kernels.arena, spec), new ParameterSet(kernels.arena, spec)];
  initialise(parameters, Random.stream(settings.seed, 'init'));
  const windows = new WindowDataset(spec, [song], settings.seqLength);
  const batch = windows.createBatch(8, spec.lossOn);
  windows.fill(
    batch,
    Uint32Array.from({ length: 8 }, (_, k) => k),
  );
  const shape = { batchSize: batch.size, steps: batch.steps };
  const training = { gradients, dropout: Random.stream(settings.seed, 'dropout') };
  const network = new Network(kernels, spec, shape, parameters, { training });
  network.load(batch);
  const at = FOLLOWED.pitch * 4 * spec.lstm.hiddenSize + FOLLOWED.gate * spec.lstm.hiddenSize + FOLLOWED.unit;
  const here = (set: ParameterSet): number => set.get('lstm.0.kernel').data[at];
  return Array.from({ length: steps }, (_, k): WeightStep => {
    kernels.fill(gradients.flat, 0);
    network.forward();
    const loss = weightedLoss(spec, network.losses());
    network.backward();
    const norm = Math.sqrt(kernels.sumOfSquares(gradients.flat));
    const factor = Math.min(1, settings.clip! / norm);
    kernels.scale(gradients.flat, factor);
    const before = here(parameters);
    const { beta1, beta2, epsilon } = ADAM_DEFAULTS;
    kernels.adam(parameters.flat, gradients.flat, m.flat, v.flat, { learningRate: settings.learningRate, beta1, beta2, epsilon, step: k + 1 }); // prettier-ignore
    return {
      step: k + 1,
      loss,
      norm,
      factor,
      g: here(gradients),
      m: here(m),
      v: here(v),
      move: here(parameters) - before,
    };
  });
}
