import { AXIS_WORDS, benchScaling, type Axis, type ScalingFit, type ScalingRow } from '../../../bench/scaling.ts';
import { TIME_COLUMNS, times } from '../../../bench/times.ts';
import { digits } from '../../text/numbers.ts';
import { figure, type Column } from '../../text/table.ts';
import type { Live } from './live.ts';
import type { BenchCall, BenchReport } from './report.ts';
import { oneBackend } from './what-is-measured.ts';

const SECONDS = 1;

/** `etude bench scaling` */
export async function scaling({ options }: BenchCall, live: Live): Promise<BenchReport> {
  const { seconds = SECONDS } = options;
  let axis: Axis | undefined;
  const { rows, fits } = await benchScaling({
    backend: oneBackend(options),
    effort: { seconds, samples: 3 },
    onStage: (stage) => { live.stage(stage); }, // prettier-ignore
    onBegin: (point) => { live.detail(point); }, // prettier-ignore
    onRow: (row) => {
      if (row.axis !== axis) live.table(columnsOf(row.axis));
      axis = row.axis;
      live.row(row, cells(row));
    },
  });
  return {
    rows,
    extra: { fits },
    notes: fits.map(fitInWords),
  };
}

function columnsOf(axis: Axis): Column[] {
  return [figure(AXIS_WORDS[axis]), ...TIME_COLUMNS, figure('ms each', 8), figure('MB', 6)];
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
