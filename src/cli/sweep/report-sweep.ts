import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { SweepPlan, SweepRun } from '../../distributed/plan-runs.ts';
import { rungsOf } from '../../distributed/asha.ts';
import { bestEpoch, groupRuns, lossesOf } from '../../pages/runs/group-runs.ts';
import type { RunSummary } from '../../pages/runs/runs-data.ts';
import { sweepPage } from '../../pages/runs/sweep-page.ts';
import { quoted } from '../../text/table.ts';
import { writeFileAtomic } from '../files.ts';
import { RUN_FILES } from '../run-folder.ts';
import { groupJson, printGroups } from '../runs/print-groups.ts';
import { readRunSummary } from '../runs/read-run.ts';
import type { Terminal } from '../terminal.ts';
import { SWEEP_FILES, type SweepFolder } from './sweep-folder.ts';

/** What a sweep came to. */
export interface SweepOutcome {
  plan: SweepPlan;
  runs: readonly SweepRun[];
  folder: SweepFolder;
  /** Runs that could not be trained, and why, by id. */
  failed: ReadonlyMap<string, string>;
  /** Whether nothing is left to do. */
  complete: boolean;
}

/** Writes the page, and says which run is best and how its music is generated. */
export function reportSweep({ plan, runs, folder, failed, complete }: SweepOutcome, terminal: Terminal): void {
  const begun = runs.filter((run) => existsSync(join(folder.folderOf(run), RUN_FILES.config)));
  const groups = groupRuns(begun.map((run) => readRunSummary(folder.folderOf(run), folder.folder)));
  const page = join(folder.folder, SWEEP_FILES.page);
  const best: RunSummary | undefined = groups.at(0)?.runs.find((run) => bestEpoch(run) !== undefined);
  const generate = best && `etude generate ${quoted(best.path)} --out new.mid`;
  const html = sweepPage({
    groups: groups.map((group) => ({
      ...group,
      runs: group.runs.map((run) => ({ ...run, path: basename(run.path) })),
    })),
    swept: plan.space.map(({ key, values }) => ({ key, log: values.kind === 'range' && values.log })),
    firstRung: plan.halving && rungsOf(plan.halving)[0],
    planned: runs.length,
    failed: failed.size,
    complete,
    generate,
  });
  writeFileAtomic(page, html, { force: true });
  if (terminal.json) {
    const epoch = best && bestEpoch(best)!;
    terminal.printJson({
      event: 'summary',
      out: folder.folder,
      complete,
      runs: runs.length,
      failed: [...failed].map(([run, why]) => ({ run, why })),
      best: best ? { path: best.path, loss: lossesOf(epoch!).loss, step: epoch!.step } : null,
      page,
      groups: groups.map(groupJson),
    });
    return;
  }
  if (groups.length > 0) printGroups(groups, terminal);
  for (const [run, why] of failed) terminal.warn(`${run} failed: ${why}`);
  if (failed.size > 0) terminal.say(`Failed runs are tried again with: ${resumeSweepCommand(folder.folder)}`);
  terminal.say(`The page: ${page}`);
  if (generate !== undefined) terminal.say(`Music of the best: ${generate}`);
}

/** The command line that goes on with a sweep. */
export function resumeSweepCommand(folder: string): string {
  return `etude sweep --out ${quoted(folder)} --resume`;
}
