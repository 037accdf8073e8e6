import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatCount } from '../../src/text/words.ts';
import { trueMinus } from '../../src/text/numbers.ts';
import { markdownTable } from './figures.ts';
import { replaceBetween } from './sections.ts';

/** What bench/distributed/local-sgd.ts writes, as far as the page shows it. */
export interface LocalSgdResult {
  music: string;
  preset: string;
  steps: number;
  settings: { files: number | null; hiddenSize: number; batchSize: number };
  runs: readonly LocalSgdRun[];
}

export interface LocalSgdRun {
  /** null: one machine without rounds. */
  rounds: {
    machines: number;
    innerSteps: number;
    differences: string;
    outerLearningRate: number;
    outerMomentum: number;
  } | null;
  /** The lowest validation loss, in nats a note. */
  best: number;
  serialSteps: number;
  roundCount: number;
  receivedBytes: number;
}

/** What bench/distributed/scale.ts writes, as far as the page shows it. */
export interface ScaleResult {
  models: readonly { parameters: number; stepSeconds: number }[];
  trips: readonly { machines: number; parameters: number; seconds: number }[];
  redisBytesPerSecond: number;
  averagingBytesPerSecond: number;
  verdicts: readonly { network: string; parameters: number; innerSteps: number; worthIt: number }[];
}

/** Puts the tables of docs/distributed.md between their markers, from the result files in `folder`; those that were not made say so. */
export function withDistributedTables(page: string, folder: string): string {
  const read = <T>(name: string): T | undefined => {
    const path = join(folder, `${name}.json`);
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
  };
  const losses = [
    'local-sgd-songbook',
    'local-sgd-maestro',
    'local-sgd-maestro-half',
    'local-sgd-maestro-long',
  ].flatMap((name) => read<LocalSgdResult>(name) ?? []);
  const scale = read<ScaleResult>('scale');
  const sections = {
    'local-sgd': losses.map(localSgdTable).join('\n\n'),
    scale: scale ? scaleTables(scale) : 'Not measured yet.',
  };
  return Object.entries(sections).reduce((text, [name, content]) => replaceBetween(text, `results:${name}`, content) ?? text, page); // prettier-ignore
}

/** Validation losses at equal training steps, against one machine that takes them all, and one that takes as many one after the other. */
export function localSgdTable({ music, steps, settings, runs }: LocalSgdResult): string {
  const alone = runs.filter(({ rounds }) => rounds === null);
  const whole = alone.find(({ serialSteps }) => serialSteps === steps);
  if (!whole) return 'Not measured yet.';
  const rows = runs.flatMap(({ rounds, best, serialSteps, roundCount, receivedBytes }) => {
    if (!rounds) return [];
    const sameTime = alone.find((run) => run.serialSteps === serialSteps);
    const half = rounds.differences === 'float16' ? ', float16' : '';
    return [
      [
        `${rounds.machines} × ${rounds.innerSteps}${half}`,
        best.toFixed(3),
        signed(best - whole.best),
        sameTime ? signed(best - sameTime.best) : '–',
        formatCount(roundCount),
        (receivedBytes / rounds.machines / 1e6).toFixed(1),
      ],
    ];
  });
  const corpus = `${music}${settings.files === null ? '' : `, ${settings.files} files`}`;
  const head = ['machines × inner steps', 'validation loss', 'against one machine', 'against one, same time', 'rounds', 'MB from each']; // prettier-ignore
  const outer = runs.find(({ rounds }) => rounds !== null && rounds.innerSteps > 1)?.rounds;
  const step = outer ? ` (outer step ${outer.outerLearningRate}, momentum ${outer.outerMomentum})` : '';
  const intro = `\`${corpus}\`, ${settings.hiddenSize} units, ${formatCount(steps)} training steps of ${settings.batchSize} windows in all${step}; one machine reaches ${whole.best.toFixed(3)} nats a note:`;
  return `${intro}\n\n${markdownTable(head, rows)}`;
}

/** How many machines are worth it, and how long rounds are that only move weights. */
export function scaleTables(result: ScaleResult): string {
  const { models, trips, verdicts, redisBytesPerSecond, averagingBytesPerSecond } = result;
  const inner = [...new Set(verdicts.map(({ innerSteps }) => innerSteps))];
  const networks = [...new Set(verdicts.map(({ network }) => network))];
  const worth = models.map(({ parameters, stepSeconds }) => [
    millions(parameters),
    (1000 * stepSeconds).toFixed(0),
    ...networks.flatMap((network) =>
      inner.map((innerSteps) => {
        const found = verdicts.find((each) => each.network === network && each.parameters === parameters && each.innerSteps === innerSteps); // prettier-ignore
        return found ? formatCount(found.worthIt) : '–';
      }),
    ),
  ]);
  const columns = networks.flatMap((network) => inner.map((innerSteps) => `${network}, H = ${innerSteps}`));
  const counts = [...new Set(trips.map(({ machines }) => machines))].sort((a, b) => a - b);
  const seconds = models.map(({ parameters }) => [
    millions(parameters),
    ...counts.map((machines) => {
      const trip = trips.find((each) => each.machines === machines && each.parameters === parameters);
      return trip ? trip.seconds.toPrecision(2) : '–';
    }),
  ]);
  return [
    markdownTable(['parameters', 'step, ms', ...columns], worth),
    `One Redis moved ${gigabytes(redisBytesPerSecond)} GB for each second of its processor, and the machine that averages took in ${gigabytes(averagingBytesPerSecond)} GB. Seconds of a round in which nothing is computed, by the number of machines (all on one machine with two cores):`,
    markdownTable(['parameters', ...counts.map(String)], seconds),
  ].join('\n\n');
}

function signed(value: number): string {
  return trueMinus(`${value >= 0 ? '+' : ''}${value.toFixed(3)}`);
}

function millions(parameters: number): string {
  return `${(parameters / 1e6).toFixed(parameters < 2e6 ? 2 : 1)} M`;
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(2);
}
