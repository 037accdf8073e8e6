import { benchMemory } from '../../../bench/memory.ts';
import { resolveSettings } from '../../music/index.ts';
import { digits } from '../../text/numbers.ts';
import { figure, words } from '../../text/table.ts';
import { counted, formatCount } from '../../text/words.ts';
import { readMusic } from '../train/read-music.ts';
import type { Live } from './live.ts';
import { sourcesOf } from './load.ts';
import type { BenchCall, BenchReport } from './report.ts';
import { oneBackend } from './what-is-measured.ts';

const FILES = 10;
const STEPS = 10_000;
/** Every so many steps it is said how far it is. */
const SHOWN = 20;

/** `etude bench memory` */
export async function memory(call: BenchCall, live: Live): Promise<BenchReport> {
  const { options, terminal } = call;
  const { threads = 'auto', files = FILES, steps = STEPS } = options;
  live.stage('Reading the music');
  const corpus = await readMusic(
    { sources: sourcesOf(call), settings: resolveSettings('tutorial', { files }) },
    terminal,
  );
  live.stage(`Training for ${counted(steps, 'step')}`);
  const row = await benchMemory({
    corpus,
    steps,
    backend: oneBackend(options),
    threads,
    onStep: (step) => {
      if (step % SHOWN === 0) live.detail(`Training: ${formatCount(step)} of ${formatCount(steps)} steps`);
    },
  });
  live.table([
    words('Resident memory', row.engine.length),
    figure('steps'),
    figure('MB before'),
    figure('first step'),
    figure('last step'),
    figure('largest'),
    figure('growth, MB per 1000 steps'),
  ]);
  const { engine, startMB, firstMB, lastMB, largestMB, growthMBPer1000Steps } = row;
  const megabytes = [startMB, firstMB, lastMB, largestMB].map(digits);
  const cells = [engine, formatCount(row.steps), ...megabytes, growthMBPer1000Steps.toFixed(3)];
  live.row(row, cells);
  return { rows: [row], notes: [] };
}
