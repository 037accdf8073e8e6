import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { benchLoad, loadOnce, type Loading, type LoadRow } from '../../../bench/load.ts';
import { processSeconds } from '../../../bench/machine.ts';
import { summarise } from '../../../bench/timing.ts';
import { TIME_COLUMNS, times } from '../../../bench/times.ts';
import { EtudeError } from '../../errors.ts';
import { songbookFolder } from '../../package-folder.ts';
import { digits } from '../../text/numbers.ts';
import { figure, words } from '../../text/table.ts';
import { counted, formatCount } from '../../text/words.ts';
import type { Live } from './live.ts';
import type { BenchCall, BenchReport } from './report.ts';

const ROUNDS = 5;

/** `etude bench load` */
export async function load(call: BenchCall, live: Live): Promise<BenchReport> {
  const { options } = call;
  const { rounds = ROUNDS, cache } = options;
  const sources = sourcesOf(call);
  const show = (row: LoadRow): void => { live.row(row, cells(row)); }; // prettier-ignore
  live.table(COLUMNS);
  live.stage(cache === undefined ? `Loading ${rounds} times each way` : 'Loading once');
  if (cache !== undefined) {
    const row = await once(sources, cache);
    show(row);
    return { rows: [row], notes: [] };
  }
  const rows = await benchLoad({
    sources,
    rounds,
    load: cliPath() === undefined ? loadOnce : loadInProcess,
    onRound: (round) => { live.detail(`Loading: round ${round} of ${rounds} is done`); }, // prettier-ignore
  });
  rows.forEach(show);
  return { rows, notes: [], childSeconds: rows.reduce((sum, row) => sum + row.childSeconds, 0) };
}

/** The DATA of a call, or the songbook. */
export function sourcesOf({ args }: BenchCall): string[] {
  const data = args.slice(1);
  return data.length > 0 ? data : [songbookFolder()];
}

async function once(sources: string[], cache: string): Promise<LoadRow> {
  const { ms, files, notes, cached } = await loadOnce(sources, cache === 'none' ? undefined : cache);
  const way = cache === 'none' ? 'cold' : cached > 0 ? 'cached' : 'filling the cache';
  // What the process that asked for this will count as its own.
  const childSeconds = processSeconds();
  const rates = { filesPerSecond: (files * 1000) / ms, notesPerSecond: (notes * 1000) / ms };
  return {
    id: `loading ${counted(files, 'file')}, ${way}`,
    way,
    files,
    notes,
    cached,
    ...summarise([ms]),
    ...rates,
    childSeconds,
  } as LoadRow;
}

/** This program's own file; undefined where the command line runs inside something else, as in tests. */
function cliPath(): string | undefined {
  const script = process.argv[1] === undefined ? undefined : realpathSync(process.argv[1]);
  return script?.endsWith('cli/main.js') ? script : undefined;
}

/** Reads in a process of its own, which begins as cold as any. */
async function loadInProcess(sources: readonly string[], cacheDir = 'none'): Promise<Loading> {
  const files = sources.map((source) => resolve(source));
  const argv = [...process.execArgv, cliPath()!, 'bench', 'load', ...files, '--cache', cacheDir, '--json', '--quiet'];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  const row = JSON.parse(stdout.split('\n')[0]) as LoadRow & { cached: number };
  if (typeof row.medianMs !== 'number') throw new EtudeError(`internal: a reading process said ${stdout}`);
  return { ms: row.medianMs, files: row.files, notes: row.notes, cached: row.cached, childSeconds: row.childSeconds };
}

const COLUMNS = [
  words('Loading', 17),
  figure('files'),
  figure('notes', 9),
  ...TIME_COLUMNS,
  figure('files/s'),
  figure('notes/s', 10),
];

function cells(row: LoadRow): string[] {
  return [
    row.way,
    formatCount(row.files),
    formatCount(row.notes),
    ...times(row),
    digits(row.filesPerSecond),
    digits(row.notesPerSecond),
  ];
}
