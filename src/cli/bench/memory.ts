import { benchMemory } from '../../../bench/memory.ts';
import { resolveSettings } from '../../music/index.ts';
import { createProgress } from '../progress.ts';
import { formatCount } from '../table.ts';
import { readMusic } from '../train/read-music.ts';
import { sourcesOf } from './load.ts';
import { digits, figure, type BenchCall, type BenchReport } from './report.ts';
import { oneBackend } from './train.ts';

const FILES = 10;
const STEPS = 10_000;

/** `etude bench memory` */
export async function memory(call: BenchCall): Promise<BenchReport> {
  const { options, terminal } = call;
  const { threads = 'auto', files = FILES, steps = STEPS } = options;
  const corpus = await readMusic(
    { sources: sourcesOf(call), settings: resolveSettings('tutorial', { files }) },
    terminal,
  );
  const progress = createProgress(terminal);
  progress.start(steps, 'Memory');
  const row = await benchMemory({
    corpus,
    steps,
    backend: oneBackend(options),
    threads,
    onStep: (step) => {
      progress.update(step);
    },
  });
  progress.abandon();
  const columns = [
    { title: 'Resident memory' },
    figure('steps'),
    figure('MB before'),
    figure('first step'),
    figure('last step'),
    figure('largest'),
    figure('growth, MB per 1000 steps'),
  ];
  const { engine, startMB, firstMB, lastMB, largestMB, growthMBPer1000Steps } = row;
  const megabytes = [startMB, firstMB, lastMB, largestMB].map(digits);
  const cells = [engine, formatCount(row.steps), ...megabytes, growthMBPer1000Steps.toFixed(3)];
  return { rows: [row], tables: [{ columns, rows: [cells] }], notes: [] };
}
