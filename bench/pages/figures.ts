import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EpochRow } from '../epoch.ts';
import type { GenerateRow } from '../generate.ts';
import type { KernelRow } from '../kernels/bench-kernels.ts';
import type { LoadRow } from '../load.ts';
import type { MemoryRow } from '../memory.ts';
import type { PeerRow } from '../peers/race.ts';
import { readResult, type ResultFile, type Row } from '../results.ts';
import type { ScalingRow } from '../scaling.ts';
import type { TrainRow } from '../train.ts';

/** The committed result files by name, as bench/record.ts makes them; a file that was not made is left out. */
export interface Results {
  kernels?: ResultFile<KernelRow>;
  'train-1'?: ResultFile<TrainRow>;
  'train-2'?: ResultFile<TrainRow>;
  'train-plain-1'?: ResultFile<TrainRow>;
  'train-reference'?: ResultFile<TrainRow>;
  'train-large-1'?: ResultFile<TrainRow>;
  'train-large-2'?: ResultFile<TrainRow>;
  'train-large-plain-1'?: ResultFile<TrainRow>;
  generate?: ResultFile<GenerateRow>;
  'generate-reference'?: ResultFile<GenerateRow>;
  'generate-large'?: ResultFile<GenerateRow>;
  load?: ResultFile<LoadRow>;
  'epoch-1'?: ResultFile<EpochRow>;
  'epoch-2'?: ResultFile<EpochRow>;
  scaling?: ResultFile<ScalingRow>;
  memory?: ResultFile<MemoryRow>;
  startup?: ResultFile;
  peers?: ResultFile<PeerRow>;
  'peers-notes'?: ResultFile<PeerRow>;
  'peers-large'?: ResultFile<PeerRow>;
}

const NAMES: readonly (keyof Results)[] = [
  'kernels',
  'train-1',
  'train-2',
  'train-plain-1',
  'train-reference',
  'train-large-1',
  'train-large-2',
  'train-large-plain-1',
  'generate',
  'generate-reference',
  'generate-large',
  'load',
  'epoch-1',
  'epoch-2',
  'scaling',
  'memory',
  'startup',
  'peers',
  'peers-notes',
  'peers-large',
];

/** Reads all result files of a folder. */
export function readResults(folder: string): Results {
  const found = NAMES.map((name) => [name, join(folder, `${name}.json`)] as const).filter(([, path]) =>
    existsSync(path),
  );
  return Object.fromEntries(found.map(([name, path]) => [name, readResult(path)]));
}

/** The rows of all races against peers. */
export function peerRows(results: Results): PeerRow[] {
  return (['peers', 'peers-notes', 'peers-large'] as const).flatMap((name) => results[name]?.rows ?? []);
}

/** A table in Markdown; the first column is aligned to the left, the others to the right. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = `|---|${'---:|'.repeat(titles.length - 1)}`;
  return [line(titles), rule, ...rows.map(line)].join('\n');
}

/** What the results were measured on; several lines where they were not all made on the same. */
export function machineLines(files: readonly (ResultFile<Row> | undefined)[]): string[] {
  const lines = files.flatMap((file) => (file ? [machineLine(file)] : []));
  return [...new Set(lines)];
}

function machineLine({ machine }: ResultFile): string {
  const { cpu, cores, memoryGB, os, node, etude } = machine;
  return `${cpu}, ${cores} cores, ${memoryGB} GB, ${os}, Node ${node}, Etude ${etude}`;
}

/** How busy the machine was with other things while these were measured: the most of all. */
export function othersLine(files: readonly (ResultFile<Row> | undefined)[]): string {
  const others = files.flatMap((file) => (typeof file?.load.others === 'number' ? [file.load.others] : []));
  return others.length === 0 ? '' : `Meanwhile other processes used at most ${Math.max(...others).toFixed(2)} cores.`;
}
