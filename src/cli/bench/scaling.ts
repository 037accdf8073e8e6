import { benchScaling, type Axis, type ScalingFit, type ScalingRow } from '../../../bench/scaling.ts';
import { createProgress } from '../progress.ts';
import { digits, figure, TIME_COLUMNS, times, type BenchCall, type BenchReport } from './report.ts';
import { oneBackend } from './train.ts';

const SECONDS = 1;

export const AXIS_WORDS: Readonly<Record<Axis, string>> = {
  hiddenSize: 'units H',
  seqLength: 'steps T',
  batchSize: 'batch',
  threads: 'threads',
};

/** `etude bench scaling` */
export async function scaling({ options, terminal }: BenchCall): Promise<BenchReport> {
  const { seconds = SECONDS } = options;
  const progress = createProgress(terminal, { unit: 'row' });
  let done = 0;
  const { rows, fits } = await benchScaling({
    backend: oneBackend(options),
    effort: { seconds, samples: 3 },
    onStart: (total) => {
      progress.start(total, 'Scaling');
    },
    onRow: () => {
      progress.update(++done);
    },
  });
  progress.abandon();
  return {
    rows,
    extra: { fits },
    tables: fits.map(({ axis }) => ({
      columns: [{ title: AXIS_WORDS[axis], align: 'right' as const }, ...TIME_COLUMNS, figure('ms each'), figure('MB')],
      rows: rows.filter((row) => row.axis === axis).map(cells),
    })),
    notes: fits.map(fitInWords),
  };
}

function cells(row: ScalingRow): string[] {
  return [String(row.value), ...times(row), digits(row.msPerUnit), digits(row.bytes / 1e6)];
}

function fitInWords(fit: ScalingFit): string {
  return (
    `With ${AXIS_WORDS[fit.axis]}, time grows as the power ${fit.timeExponent.toFixed(2)} and memory as ` +
    `${fit.memoryExponent.toFixed(2)}; over the upper half ${fit.timeExponentAbove.toFixed(2)} and ${fit.memoryExponentAbove.toFixed(2)}.`
  );
}
