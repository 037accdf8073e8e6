import { digits, percent } from '../../src/text/numbers.ts';
import type { GenerationPath } from '../generate.ts';
import type { PeerRow, Ratio } from '../peers/race.ts';
import { etudeName, type Task } from '../peers/tasks.ts';
import type { Row } from '../results.ts';
import { STARTUP_IDS } from '../startup.ts';
import type { TrainRow } from '../train.ts';
import { markdownTable, peerRows, type Results } from './figures.ts';

/** A target, what was measured, and whether that reaches it; undefined where it was not measured. */
export interface Target {
  work: string;
  target: string;
  measured?: string;
  reached?: boolean;
}

/** The Node that targets are for. */
export const TARGET_NODE = 'Node 24';

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
  return markdownTable([`work (${TARGET_NODE})`, 'target', 'measured', 'reached'], rows);
}

const [ONE, TWO] = [etudeName(TARGET_NODE, 1), etudeName(TARGET_NODE, 2)];

/** The quickest of PyTorch's forms at a task, with so many threads or with any. */
export function bestTorch(results: Results, task: Task, threads?: number): PeerRow | undefined {
  return peerRows(results)
    .filter(
      (row) =>
        row.task === task && row.peer.startsWith('PyTorch') && (threads === undefined || row.threads === threads),
    ) // prettier-ignore
    .toSorted((a, b) => a.medianMs - b.medianMs)[0];
}

/** Whether PyTorch computed with registers of 512 bits, which WebAssembly does not have. */
export function hasAvx512({ runs }: PeerRow): boolean {
  return runs?.capability === 'AVX512' || ['SkylakeX', 'Cooperlake', 'SapphireRapids'].includes(runs?.blas.core ?? '');
}

function trainingTargets(results: Results): Target[] {
  const step = 'training step (batch 64, T 25, H 128, three heads, Adam)';
  const own = peerRows(results).find(({ task, peer }) => task === 'train' && peer === ONE);
  return [
    atMost(`${step}, 1 thread`, 0.7, "x PyTorch's best with one thread", results, ONE, bestTorch(results, 'train', 1)),
    ofPeak(`${step}, 1 thread`, 0.8, results['train-1-node24']?.rows[0]),
    atMost(`${step}, 2 threads`, 0.54, 'of our own time with 1 thread', results, TWO, own),
    atMost(`${step}, 2 threads`, 0.42, "x PyTorch's best with any threads", results, TWO, bestTorch(results, 'train')),
  ];
}

function largeTargets(results: Results): Target[] {
  const work = 'H 512, T 100, two layers, batch 64';
  const against = (threads: number, best: PeerRow | undefined, of: string): Target => {
    const limit = best && !hasAvx512(best) ? 1 : 1.25;
    const set = best && !hasAvx512(best) ? 'AVX2' : 'AVX-512';
    return atMost(`${work}, ${threads === 1 ? '1 thread' : `${threads} threads`}`, limit, `x PyTorch's best with ${of} (${set})`, results, etudeName(TARGET_NODE, threads), best); // prettier-ignore
  };
  return [
    ofPeak(`${work}, 1 thread`, 0.85, results['train-large-1-node24']?.rows[0]),
    ofPeak(`${work}, 2 threads`, 0.85, results['train-large-2-node24']?.rows[0]),
    against(1, bestTorch(results, 'large', 1), 'one thread'),
    against(2, bestTorch(results, 'large'), 'any threads'),
  ];
}

function generationTargets({ 'generate-node24': generate }: Results): Target[] {
  const note = (path: GenerationPath, work: string, limit: number): Target => {
    const row = generate?.rows.find((each) => each.path === path);
    const measured = row && `${digits(row.microseconds)} us (10 % mark ${digits(row.p10Ms * 1000)})`;
    return { work, target: `at most ${limit} us`, measured, reached: row && row.microseconds <= limit };
  };
  const stateful = generate?.rows.find(({ path }) => path === 'stateful');
  const bytes = stateful && Math.round(stateful.heapBytesPerNote);
  return [
    note('stateful', 'one generated note, stateful, H 128, in the engine', 4),
    note('with sampling', 'one generated note with sampling and bookkeeping', 8),
    {
      work: 'one generated note, stateful, in the engine',
      target: 'nothing allocated per note',
      measured: bytes === undefined ? undefined : `${bytes} bytes`,
      reached: bytes === undefined ? undefined : bytes === 0,
    },
  ];
}

function otherTargets(results: Results): Target[] {
  const epoch = results['epoch-1-node24']?.rows[0];
  const loading = results['load-node24']?.rows;
  const way = (name: string): Row | undefined => loading?.find((row) => row.way === name);
  const memory = results['memory-node24']?.rows[0];
  const startup = (id: string): Row | undefined => results['startup-node24']?.rows.find((row) => row.id === id);
  const files = loading?.[0]?.files;
  return [
    {
      work: `training epoch on ${epoch?.files ?? 10} MAESTRO files`,
      target: 'at least 90 % of the time in the kernels',
      measured: epoch && percent(epoch.kernelShare),
      reached: epoch && epoch.kernelShare >= 0.9,
    },
    within(`reading MAESTRO${files === undefined ? '' : ` (${files} files)`}, cold`, 6, 's', way('cold')),
    within('reading MAESTRO, cached', 0.5, 's', way('cached')),
    {
      work: 'memory, tutorial preset',
      target: 'at most 250 MB resident, flat over 10,000 steps',
      measured:
        memory && `${digits(memory.largestMB)} MB, ${memory.growthMBPer1000Steps.toFixed(2)} MB more per 1,000 steps`,
      reached: memory && memory.largestMB <= 250 && memory.growthMBPer1000Steps < FLAT_MB,
    },
    within('`etude --help`', 120, 'ms', startup(STARTUP_IDS.help)),
    within('first step of `etude train data/songbook` after the command', 1, 's', startup(STARTUP_IDS.firstStep)),
  ];
}

/** Less than this in 1,000 steps is what the garbage collector's moments make of a flat line. */
const FLAT_MB = 0.5;

function within(work: string, limit: number, unit: 's' | 'ms', row: Row | undefined): Target {
  const scale = unit === 's' ? 1000 : 1;
  const measured = row && `${digits(row.medianMs / scale)} ${unit} (10 % mark ${digits(row.p10Ms / scale)})`;
  return { work, target: `at most ${limit} ${unit}`, measured, reached: row && row.medianMs <= limit * scale };
}

function ofPeak(work: string, share: number, row: TrainRow | undefined): Target {
  const measured =
    row && `${percent(row.fractionOfPeak ?? NaN)} of ${row.peakOf ?? ''} (${digits(row.gflops)} of at most ${digits(row.peakGflops ?? NaN)} GFLOP/s)`; // prettier-ignore
  const isWide = row?.peakOf === '256-bit fused';
  return {
    work,
    target: `at least ${share * 100} % of the measured 256-bit fused peak`,
    measured,
    reached: row && isWide && (row.fractionOfPeak ?? 0) >= share,
  };
}

/** Our own time by a peer's, pair by pair, and by the 10 % marks of both. */
function atMost(
  work: string,
  limit: number,
  of: string,
  results: Results,
  ours: string,
  theirs: PeerRow | undefined,
): Target {
  const own = theirs && peerRows(results).find(({ task, peer }) => task === theirs.task && peer === ours);
  const ratio = theirs?.ratios[ours];
  const form = theirs?.peer.startsWith('PyTorch') ? `, ${theirs.peer.replace('PyTorch, ', '')}` : '';
  const marks = own && `; ${digits(own.p10Ms / theirs.p10Ms)} at the 10 % marks`;
  const measured = ratio && `${spread(ratio)}${marks ?? ''}${form}`;
  return { work, target: `at most ${limit} ${of}`, measured, reached: ratio && ratio.median <= limit };
}

/** `0.93 (0.91 - 0.97)` */
export function spread({ min, median, max }: Ratio): string {
  return `${digits(median)} (${digits(min)} - ${digits(max)})`;
}
