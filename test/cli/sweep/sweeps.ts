import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digest } from '../folder-contents.ts';

/** Settings of runs as small as can be: three epochs of four steps. */
export const SMALL = [
  ...['--preset', 'quick', '--seq-length', '6', '--batch-size', '8', '--bins', '6', '--steps-per-epoch', '4'],
  ...['--schedule', 'constant', '--backend', 'reference', '--cache', 'none'],
] as const;
export const EPOCHS = ['--epochs', '3'] as const;

/** Writes a space of settings. */
export function writeSpace(folder: string, space: unknown = SPACE): string {
  const path = join(folder, 'space.json');
  writeFileSync(path, JSON.stringify(space));
  return path;
}

export const SPACE = {
  'hidden-size': [4, 8],
  'learning-rate': { from: 0.001, to: 0.1, log: true },
  dropout: { from: 0, to: 0.4 },
};

/** Digests of the checkpoints of all runs of a sweep. */
export function weightsOf(sweep: string): Record<string, string[]> {
  const runs = readdirSync(join(sweep, 'runs')).sort();
  const files = ['best.safetensors', 'last.safetensors'];
  return Object.fromEntries(runs.map((run) => [run, files.map((file) => digest(join(sweep, 'runs', run, file)))]));
}

export interface Summary {
  event: 'summary';
  complete: boolean;
  runs: number;
  failed: unknown[];
  best: { path: string; loss: number; step: number } | null;
  groups: { runs: { path: string; step: number; ended: string | null }[] }[];
}

/** The last line of --json. */
export function summaryOf(stdout: string): Summary {
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Summary;
}

/** The whole lines of a log of JSON objects. */
export function linesOf(path: string): Record<string, unknown>[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
}
