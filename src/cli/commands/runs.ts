import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DataError } from '../../errors.ts';
import { asFlags, bestEpoch, groupRuns, lossesOf } from '../../pages/runs/group-runs.ts';
import type { RunGroup, RunSummary } from '../../pages/runs/runs-data.ts';
import { headsOf, INCOMPARABLE, runsPage, verdict } from '../../pages/runs/runs-page.ts';
import { digits } from '../../text/numbers.ts';
import { figure, formatTable, words as column } from '../../text/table.ts';
import { clock, formatCount } from '../../text/words.ts';
import type { ActionOf } from '../command.ts';
import { finiteJson } from '../finite-json.ts';
import { besideStdout, checkOutput, outputName, writeOutput } from '../output.ts';
import { RUN_FILES } from '../run-folder.ts';
import { readRunSummary } from '../runs/read-run.ts';
import type { runs as words } from '../runs-table.ts';

/** `etude runs`: training runs beside each other. */
export const runs: ActionOf<typeof words> = async ({ args: [first, ...more], options: { out, force }, terminal }) => {
  if (out !== undefined) checkOutput(out, { force }, terminal);
  const pageFolder = out === undefined ? undefined : dirname(resolve(out));
  const folders = [...new Set([first, ...more].flatMap(runFolders))];
  const groups = groupRuns(folders.map((folder) => readRunSummary(folder, pageFolder)));
  const json = { groups: groups.map(asJson) };
  if (out !== undefined) {
    const content = /\.json$/i.test(out) ? `${finiteJson(json, 2)}\n` : runsPage(groups);
    writeOutput(out, content, { force }, terminal);
  }
  if (terminal.json) {
    terminal.printJson(json);
    return;
  }
  const said = besideStdout([out], terminal);
  groups.forEach((group, index) => {
    if (index > 0) said.print(`\n${INCOMPARABLE}`);
    said.print(tableOf(group, said.colors.bold));
    said.print(verdict(group.runs[0], group));
  });
  if (out !== undefined) said.say(`Written: ${outputName(out)}`);
};

/** The run folders that a folder means: itself, or those in it. */
function runFolders(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new DataError(`${folder}: there is no such folder; expected run folders of "etude train".`);
  }
  const isRun = (path: string): boolean => existsSync(join(path, RUN_FILES.config));
  if (isRun(folder)) return [folder];
  const inside = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .filter(isRun)
    .sort();
  if (inside.length > 0) return inside;
  throw new DataError(`${folder}: there is no run in this folder; expected ${RUN_FILES.config}, as "etude train" writes it, or folders with one.`); // prettier-ignore
}

function tableOf({ runs, validated, differing }: RunGroup, bold: (line: string) => string): string {
  const heads = headsOf(runs);
  const columns = [
    column('Run', 0),
    column('Preset', 0),
    figure(validated ? 'Validation' : 'Training'),
    ...heads.map((head) => figure(head)),
    figure('At step'),
    figure('Steps'),
    figure('Time'),
    column('Ended', 0),
    column('Settings that differ', 0),
  ];
  const rows = runs.map((run) => {
    const best = bestEpoch(run);
    const of = best && lossesOf(best);
    return [
      run.path,
      run.preset,
      of ? digits(of.loss) : '–',
      ...heads.map((head) => (of ? digits(of.losses[head]) : '–')),
      best ? formatCount(best.step) : '–',
      formatCount(run.step),
      clock(run.seconds),
      run.ended ?? 'not yet',
      asFlags(run.settings, differing),
    ];
  });
  return formatTable(columns, rows, bold);
}

function asJson({ runs, ...group }: RunGroup): unknown {
  const plain = ({ measure: _, report: __, ...run }: RunSummary): unknown => ({ ...run, best: bestEpoch(run) ?? null });
  return { ...group, runs: runs.map(plain) };
}
