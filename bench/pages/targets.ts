import { digits, percent } from '../../src/cli/bench/report.ts';
import type { GenerationPath } from '../generate.ts';
import type { PeerRow, Ratio } from '../peers/race.ts';
import type { Row } from '../results.ts';
import { markdownTable, peerRows, type Results } from './figures.ts';

/** A target, what was measured, and whether that reaches it; undefined where it was not measured. */
export interface Target {
  work: string;
  target: string;
  measured?: string;
  reached?: boolean;
}

/** Every target, measured by the results. */
export function targets(results: Results): Target[] {
  return [
    ...trainingTargets(results),
    ...largeTargets(results),
    ...generationTargets(results),
    ...otherTargets(results),
  ];
}

/** As a table, the ones that are not reached in bold. */
export function targetsTable(results: Results): string {
  const rows = targets(results).map(({ work, target, measured = 'not measured', reached }) => [
    work,
    target,
    measured,
    reached === undefined ? '' : reached ? 'yes' : '**no**',
  ]);
  return markdownTable(['work', 'target', 'measured', 'reached'], rows);
}

const ONE = 'Etude, 1 thread';
const TWO = 'Etude, 2 threads';
const TORCH = ['PyTorch, nn.LSTM, 1 thread', 'PyTorch, nn.LSTM, 2 threads'];

function trainingTargets(results: Results): Target[] {
  const rows = peerRows(results).filter(({ task }) => task === 'train');
  const row = (name: string): PeerRow | undefined => rows.find(({ peer }) => peer === name);
  const ratio = (ours: string, theirs: string | undefined): Ratio | undefined => row(theirs ?? '')?.ratios[ours];
  const best = rows.filter(({ peer }) => TORCH.includes(peer)).toSorted((a, b) => a.medianMs - b.medianMs)[0];
  const step = 'training step (batch 64, T 25, H 128, three heads, Adam), 1 thread';
  return [
    atMost(step, 1, 'x PyTorch with 1 thread', ratio(ONE, TORCH[0])),
    timesFaster(step, 8, 'jax-js', ratio(ONE, 'jax-js, wasm')),
    timesFaster(step, 15, 'TensorFlow.js layers on wasm', ratio(ONE, 'TensorFlow.js, wasm, layers')),
    atMost('the same, 2 threads', 0.55, 'of our own time with 1 thread', ratio(TWO, ONE)),
    atMost('the same, 2 threads', 1, 'x PyTorch with its best number of threads', ratio(TWO, best?.peer)),
  ];
}

function largeTargets(results: Results): Target[] {
  const large = (name: 'train-large-1' | 'train-large-2' | 'train-large-plain-1', work: string, of: string): Target => {
    const row = results[name]?.rows[0];
    const measured =
      row &&
      `${percent(row.fractionOfPeak ?? NaN)} (${digits(row.gflops)} of ${digits(row.peakGflops ?? NaN)} GFLOP/s)`;
    return { work, target: `at least 75 % of ${of}`, measured, reached: row && (row.fractionOfPeak ?? 0) >= 0.75 };
  };
  const work = 'H 512, T 100, two layers, batch 64';
  return [
    large('train-large-1', `${work}, 1 thread`, 'the measured 128-bit fused peak'),
    large('train-large-2', `${work}, 2 threads`, 'the measured 128-bit fused peak'),
    large('train-large-plain-1', `${work}, plain SIMD, 1 thread`, 'the measured 128-bit multiply-add peak'),
  ];
}

function generationTargets({ generate }: Results): Target[] {
  const note = (path: GenerationPath, work: string, limit: number): Target => {
    const row = generate?.rows.find((each) => each.path === path);
    const measured = row && `${digits(row.microseconds)} us`;
    return { work, target: `at most ${limit} us`, measured, reached: row && row.microseconds <= limit };
  };
  const stateful = generate?.rows.find(({ path }) => path === 'stateful');
  const bytes = stateful && Math.round(stateful.heapBytesPerNote);
  return [
    note('stateful', 'one generated note, stateful, H 128, in the engine', 7),
    note('with sampling', 'the same with sampling and bookkeeping', 20),
    {
      work: 'the same, in the engine',
      target: 'nothing allocated per note',
      measured: bytes === undefined ? undefined : `${bytes} bytes`,
      reached: bytes === undefined ? undefined : bytes === 0,
    },
  ];
}

function otherTargets(results: Results): Target[] {
  const epoch = results['epoch-1']?.rows[0];
  const loading = (way: string): Row | undefined => results.load?.rows.find((row) => row.way === way);
  const [cold, cached] = [loading('cold'), loading('cached')];
  const memory = results.memory?.rows[0];
  const starting = (name: string): Row | undefined => results.startup?.rows.find(({ id }) => id === name);
  const files = results.load?.rows[0]?.files;
  return [
    {
      work: `training epoch on ${epoch?.files ?? 10} MAESTRO files`,
      target: 'at least 90 % of the time in the kernels',
      measured: epoch && percent(epoch.kernelShare),
      reached: epoch && epoch.kernelShare >= 0.9,
    },
    seconds(`reading MAESTRO${files === undefined ? '' : ` (${files} files)`}, cold`, 12, cold),
    seconds('the same, cached', 0.5, cached),
    {
      work: 'memory, tutorial preset',
      target: 'at most 250 MB resident, flat over 10,000 steps',
      measured:
        memory && `${digits(memory.largestMB)} MB, ${memory.growthMBPer1000Steps.toFixed(2)} MB more every 1,000 steps`,
      reached: memory && memory.largestMB <= 250 && memory.growthMBPer1000Steps < FLAT_MB,
    },
    milliseconds('`etude --help`', 120, starting('etude --help')),
    seconds(
      'first step of `etude train data/songbook` after the command',
      1,
      starting('first step of etude train data/songbook'),
    ),
  ];
}

/** Less than this in 1,000 steps is what the garbage collector's moments make of a flat line. */
const FLAT_MB = 0.5;

function seconds(work: string, limit: number, row: Row | undefined): Target {
  const measured = row && `${digits(row.medianMs / 1000)} s`;
  return { work, target: `at most ${limit} s`, measured, reached: row && row.medianMs <= limit * 1000 };
}

function milliseconds(work: string, limit: number, row: Row | undefined): Target {
  return {
    work,
    target: `at most ${limit} ms`,
    measured: row && `${digits(row.medianMs)} ms`,
    reached: row && row.medianMs <= limit,
  };
}

function atMost(work: string, limit: number, of: string, ratio: Ratio | undefined): Target {
  const measured = ratio && spread(ratio);
  return { work, target: `at most ${limit} ${of}`, measured, reached: ratio && ratio.median <= limit };
}

function timesFaster(work: string, times: number, than: string, ratio: Ratio | undefined): Target {
  const inverse = ratio && { min: 1 / ratio.max, median: 1 / ratio.median, max: 1 / ratio.min };
  const measured = inverse && `${spread(inverse)} x`;
  return {
    work,
    target: `at least ${times} x faster than ${than}`,
    measured,
    reached: inverse && inverse.median >= times,
  };
}

/** `0.93 (0.91 - 0.97)` */
export function spread({ min, median, max }: Ratio): string {
  return `${digits(median)} (${digits(min)} - ${digits(max)})`;
}
