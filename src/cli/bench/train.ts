import { benchTrain, type TrainRow } from '../../../bench/train.ts';
import { REFERENCE, type WorkloadShape } from '../../../bench/workload.ts';
import { UsageError } from '../../errors.ts';
import type { Live } from './live.ts';
import { digits, figure, percent, TIME_COLUMNS, times, words, type BenchCall, type BenchReport } from './report.ts';

const SECONDS = 4;

/** `etude bench train` */
export async function train(call: BenchCall, live: Live): Promise<BenchReport> {
  const { options } = call;
  if (options.backend === 'all') return (await import('./modes.ts')).trainModes(call, live);
  const { threads = 'auto', seconds = SECONDS, steps } = options;
  const row = await benchTrain({
    backend: oneBackend(options),
    threads,
    shape: shapeOf(options),
    steps,
    effort: { seconds, samples: 5 },
    onStage: (stage) => { live.stage(stage); }, // prettier-ignore
  });
  const [engine, ...figures] = cells(row);
  live.table([
    words('Training step on', engine.length),
    ...TIME_COLUMNS,
    figure('steps'),
    figure('GFLOP/s'),
    figure('of peak'),
    figure('notes/s'),
  ]);
  live.row(row, [engine, ...figures]);
  return { rows: [row], notes: [lossesInWords(row)] };
}

/** The shape that the options ask for. */
export function shapeOf(options: Partial<WorkloadShape>): WorkloadShape {
  const { batchSize, seqLength, hiddenSize, layers } = options;
  return {
    batchSize: batchSize ?? REFERENCE.batchSize,
    seqLength: seqLength ?? REFERENCE.seqLength,
    hiddenSize: hiddenSize ?? REFERENCE.hiddenSize,
    layers: layers ?? REFERENCE.layers,
  };
}

/** @throws UsageError for `all`, where only one can be measured */
export function oneBackend({ backend = 'auto' }: BenchCall['options']): string {
  if (backend === 'all')
    throw new UsageError(
      '--backend all: only "bench kernels", "bench train" and "bench modes" measure them all; name one.',
    );
  return backend;
}

function cells(row: TrainRow): string[] {
  const { backend, threads, samples, gflops, fractionOfPeak, notesPerSecond } = row;
  const engine = threads === 1 ? backend : `${backend}, ${threads} threads`;
  return [
    engine,
    ...times(row),
    String(samples),
    digits(gflops),
    fractionOfPeak === undefined ? '' : percent(fractionOfPeak),
    digits(notesPerSecond),
  ];
}

function lossesInWords({ losses, lossSteps }: TrainRow): string {
  const each = lossSteps.map((step, index) => `${losses[index].toFixed(6)} at step ${step}`);
  return `Verified by the losses of the reference run. Here the losses were ${each.join(', ')}.`;
}
