import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EpochRow } from '../epoch.ts';
import type { GenerateRow } from '../generate.ts';
import type { KernelRow } from '../kernels/bench-kernels.ts';
import type { LoadRow } from '../load.ts';
import type { MemoryRow } from '../memory.ts';
import type { PeerRow } from '../peers/race.ts';
import { QUIET } from '../machine.ts';
import { othersOf, readResult, type ResultFile, type Row } from '../results.ts';
import type { ScalingRow } from '../scaling.ts';
import type { TrainRow } from '../train.ts';

/** What each result file holds, as bench/records.ts makes them; a name without a Node's is of Node 20. */
interface ResultRows {
  kernels: KernelRow;
  'kernels-node24': KernelRow;
  'train-1': TrainRow;
  'train-1-node24': TrainRow;
  'train-1-node26': TrainRow;
  'train-2': TrainRow;
  'train-2-node24': TrainRow;
  'train-2-node26': TrainRow;
  'train-plain-1-node24': TrainRow;
  'train-reference-node24': TrainRow;
  'train-large-1-node24': TrainRow;
  'train-large-2-node24': TrainRow;
  generate: GenerateRow;
  'generate-node24': GenerateRow;
  'generate-node26': GenerateRow;
  'generate-reference-node24': GenerateRow;
  'generate-large-node24': GenerateRow;
  load: LoadRow;
  'load-node24': LoadRow;
  'epoch-1-node24': EpochRow;
  'epoch-2-node24': EpochRow;
  'scaling-node24': ScalingRow;
  'memory-node24': MemoryRow;
  startup: Row;
  'startup-node24': Row;
  'startup-node26': Row;
  peers: PeerRow;
  'peers-notes': PeerRow;
  'peers-large': PeerRow;
}
export type ResultName = keyof ResultRows;

/** The result files by name; one that was not made is left out. */
export type Results = { [Name in ResultName]?: ResultFile<ResultRows[Name]> };

/** In the order in which they stand in tables. */
export const RESULT_NAMES = [
  'kernels-node24', 'kernels',
  'train-1-node24', 'train-1-node26', 'train-1', 'train-2-node24', 'train-2-node26', 'train-2',
  'train-plain-1-node24', 'train-reference-node24', 'train-large-1-node24', 'train-large-2-node24',
  'generate-node24', 'generate-node26', 'generate', 'generate-reference-node24', 'generate-large-node24',
  'load-node24', 'load', 'epoch-1-node24', 'epoch-2-node24', 'scaling-node24', 'memory-node24',
  'startup-node24', 'startup-node26', 'startup', 'peers', 'peers-notes', 'peers-large',
] as const satisfies readonly ResultName[]; // prettier-ignore

/** Reads all result files of a folder. */
export function readResults(folder: string): Results {
  const found = RESULT_NAMES.map((name) => [name, join(folder, `${name}.json`)] as const).filter(([, path]) =>
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
  const { cpu, cores, memoryGB, os, etude } = machine;
  return `${cpu}, ${cores} cores, ${memoryGB} GB, ${os}, Etude ${etude}`;
}

/** The Nodes that results were made on. */
export function nodesLine(files: readonly (ResultFile<Row> | undefined)[]): string {
  const versions = files.flatMap((file) => (file ? [file.machine.node] : []));
  return [...new Set(versions)].toSorted((a, b) => parseFloat(b) - parseFloat(a)).join(', ');
}

/** What was disturbed, by how much; that nothing was, where nothing was. */
export function disturbanceLine(results: Results): string {
  const disturbed = RESULT_NAMES.flatMap((name) => {
    const others = results[name] ? othersOf(results[name] as ResultFile) : 0;
    return others > QUIET ? [`${name} (${others.toFixed(2)})`] : [];
  });
  if (disturbed.length === 0) return `Other processes used at most ${QUIET} cores during the measurements.`;
  return `Other processes used more than ${QUIET} cores while these were measured, so do not compare them with anything: ${disturbed.join(', ')}.`;
}

/** `Node 24`, of a file. */
export function nodeOf({ machine }: ResultFile<Row>): string {
  return `Node ${machine.node.split('.')[0]}`;
}
