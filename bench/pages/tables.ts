import { digits, percent } from '../../src/cli/bench/report.ts';
import { AXIS_WORDS } from '../../src/cli/bench/scaling.ts';
import type { KernelRow } from '../kernels/bench-kernels.ts';
import type { PeerRow } from '../peers/race.ts';
import { TASK_WORDS, TASKS } from '../peers/tasks.ts';
import type { Bandwidth, Peak } from '../peak/peak.ts';
import type { ResultFile, Row } from '../results.ts';
import type { ScalingFit } from '../scaling.ts';
import { markdownTable, peerRows, machineLines, othersLine, type Results } from './figures.ts';
import { spread, targetsTable } from './targets.ts';
import { formatCount } from '../../src/words.ts';

/** The parts of docs/performance.md that are made from result files, by the names of their markers. */
export const SECTIONS: Readonly<Record<string, (results: Results) => string>> = {
  machine: machineSection,
  targets: targetsTable,
  peak: peakSection,
  kernels: kernelsSection,
  train: trainSection,
  generate: generateSection,
  load: loadSection,
  epoch: epochSection,
  scaling: scalingSection,
  memory: memorySection,
  peers: peersSection,
};

const NOT_MEASURED = 'Not measured yet.';

function machineSection(results: Results): string {
  const files = Object.values(results) as (ResultFile<Row> | undefined)[];
  const dates = files.flatMap((file) => (file ? [file.date.slice(0, 10)] : [])).toSorted();
  if (dates.length === 0) return NOT_MEASURED;
  const [first, last] = [dates[0], dates.at(-1)!];
  const when = first === last ? `on ${first}` : `from ${first} to ${last}`;
  return `Measured ${when} on: ${machineLines(files).join('; ')}. ${othersLine(files)}`.trim();
}

function peakSection({ kernels }: Results): string {
  if (!kernels) return NOT_MEASURED;
  const { peak, bandwidth } = kernels.extra as { peak: Peak; bandwidth: Bandwidth };
  const rows = [
    ['128-bit fused multiply-add', peak.fused === null ? 'none' : `${digits(peak.fused)} GFLOP/s`],
    ['128-bit multiply and add', `${digits(peak.multiplyAdd)} GFLOP/s`],
    ['scalar multiply and add', `${digits(peak.scalar)} GFLOP/s`],
    ['reading from the L1 cache', `${digits(bandwidth.l1)} GB/s`],
    ['reading from the L2 cache', `${digits(bandwidth.l2)} GB/s`],
    ['reading from memory', `${digits(bandwidth.memory)} GB/s`],
  ];
  return markdownTable(['one thread, in WebAssembly', 'measured'], rows);
}

/** One line for an operation and shape, a column for each backend. */
function kernelsSection({ kernels }: Results): string {
  if (!kernels) return NOT_MEASURED;
  const backends = [...new Set(kernels.rows.map(({ backend }) => backend))];
  const shapes = [...new Set(kernels.rows.map(({ operation, shape }) => `${operation} ${shape}`))];
  const cell = (row: KernelRow | undefined): string => {
    if (!row) return '';
    const microseconds = `${digits(row.medianMs * 1000)} us`;
    return row.gflops > 0 ? `${digits(row.gflops)} (${percent(row.fractionOfPeak)}), ${microseconds}` : microseconds;
  };
  const rows = shapes.map((name) => {
    const found = kernels.rows.filter(({ operation, shape }) => `${operation} ${shape}` === name);
    const worst = Math.max(...found.map(({ error }) => error));
    const cells = backends.map((backend) => cell(found.find((row) => row.backend === backend)));
    return [`\`${name}\``, ...cells, worst.toExponential(1)];
  });
  return markdownTable(['operation and shape', ...backends, 'largest error'], rows);
}

function trainSection(results: Results): string {
  const names = [
    'train-1',
    'train-2',
    'train-plain-1',
    'train-reference',
    'train-large-1',
    'train-large-2',
    'train-large-plain-1',
  ] as const;
  const rows = names.flatMap((name) => results[name]?.rows ?? []);
  if (rows.length === 0) return NOT_MEASURED;
  return markdownTable(
    ['training step', 'ms', '10 % - 90 %', 'GFLOP/s', 'of the measured peak', 'notes/s'],
    rows.map((row) => [
      row.id.replace('training step, ', ''),
      digits(row.medianMs),
      `${digits(row.p10Ms)} - ${digits(row.p90Ms)}`,
      digits(row.gflops),
      percent(row.fractionOfPeak ?? NaN),
      formatCount(Math.round(row.notesPerSecond)),
    ]),
  );
}

function generateSection(results: Results): string {
  const rows = (['generate', 'generate-reference', 'generate-large'] as const).flatMap(
    (name) => results[name]?.rows ?? [],
  );
  if (rows.length === 0) return NOT_MEASURED;
  return markdownTable(
    ['one note', 'us', '10 % - 90 %', 'bytes of heap'],
    rows.map((row) => [
      row.id.replace('one note, ', '').replace('batch 1, ', ''),
      digits(row.microseconds),
      `${digits(row.p10Ms * 1000)} - ${digits(row.p90Ms * 1000)}`,
      formatCount(Math.round(row.heapBytesPerNote)),
    ]),
  );
}

function loadSection({ load }: Results): string {
  if (!load) return NOT_MEASURED;
  return markdownTable(
    [
      `${formatCount(load.rows[0].files)} files, ${formatCount(load.rows[0].notes)} notes`,
      's',
      '10 % - 90 %',
      'files/s',
      'notes/s',
    ],
    load.rows.map((row) => [
      row.way,
      digits(row.medianMs / 1000),
      `${digits(row.p10Ms / 1000)} - ${digits(row.p90Ms / 1000)}`,
      digits(row.filesPerSecond),
      formatCount(Math.round(row.notesPerSecond)),
    ]),
  );
}

function epochSection(results: Results): string {
  const rows = (['epoch-1', 'epoch-2'] as const).flatMap((name) => results[name]?.rows ?? []);
  if (rows.length === 0) return NOT_MEASURED;
  return markdownTable(
    ['epoch on', 'files', 'steps', 's', 'in the engine', 'of a step in the kernels', 'in the kernels'],
    rows.map((row) => [
      row.engine,
      String(row.files),
      formatCount(row.steps),
      digits(row.seconds),
      percent(row.engineShare),
      percent(row.kernelShareOfStep),
      percent(row.kernelShare),
    ]),
  );
}

function scalingSection({ scaling }: Results): string {
  if (!scaling) return NOT_MEASURED;
  const { fits } = scaling.extra as { fits: ScalingFit[] };
  const tables = fits.map((fit) => {
    const rows = scaling.rows.filter(({ axis }) => axis === fit.axis);
    const table = markdownTable(
      [AXIS_WORDS[fit.axis], 'ms', '10 % - 90 %', 'us for each', 'MB'],
      rows.map((row) => [
        String(row.value),
        digits(row.medianMs),
        `${digits(row.p10Ms)} - ${digits(row.p90Ms)}`,
        digits(row.msPerUnit * 1000),
        digits(row.bytes / 1e6),
      ]),
    );
    const [time, memory] = [fit.timeExponent, fit.memoryExponent].map((power) => power.toFixed(2));
    const [timeAbove, memoryAbove] = [fit.timeExponentAbove, fit.memoryExponentAbove].map((power) => power.toFixed(2));
    return `${table}\n\nTime grows as the power ${time} (upper half ${timeAbove}), memory as ${memory} (${memoryAbove}).`;
  });
  return tables.join('\n\n');
}

function memorySection({ memory }: Results): string {
  if (!memory) return NOT_MEASURED;
  return markdownTable(
    ['resident memory', 'steps', 'before', 'first step', 'last step', 'largest', 'growth in 1,000 steps'],
    memory.rows.map((row) => [
      row.engine,
      formatCount(row.steps),
      ...[row.startMB, row.firstMB, row.lastMB, row.largestMB].map((mb) => `${digits(mb)} MB`),
      `${row.growthMBPer1000Steps.toFixed(2)} MB`,
    ]),
  );
}

function peersSection(results: Results): string {
  const rows = peerRows(results);
  if (rows.length === 0) return NOT_MEASURED;
  const tables = TASKS.map((task) => rows.filter((row) => row.task === task)).filter((found) => found.length > 0);
  return tables.map(peersTable).join('\n\n');
}

function peersTable(rows: readonly PeerRow[]): string {
  const ours = Object.keys(rows[0].ratios);
  return markdownTable(
    [TASK_WORDS[rows[0].task], 'ms', 'rounds, ms', 'off by', ...ours.map((name) => `${name}, by it`)],
    rows.map(({ peer, version, medianMs, rounds, difference, ratios }) => [
      /^Etude|^plain/.test(peer) ? peer : `${peer} (${version})`,
      digits(medianMs),
      `${digits(Math.min(...rounds))} - ${digits(Math.max(...rounds))}`,
      difference.toExponential(0),
      ...ours.map((name) => spread(ratios[name])),
    ]),
  );
}
