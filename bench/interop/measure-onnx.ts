import { toOnnx } from '../../src/interop/index.ts';
import type { ModelSpec } from '../../src/nn/index.ts';
import { OnnxModel, type OnnxRuntime } from './onnx-model.ts';
import { batchFor, largestDifference, partOf, randomModel, runNetwork, runStepper, type Answered } from './ours.ts';

/** How far what onnxruntime gives is from what we give, at most: outputs of heads, and states after the last step. */
export interface Differences {
  /** Several whole sequences in one run. */
  batch: number;
  /** One sequence, step by step, each with the states of the one before; as in one run, and as our `Stepper` says it. */
  steps?: number;
  stepper?: number;
}

/** Measures one architecture, with random weights, in onnxruntime-web unless another is given. */
export async function measureOnnx(
  spec: ModelSpec,
  runtime?: OnnxRuntime,
  { size = 3, steps = 12 } = {},
): Promise<Differences> {
  const model = randomModel(spec);
  const onnx = await OnnxModel.open(toOnnx(model).bytes, spec, runtime);
  try {
    const batch = batchFor(spec, size, steps);
    if (spec.lstm.bidirectional) {
      const asked = spec.lossOn === 'last' ? { ...batch, targets: undefined } : batch;
      return { batch: apart(await onnx.run(asked), runNetwork(model, asked)) };
    }
    const one = batchFor(spec, 1, steps, 2);
    const stepped = await runSteps(onnx, one);
    return {
      batch: apart(await onnx.run(batch), runNetwork(model, batch)),
      steps: apart(stepped, await onnx.run(one)),
      stepper: Math.max(...runStepper(model, one).map((said, k) => largestDifference(stepped.heads[k], said))),
    };
  } finally {
    await onnx.release();
  }
}

/** One sequence, a step a run. */
async function runSteps(onnx: OnnxModel, one: ReturnType<typeof batchFor>): Promise<Answered> {
  let states = onnx.zeros(1);
  let last: Answered | undefined;
  const heads: number[][] = [];
  for (let t = 0; t < one.steps; t++) {
    const { after, ...answered } = await onnx.run(partOf(one, t, t + 1), states);
    answered.heads.forEach((said, k) => (heads[k] ??= []).push(...said));
    [states, last] = [after, answered];
  }
  return { heads: heads.map((said) => Float32Array.from(said)), states: last!.states };
}

function apart(found: Answered, expected: Answered): number {
  const heads = expected.heads.map((said, k) => largestDifference(found.heads[k], said));
  const states = Object.entries(expected.states).map(([name, state]) => largestDifference(found.states[name], state));
  return Math.max(...heads, ...states);
}
