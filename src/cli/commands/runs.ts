import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DataError } from '../../errors.ts';
import { groupRuns } from '../../pages/runs/group-runs.ts';
import { runsPage } from '../../pages/runs/runs-page.ts';
import type { ActionOf } from '../command.ts';
import { finiteJson } from '../finite-json.ts';
import { besideStdout, checkOutput, outputName, writeOutput } from '../output.ts';
import { RUN_FILES } from '../run-folder.ts';
import { groupJson, printGroups } from '../runs/print-groups.ts';
import { readRunSummary } from '../runs/read-run.ts';
import type { runs as words } from '../runs-table.ts';

/** `etude runs`: training runs beside each other. */
export const runs: ActionOf<typeof words> = async ({ args: [first, ...more], options: { out, force }, terminal }) => {
  if (out !== undefined) checkOutput(out, { force }, terminal);
  const pageFolder = out === undefined ? undefined : dirname(resolve(out));
  const folders = [...new Set([first, ...more].flatMap(runFolders))];
  const groups = groupRuns(folders.map((folder) => readRunSummary(folder, pageFolder)));
  const json = { groups: groups.map(groupJson) };
  if (out !== undefined) {
    const content = /\.json$/i.test(out) ? `${finiteJson(json, 2)}\n` : runsPage(groups);
    writeOutput(out, content, { force }, terminal);
  }
  if (terminal.json) {
    terminal.printJson(json);
    return;
  }
  const said = besideStdout([out], terminal);
  printGroups(groups, said);
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
