import type { GpuDevice } from '../../tensor/gpu/device.ts';
import type { DeviceArray, GpuPlan, Handle } from '../../tensor/gpu/plan.ts';
import { arrayBytes, PlanRecorder, type PlanCounts } from '../../tensor/gpu/recorder.ts';
import type { ModelSpec } from '../spec.ts';
import { concat, headArrays, type BatchArrays } from './batch-arrays.ts';
import { layOut, type GpuLayout } from './layout.ts';
import type { Packs } from './packs.ts';
import { GpuProgram } from './program.ts';

/** What a plan evaluates: so many steps of each of several batches, in their order. */
export interface EvaluationShape {
  batchSizes: readonly number[];
  steps: number;
}

/** The batches of one size, whose arrays go up as one. */
interface Group {
  layout: GpuLayout;
  /** Which of the plan's batches they are. */
  batches: number[];
}

/** Arguments of a plan for each group, behind the packs: entries, targets, what the heads are. */
const GROUP_ARGUMENTS = 3;

/** A batch as an evaluation sees it: the loss at the last step, without dropout. */
export function evaluationLayout(spec: ModelSpec, batchSize: number, steps: number): GpuLayout {
  return layOut(spec, { batchSize, steps }, { lossOn: 'last', dropout: false });
}

/**
 * A compiled plan that gives the losses of several batches at the last step. The weights go up once for all of them; each batch is
 * summed as if it were alone, so that its losses have the same bits.
 */
export class EvaluationPlan {
  readonly plan: GpuPlan;
  readonly #groups: readonly Group[];
  readonly #heads: readonly DeviceArray[];

  constructor(device: GpuDevice, spec: ModelSpec, shape: EvaluationShape, threads: boolean) {
    this.#groups = groupsOf(spec, shape);
    this.#heads = this.#groups.map(({ layout }) => ({
      data: headArrays(layout).heads,
      size: [5, spec.heads.length],
    }));
    const programs = this.#groups.map(({ layout }) => new GpuProgram(device, layout));
    this.plan = device.plan(
      spec.lstm.layers + 1 + GROUP_ARGUMENTS * this.#groups.length,
      (handles) => recordEvaluation(programs, this.#groups, handles),
      threads,
    );
  }

  /** The sums of the losses of each head over each batch. */
  async run(packs: Packs, batches: readonly BatchArrays[]): Promise<Float32Array[]> {
    const groups = this.#groups.flatMap(({ layout, batches: indices }, group) => {
      const [entries, targets] = groupSizes(layout, indices.length);
      const own = indices.map((index) => batches[index]);
      return [
        { data: concat(own.map((batch) => batch.entries)), size: entries },
        { data: concat(own.map((batch) => batch.targets)), size: targets },
        this.#heads[group],
      ];
    });
    return this.plan.run([...packs.inputs(1), ...groups]);
  }
}

/** What one call of an evaluation plan costs. */
export interface EvaluationPlanCounts extends PlanCounts {
  /** Bytes that go to the GPU, those of the weights among them, and of the largest array. */
  bytesUp: number;
  weightBytes: number;
  largestInput: number;
}

/** Counts launches and bytes of an evaluation plan, without a GPU and without gpu.js. */
export function countEvaluationPlan(spec: ModelSpec, shape: EvaluationShape): EvaluationPlanCounts {
  const groups = groupsOf(spec, shape);
  const [{ layout }] = groups;
  const packs = [...layout.layers, layout.heads].map(({ rows, columns }) => ({ size: [columns, rows, 1] }));
  const inputs = groups.flatMap((group) => [
    ...groupSizes(group.layout, group.batches.length).map((size) => ({ size })),
    { size: [5, spec.heads.length] },
  ]);
  const recorder = new PlanRecorder();
  const programs = groups.map((group) => new GpuProgram(recorder, group.layout));
  const results = recordEvaluation(programs, groups, [...packs, ...inputs].map(() => ({}))); // prettier-ignore
  return {
    ...recorder.counts(results),
    bytesUp: arrayBytes([...packs, ...inputs]),
    weightBytes: arrayBytes(packs),
    largestInput: Math.max(...[...packs, ...inputs].map((array) => arrayBytes([array]))),
  };
}

function groupsOf(spec: ModelSpec, { batchSizes, steps }: EvaluationShape): Group[] {
  const groups = new Map<number, Group>();
  batchSizes.forEach((batchSize, index) => {
    const group = groups.get(batchSize) ?? { layout: evaluationLayout(spec, batchSize, steps), batches: [] };
    group.batches.push(index);
    groups.set(batchSize, group);
  });
  return [...groups.values()];
}

/** The sizes of entries and targets of so many batches. */
function groupSizes({ spec, shape, entries }: GpuLayout, count: number): [entries: number[], targets: number[]] {
  const { batchSize, steps } = shape;
  return [
    [entries, batchSize, steps * count],
    [spec.heads.length, batchSize, count],
  ];
}

/** Records an evaluation: the losses of every batch, in the order in which they were given. */
function recordEvaluation(
  programs: readonly GpuProgram[],
  groups: readonly Group[],
  handles: readonly Handle[],
): Handle[] {
  const packs = handles.slice(0, handles.length - GROUP_ARGUMENTS * groups.length);
  const losses: Handle[] = [];
  groups.forEach(({ batches }, group) => {
    const [entries, targets, heads] = handles.slice(packs.length + GROUP_ARGUMENTS * group);
    batches.forEach((index, step) => {
      losses[index] = programs[group].evaluate({ packs, entries, targets, heads }, step);
    });
  });
  return losses;
}
