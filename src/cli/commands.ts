import * as benchWords from './bench-table.ts';
import * as words from './command-table.ts';
import * as dataWords from './data-table.ts';
import * as modelWords from './model-commands-table.ts';
import * as exportWords from './export-table.ts';
import * as importWords from './import-table.ts';
import * as runsWords from './runs-table.ts';
import * as studyWords from './study-table.ts';
import * as sweepWords from './sweep-table.ts';
import * as studioWords from './studio-table.ts';
import * as workerWords from './worker-table.ts';
import type { Action, CommandSpec, CommandWords } from './command.ts';
import type { OptionTable } from './options.ts';

/** All commands in the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  command(modelWords.demo, async () => (await import('./commands/demo.ts')).demo),
  command(dataWords.data, async () => (await import('./commands/data.ts')).data),
  command(modelWords.train, async () => (await import('./commands/train.ts')).train),
  command(modelWords.generate, async () => (await import('./commands/generate.ts')).generate),
  command(words.listen, async () => (await import('./commands/listen.ts')).listen),
  command(studioWords.studio, async () => (await import('./commands/studio.ts')).studio),
  command(modelWords.evaluate, async () => (await import('./commands/evaluate.ts')).evaluate),
  command(runsWords.runs, async () => (await import('./commands/runs.ts')).runs),
  command(sweepWords.sweep, async () => (await import('./commands/sweep.ts')).sweep),
  command(workerWords.worker, async () => (await import('./commands/worker.ts')).worker),
  command(studyWords.study, async () => (await import('./commands/study.ts')).study),
  command(exportWords.exportModel, async () => (await import('./commands/export.ts')).exportModel),
  command(importWords.importModel, async () => (await import('./commands/import.ts')).importModel),
  command(words.inspect, async () => (await import('./commands/inspect.ts')).inspect),
  command(words.summary, async () => (await import('./commands/summary.ts')).summary),
  command(benchWords.bench, async () => (await import('./commands/bench.ts')).bench),
  command(words.gradcheck, async () => (await import('./commands/gradcheck.ts')).gradcheck),
];

/** Joins words and code; from here on nobody needs to know the types of a command's options. */
function command<Table extends OptionTable>(
  spec: CommandWords<Table>,
  load: () => Promise<Action<Table>>,
): CommandSpec {
  return { ...spec, load } as unknown as CommandSpec;
}
