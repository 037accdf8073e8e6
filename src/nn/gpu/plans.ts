import type { GpuDevice } from '../../tensor/gpu/device.ts';
import type { DeviceArray, GpuPlan, Handle } from '../../tensor/gpu/plan.ts';
import { arrayBytes, PlanRecorder, type PlanCounts } from '../../tensor/gpu/recorder.ts';
import type { SequenceShape } from '../cells/cell.ts';
import type { ModelSpec } from '../spec.ts';
import { concat, headArrays, type BatchArrays } from './batch-arrays.ts';
import { layOut, type GpuLayout } from './layout.ts';
import type { Packs } from './packs.ts';
import { GpuProgram, normLayout, type TrainingInputs } from './program.ts';

/** Numbers of a row of `rates`; see `clipAndAdam`. */
export const RATES = 7;

/** What a plan of training steps takes, one of each for every step but the packs. */
export interface TrainingArrays {
  packs: Packs;
  batches: readonly BatchArrays[];
  /** [7] each */
  rates: readonly (readonly number[])[];
  /** Empty without dropout. */
  masks: readonly Float32Array[];
}

/** What a plan of training steps gives: the packs after all of them, and of each step losses and norm. */
export interface TrainedArrays {
  packs: Packs;
  steps: { losses: Float32Array; squares: Float32Array }[];
}

/** How many training steps of which shape. */
export interface TrainingPlanShape extends SequenceShape {
  /** Training steps in the plan. */
  planSteps: number;
}

/** A plan's arguments that are the same for every call. */
function fixedArrays(layout: GpuLayout): { heads: DeviceArray; columns: DeviceArray; zeros: DeviceArray } {
  const { heads, columns } = headArrays(layout);
  const { sums, parts } = normLayout(layout);
  return {
    heads: { data: heads, size: [5, layout.spec.heads.length] },
    columns: { data: columns, size: [1, columns.length] },
    zeros: { data: new Float32Array(sums * parts), size: [sums, parts] },
  };
}

/** The sizes of a training plan's arguments, in their order. */
function trainingSizes(layout: GpuLayout, planSteps: number): number[][] {
  const { spec, shape, seen, entries, layers, heads } = layout;
  const { batchSize: B, steps: T } = shape;
  const { sums, parts } = normLayout(layout);
  return [
    ...[...layers, heads].map(({ rows, columns }) => [columns, rows, 3]),
    [entries, B, T * planSteps],
    [spec.heads.length, B, seen * planSteps],
    [5, spec.heads.length],
    [1, heads.columns],
    [RATES, planSteps],
    [sums, parts],
    ...(spec.lstm.dropout > 0 ? [[spec.lstm.layers * spec.lstm.hiddenSize, B, T * planSteps]] : []),
  ];
}

/** Records a training plan: the packs after `planSteps` steps, then losses and squares of each. */
function recordTraining(program: GpuProgram, layout: GpuLayout, planSteps: number, handles: Handle[]): Handle[] {
  const count = layout.layers.length + 1;
  const [entries, targets, heads, columns, rates, zeros, masks] = handles.slice(count) as (Handle | undefined)[];
  const inputs = { entries, targets, heads, columns, rates, zeros, masks } as Omit<TrainingInputs, 'packs'>;
  let packs = handles.slice(0, count);
  const reports: Handle[] = [];
  for (let step = 0; step < planSteps; step++) {
    const done = program.trainStep({ ...inputs, packs }, step);
    packs = done.packs;
    reports.push(done.losses, done.squares);
  }
  return [...packs, ...reports];
}

/** A compiled plan of training steps. */
export class TrainingPlan {
  readonly layout: GpuLayout;
  readonly planSteps: number;
  readonly plan: GpuPlan;
  readonly #fixed: ReturnType<typeof fixedArrays>;
  readonly #sizes: number[][];

  constructor(device: GpuDevice, spec: ModelSpec, { planSteps, ...shape }: TrainingPlanShape, threads: boolean) {
    this.layout = layOut(spec, shape);
    this.planSteps = planSteps;
    this.#fixed = fixedArrays(this.layout);
    this.#sizes = trainingSizes(this.layout, planSteps);
    const program = new GpuProgram(device, this.layout);
    this.plan = device.plan(
      this.#sizes.length,
      (handles) => recordTraining(program, this.layout, planSteps, handles),
      threads,
    );
  }

  async run({ packs, batches, rates, masks }: TrainingArrays): Promise<TrainedArrays> {
    const { heads, columns, zeros } = this.#fixed;
    const data = [
      ...packs.inputs(3).map((pack) => pack.data),
      concat(batches.map(({ entries }) => entries)),
      concat(batches.map(({ targets }) => targets)),
      heads.data,
      columns.data,
      Float32Array.from(rates.flat()),
      zeros.data,
      ...(masks.length > 0 ? [concat(masks)] : []),
    ];
    const results = await this.plan.run(data.map((array, index) => ({ data: array, size: this.#sizes[index] })));
    const count = this.layout.layers.length + 1;
    return {
      packs: packs.withArrays(results.slice(0, count)),
      steps: batches.map((_, step) => ({
        losses: results[count + 2 * step],
        squares: results[count + 2 * step + 1],
      })),
    };
  }
}

/** What one call of a training plan costs. */
export interface TrainingPlanCounts extends PlanCounts {
  /** Training steps of the plan; the other numbers are of the whole plan. */
  planSteps: number;
  /** Bytes that go to the GPU, and that come back. */
  bytesUp: number;
  bytesDown: number;
  /** Bytes of the largest array that goes up. */
  largestInput: number;
}

/** Counts launches and bytes of a training plan, without a GPU and without gpu.js. */
export function countTrainingPlan(spec: ModelSpec, { planSteps, ...shape }: TrainingPlanShape): TrainingPlanCounts {
  const layout = layOut(spec, shape);
  const recorder = new PlanRecorder();
  const sizes = trainingSizes(layout, planSteps);
  const results = recordTraining(new GpuProgram(recorder, layout), layout, planSteps, sizes.map(() => ({}))); // prettier-ignore
  const packs = sizes.slice(0, layout.layers.length + 1);
  const { fewer } = normLayout(layout);
  const reports = Array.from({ length: planSteps }, () => [[spec.heads.length, layout.seen], [fewer]]).flat();
  return {
    ...recorder.counts(results),
    planSteps,
    bytesUp: arrayBytes(sizes.map((size) => ({ size }))),
    bytesDown: arrayBytes([...packs, ...reports].map((size) => ({ size }))),
    largestInput: Math.max(...sizes.map((size) => arrayBytes([{ size }]))),
  };
}
