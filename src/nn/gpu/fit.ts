import { GpuLimitError, type GpuBackend } from '../../tensor/index.ts';
import type { GpuDevice } from '../../tensor/gpu/device.ts';
import { MODES_ON_A_GPU } from '../../tensor/gpu/modes.ts';
import type { SequenceShape } from '../cells/cell.ts';
import type { ModelSpec } from '../spec.ts';
import { EVALUATION_BATCH } from '../evaluate.ts';
import { countEvaluationPlan } from './evaluation-plan.ts';
import { countTrainingPlan } from './plans.ts';
import { counted } from '../../text/words.ts';

type Target = Pick<GpuDevice, 'mode' | 'limits' | 'adapter'>;

/** Steps of one plan where every call has a price: packs go up and come back once a call. */
const STEPS_ON_A_GPU = 8;
/** Bytes that one call takes along at most, where several steps share it. */
const MOST_BYTES_UP = 2 ** 27;

/**
 * How many training steps make one plan: several on a GPU, as long as their arrays are not too large; one where the
 * processor computes, which has nothing to send.
 */
export function planStepsFor(spec: ModelSpec, shape: SequenceShape, { mode, limits }: Target): number {
  if (!(MODES_ON_A_GPU as readonly string[]).includes(mode)) return 1;
  for (let planSteps = STEPS_ON_A_GPU; planSteps > 1; planSteps--) {
    const { bytesUp, largestInput } = countTrainingPlan(spec, { ...shape, planSteps });
    if (bytesUp <= MOST_BYTES_UP && largestInput <= limits.arrayBytes) return planSteps;
  }
  return 1;
}

/** Launches of one plan at most: some hundredths of a second on a GPU, during which nothing else runs on it. */
const MOST_LAUNCHES = 4096;
/** Batches that one plan evaluates at most: 4,096 windows. */
const MOST_EVALUATIONS = 64;

/**
 * How many batches one plan evaluates: on a GPU as many as can be, since the weights go up with every call; one where the processor
 * computes, which would not be heard of for seconds.
 */
export function planEvaluationsFor(
  spec: ModelSpec,
  steps: number,
  { mode, limits, software }: Pick<GpuDevice, 'mode' | 'limits' | 'software'>,
): number {
  if (software || !(MODES_ON_A_GPU as readonly string[]).includes(mode)) return 1;
  const { launches } = countEvaluationPlan(spec, { batchSizes: [EVALUATION_BATCH], steps });
  for (let count = Math.min(MOST_EVALUATIONS, Math.floor(MOST_LAUNCHES / launches)); count > 1; count--) {
    const batchSizes = Array<number>(count).fill(EVALUATION_BATCH);
    const { bytesUp, largestInput } = countEvaluationPlan(spec, { batchSizes, steps });
    if (bytesUp <= MOST_BYTES_UP && largestInput <= limits.arrayBytes) return count;
  }
  return 1;
}

/**
 * Looks, before anything is taken, whether a training step fits a device.
 * @throws GpuLimitError that names what is too large, and the batch size that would fit
 */
export function assertFits(spec: ModelSpec, shape: SequenceShape, backend: GpuBackend, device: Target): void {
  const problem = findProblem(spec, shape, device);
  if (problem === undefined) return;
  const on = device.adapter === undefined ? '' : ` (${device.adapter})`;
  const fitting = largestBatch(spec, shape, device);
  const instead = fitting > 0 ? `--batch-size ${fitting} fits; so does --backend simd.` : 'Use --backend simd, or a shorter window, or fewer hidden units.'; // prettier-ignore
  throw new GpuLimitError(
    `--backend ${backend}${on}: batches of ${counted(shape.batchSize, 'window')} of ${counted(shape.steps, 'step')} are too large: ${problem}. ${instead}`,
  );
}

/** What of a training step does not fit; undefined when it does. */
function findProblem(spec: ModelSpec, shape: SequenceShape, { limits, mode }: Target): string | undefined {
  const { largestOutput, largestInput, intermediateBytes, bytesUp, longestAxes } = countTrainingPlan(spec, { ...shape, planSteps: 1 }); // prettier-ignore
  const largest = Math.max(largestOutput, largestInput);
  if (largest > limits.arrayBytes) {
    return `they need an array of ${inBytes(largest)}, and the largest there is ${inBytes(limits.arrayBytes)}`;
  }
  // In WebAssembly all arrays share one memory.
  if (mode === 'webasm' && intermediateBytes + bytesUp > limits.arrayBytes) {
    return `they need ${inBytes(intermediateBytes + bytesUp)}, and WebAssembly's memory ends at ${inBytes(limits.arrayBytes)}`;
  }
  const [x, y, z] = longestAxes;
  if (x > limits.columns || y > limits.columns || z > limits.layers) {
    return `they need ${x} x ${y} x ${z} invocations, and there may be ${limits.columns} x ${limits.columns} x ${limits.layers}`;
  }
  return undefined;
}

/** The largest batch of the same windows that fits; 0 when not even one window does. */
function largestBatch(spec: ModelSpec, { batchSize, steps }: SequenceShape, device: Target): number {
  let [fits, tooLarge] = [0, batchSize];
  while (tooLarge - fits > 1) {
    const middle = Math.floor((fits + tooLarge) / 2);
    if (findProblem(spec, { batchSize: middle, steps }, device) === undefined) fits = middle;
    else tooLarge = middle;
  }
  return fits;
}

function inBytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
