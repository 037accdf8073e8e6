import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { SETTINGS, type Settings } from '../../music/index.ts';
import type { EpochRecord } from '../../nn/index.ts';
import type { RunSummary } from '../../pages/runs/runs-data.ts';
import { LogFile, type LogEntry } from '../log-file.ts';
import { runPaths } from '../run-folder.ts';
import { readRun, type ReadRun } from '../train/run-config.ts';

/**
 * What a run folder says of its run, whether that has ended or not.
 * @param pageFolder the folder of the page that is to link to its report
 * @throws DataError when it is no run folder, or is damaged
 */
export function readRunSummary(folder: string, pageFolder?: string): RunSummary {
  const paths = runPaths(folder);
  const config = readRun(paths.config);
  const log = new LogFile(paths.log).read();
  const history = log.filter(isEpoch);
  return {
    path: folder,
    preset: config.preset,
    settings: config.settings,
    parameters: config.parameters,
    engine: config.engine,
    history,
    step: log.at(-1)?.step ?? 0,
    seconds: history.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0),
    ended: endOf(log),
    measure: measureOf(config),
    ...(pageFolder !== undefined &&
      existsSync(paths.report) && { report: address(relative(pageFolder, paths.report)) }),
  };
}

type LoggedEpoch = LogEntry & EpochRecord & { seconds?: number };

function isEpoch(entry: LogEntry): entry is LoggedEpoch {
  return entry.event === 'epoch' && typeof entry.epoch === 'number' && typeof entry.loss === 'number';
}

/** Why the run ended; null where it has been resumed since, or was killed. */
function endOf(log: readonly LogEntry[]): string | null {
  const last = log.findLast(({ event }) => ['begin', 'resume', 'end', 'diverged'].includes(event));
  if (last?.event === 'diverged') return 'diverged';
  return last?.event === 'end' ? String(last.reason) : null;
}

/** Settings of the data that change only what the network learns from, not what it is asked. */
const ONLY_IN_TRAINING: readonly (keyof Settings)[] = ['transpose', 'tempo'];

/** A digest of what a loss is measured on: the music on both sides, and how it is encoded, weighed and read. */
function measureOf({ settings, train, validation }: ReadRun): string {
  const counts = (key: string, group: string): boolean =>
    group === 'data' || group === 'codec' || key.endsWith('Weight') || key === 'carryState';
  const encoding = SETTINGS.filter(({ key, group }) => counts(key, group) && !ONLY_IN_TRAINING.includes(key)).map(
    ({ key }) => settings[key],
  );
  return createHash('sha256')
    .update(JSON.stringify([encoding, train, validation]))
    .digest('hex');
}

/** A path as an address of a page. */
function address(path: string): string {
  return path.split(sep).map(encodeURIComponent).join('/');
}
