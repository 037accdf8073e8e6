import { digits, percent } from '../../src/text/numbers.ts';
import { AXIS_WORDS } from '../scaling.ts';
import { formatCount } from '../../src/text/words.ts';
import type { GenerateRow } from '../generate.ts';
import type { KernelRow } from '../kernels/bench-kernels.ts';
import type { LoadRow } from '../load.ts';
import type { Bandwidth, Peak } from '../peak/peak.ts';
import { ownNames, type PeerRow } from '../peers/race.ts';
import { TASK_WORDS, TASKS } from '../peers/tasks.ts';
import { torchInWords, type TorchSettings } from '../peers/torch-settings.ts';
import type { ResultFile, Row } from '../results.ts';
import type { ScalingFit } from '../scaling.ts';
import type { TrainRow } from '../train.ts';
import {
  disturbanceLine,
  machineLines,
  markdownTable,
  nodeOf,
  nodesLine,
  peerRows,
  RESULT_NAMES,
  type Results,
} from './figures.ts';
import { comparisonLine } from './readme.ts';
import { bestTorch, spread, targetsTable } from './targets.ts';

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
  startup: startupSection,
  peers: peersSection,
};

const NOT_MEASURED = 'Not measured yet.';

function machineSection(results: Results): string {
  const files = Object.values(results) as (ResultFile<Row> | undefined)[];
  const dates = files.flatMap((file) => (file ? [file.date.slice(0, 10)] : [])).toSorted();
  if (dates.length === 0) return NOT_MEASURED;
  const [first, last] = [dates[0], dates.at(-1)!];
  const when = first === last ? `on ${first}` : `from ${first} to ${last}`;
  const made = `Measured ${when} on: ${machineLines(files).join('; ')}, Node ${nodesLine(files)}. ${disturbanceLine(results)}`;
  return [made, comparisonLine(results)].join('\n\n');
}

function peakSection(results: Results): string {
  const kernels = results['kernels-node24'] ?? results.kernels;
  if (!kernels) return NOT_MEASURED;
  const { peak, bandwidth } = kernels.extra as { peak: Peak; bandwidth: Bandwidth };
  const rate = (gflops: number | null | undefined): string => (gflops ? `${digits(gflops)} GFLOP/s` : 'none');
  const rows = [
    ['256-bit fused multiply-add, joined by V8', rate(peak.wide)],
    ['128-bit fused multiply-add', rate(peak.fused)],
    ['128-bit multiply and add', rate(peak.multiplyAdd)],
    ['scalar multiply and add', rate(peak.scalar)],
    ['reading from the L1 cache', `${digits(bandwidth.l1)} GB/s`],
    ['reading from the L2 cache', `${digits(bandwidth.l2)} GB/s`],
    ['reading from memory', `${digits(bandwidth.memory)} GB/s`],
  ];
  return markdownTable([`one thread, in WebAssembly, ${nodeOf(kernels)}`, 'measured'], rows);
}

/** One line for an operation and shape, a column for each backend; of Node 20 beside Node 24 only what is not there too. */
function kernelsSection(results: Results): string {
  const [newer, older] = [results['kernels-node24'], results.kernels];
  const found = newer
    ? [...newer.rows, ...(older?.rows ?? []).map((row) => ({ ...row, backend: `${row.backend}, Node 20` }))]
    : (older?.rows ?? []);
  if (found.length === 0) return NOT_MEASURED;
  const backends = [...new Set(found.map(({ backend }) => backend))];
  const shapes = [...new Set(found.map(({ operation, shape }) => `${operation} ${shape}`))];
  const cell = (row: KernelRow | undefined): string => {
    if (!row) return '';
    const microseconds = `${digits(row.medianMs * 1000)} us`;
    return row.gflops > 0 ? `${digits(row.gflops)} (${percent(row.fractionOfPeak)}), ${microseconds}` : microseconds;
  };
  const rows = shapes.map((name) => {
    const ofShape = found.filter(({ operation, shape }) => `${operation} ${shape}` === name);
    const worst = Math.max(...ofShape.map(({ error }) => error));
    const cells = backends.map((backend) => cell(ofShape.find((row) => row.backend === backend)));
    return [`\`${name}\``, ...cells, worst.toExponential(1)];
  });
  return markdownTable(['operation and shape', ...backends, 'largest error'], rows);
}

/** The rows of the files whose names begin so, each with its Node. */
function withNodes<R extends Row>(results: Results, begins: string): { row: R; node: string }[] {
  const files = RESULT_NAMES.filter((name) => name.startsWith(begins)).flatMap((name) => results[name] ?? []);
  return files.flatMap((file) => file.rows.map((row) => ({ row: row as R, node: nodeOf(file) })));
}

function trainSection(results: Results): string {
  const rows = withNodes<TrainRow>(results, 'train-');
  if (rows.length === 0) return NOT_MEASURED;
  return markdownTable(
    ['training step', 'Node', 'ms', '10 %', '90 %', 'GFLOP/s', 'of the peak beside it', 'notes/s'],
    rows.map(({ row, node }) => [
      row.id.replace('training step, ', ''),
      node.slice(5),
      ...[row.medianMs, row.p10Ms, row.p90Ms, row.gflops].map(digits),
      `${percent(row.fractionOfPeak ?? NaN)}${row.peakOf === undefined ? '' : `, ${row.peakOf}`}`,
      formatCount(Math.round(row.notesPerSecond)),
    ]),
  );
}

function generateSection(results: Results): string {
  const rows = withNodes<GenerateRow>(results, 'generate');
  if (rows.length === 0) return NOT_MEASURED;
  return markdownTable(
    ['one note', 'Node', 'us', '10 %', '90 %', 'bytes of heap'],
    rows.map(({ row, node }) => [
      row.id.replace('one note, ', '').replace('batch 1, ', ''),
      node.slice(5),
      ...[row.medianMs, row.p10Ms, row.p90Ms].map((ms) => digits(ms * 1000)),
      formatCount(Math.round(row.heapBytesPerNote)),
    ]),
  );
}

function loadSection(results: Results): string {
  const rows = withNodes<LoadRow>(results, 'load');
  if (rows.length === 0) return NOT_MEASURED;
  const [{ row: first }] = rows;
  return markdownTable(
    [
      `${formatCount(first.files)} files, ${formatCount(first.notes)} notes`,
      'Node',
      's',
      '10 %',
      '90 %',
      'files/s',
      'notes/s',
    ],
    rows.map(({ row, node }) => [
      row.way,
      node.slice(5),
      ...[row.medianMs, row.p10Ms, row.p90Ms].map((ms) => digits(ms / 1000)),
      digits(row.filesPerSecond),
      formatCount(Math.round(row.notesPerSecond)),
    ]),
  );
}

function startupSection(results: Results): string {
  const rows = withNodes<Row>(results, 'startup');
  if (rows.length === 0) return NOT_MEASURED;
  return markdownTable(
    ['from the start of the process', 'Node', 'ms', '10 %', '90 %'],
    rows.map(({ row, node }) => [row.id, node.slice(5), ...[row.medianMs, row.p10Ms, row.p90Ms].map(digits)]),
  );
}

function epochSection(results: Results): string {
  const rows = (['epoch-1-node24', 'epoch-2-node24'] as const).flatMap((name) => results[name]?.rows ?? []);
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

function scalingSection({ 'scaling-node24': scaling }: Results): string {
  if (!scaling) return NOT_MEASURED;
  const { fits } = scaling.extra as { fits: ScalingFit[] };
  const tables = fits.map((fit) => {
    const rows = scaling.rows.filter(({ axis }) => axis === fit.axis);
    const table = markdownTable(
      [AXIS_WORDS[fit.axis], 'ms', '10 %', '90 %', 'us for each', 'MB'],
      rows.map((row) => [
        String(row.value),
        ...[row.medianMs, row.p10Ms, row.p90Ms, row.msPerUnit * 1000, row.bytes / 1e6].map(digits),
      ]),
    );
    const [time, memory] = [fit.timeExponent, fit.memoryExponent].map((power) => power.toFixed(2));
    const [timeAbove, memoryAbove] = [fit.timeExponentAbove, fit.memoryExponentAbove].map((power) => power.toFixed(2));
    return `${table}\n\nTime grows with the power ${time} (upper half ${timeAbove}), memory with ${memory} (${memoryAbove}).`;
  });
  return tables.join('\n\n');
}

function memorySection({ 'memory-node24': memory }: Results): string {
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
  const torch = results.peers?.extra?.torch as TorchSettings | undefined;
  const tables = TASKS.map((task) => rows.filter((row) => row.task === task)).filter((found) => found.length > 0);
  return [...(torch ? [torchSection(torch)] : []), ...tables.map((found) => peersTable(found, results))].join('\n\n');
}

/** How PyTorch was run, and why so. */
function torchSection(torch: TorchSettings): string {
  const tried = Object.entries(torch.tried).map(([core, ms]) => `${core} ${digits(ms)} ms`);
  return `${torchInWords(torch)}. The same products with the OpenBLAS kernels for each core: ${tried.join(', ')}.`;
}

function peersTable(rows: readonly PeerRow[], results: Results): string {
  const ours = ownNames(rows);
  const [{ task }] = rows;
  const table = markdownTable(
    [TASK_WORDS[task], 'ms', '10 %', 'rounds, ms', 'off by', ...ours.map((name) => `${name}, by it`)],
    rows.map(({ peer, version, medianMs, p10Ms, rounds, difference, ratios }) => [
      /^Etude|^plain|^PyTorch/.test(peer) ? peer : `${peer} (${version})`,
      digits(medianMs),
      digits(p10Ms),
      `${digits(Math.min(...rounds))} - ${digits(Math.max(...rounds))}`,
      difference?.toExponential(0) ?? 'other work',
      ...ours.map((name) => spread(ratios[name])),
    ]),
  );
  const [one, any] = [bestTorch(results, task, 1), bestTorch(results, task)];
  const best = one && any && `PyTorch's best: ${one.peer.replace('PyTorch, ', '')}, ${digits(one.medianMs)} ms; of any number of threads ${any.peer.replace('PyTorch, ', '')}, ${digits(any.medianMs)} ms.`; // prettier-ignore
  return best === undefined || one === any ? table : `${table}\n\n${best}`;
}
