import { benchKernels, type KernelRow } from '../../../bench/kernels/bench-kernels.ts';
import { roofline } from '../../../bench/kernels/roofline.ts';
import type { Bandwidth, Peak } from '../../../bench/peak/peak.ts';
import { TIME_COLUMNS, times } from '../../../bench/times.ts';
import { digits, percent } from '../../text/numbers.ts';
import { figure, words } from '../../text/table.ts';
import { checkOutput, outputName, writeOutput } from '../output.ts';
import type { Live } from './live.ts';
import type { BenchCall, BenchReport } from './report.ts';

const SECONDS = 0.25;

/** `etude bench kernels` */
export async function kernels({ options, terminal }: BenchCall, live: Live): Promise<BenchReport> {
  const { backend = 'all', only, seconds = SECONDS, svg, force } = options;
  if (svg !== undefined) checkOutput(svg, { force }, terminal);
  live.table(COLUMNS);
  const { rows, peak, bandwidth, notes } = await benchKernels({
    backend,
    only,
    effort: { seconds, samples: 5 },
    onStage: (stage) => { live.stage(stage); }, // prettier-ignore
    onBegin: (kernel) => { live.detail(kernel); }, // prettier-ignore
    onRow: (row) => { live.row(row, cells(row)); }, // prettier-ignore
  });
  if (svg !== undefined) {
    writeOutput(svg, roofline(rows, peak, bandwidth), { force }, terminal);
    notes.push(`The roofline is in ${outputName(svg)}.`);
  }
  return { rows, extra: { peak, bandwidth }, notes: [...notes, peakInWords(peak, bandwidth)] };
}

const COLUMNS = [
  words('Operation', 14),
  words('Shape', 12),
  words('Backend', 14),
  ...TIME_COLUMNS,
  figure('GFLOP/s'),
  figure('of peak'),
  figure('GB/s', 5),
  figure('error', 7),
];

function cells(row: KernelRow): string[] {
  const { operation, shape, backend, gflops, gbytes, fractionOfPeak, error } = row;
  const arithmetic = gflops > 0 ? [digits(gflops), percent(fractionOfPeak)] : ['', ''];
  return [operation, shape, backend, ...times(row), ...arithmetic, digits(gbytes), error.toExponential(1)];
}

function peakInWords({ wide = null, fused, multiplyAdd, scalar }: Peak, { l1, l2, memory }: Bandwidth): string {
  const arithmetic = [
    ...(wide === null ? [] : [`${digits(wide)} (256-bit fused)`]),
    ...(fused === null ? [] : [`${digits(fused)} (128-bit fused)`]),
    `${digits(multiplyAdd)} (128-bit multiply, add)`,
    `${digits(scalar)} (scalar)`,
  ];
  return (
    `Measured peak of a core, GFLOP/s: ${arithmetic.join(', ')}. ` +
    `Reading, GB/s: ${digits(l1)} (L1), ${digits(l2)} (L2), ${digits(memory)} (memory).`
  );
}
