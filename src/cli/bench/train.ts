import { benchTrain, type TrainRow } from '../../../bench/train.ts';
import { TIME_COLUMNS, times } from '../../../bench/times.ts';
import { digits, percent } from '../../text/numbers.ts';
import { figure, words } from '../../text/table.ts';
import type { Live } from './live.ts';
import type { BenchCall, BenchReport } from './report.ts';
import { oneBackend, shapeOf } from './what-is-measured.ts';

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
