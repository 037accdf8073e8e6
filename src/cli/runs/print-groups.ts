import { headName } from '../../music/head-words.ts';
import { asFlags, bestEpoch, lossesOf } from '../../pages/runs/group-runs.ts';
import type { RunGroup, RunSummary } from '../../pages/runs/runs-data.ts';
import { headsOf, INCOMPARABLE, verdict } from '../../pages/runs/runs-page.ts';
import { digits } from '../../text/numbers.ts';
import { figure, formatTable, words as column } from '../../text/table.ts';
import { clock, formatCount } from '../../text/words.ts';
import type { Terminal } from '../terminal.ts';

/** Prints runs in tables, those that can be compared in one, and which is best of each. */
export function printGroups(groups: readonly RunGroup[], to: Pick<Terminal, 'print' | 'colors'>): void {
  groups.forEach((group, index) => {
    if (index > 0) to.print(`\n${INCOMPARABLE}`);
    to.print(tableOf(group, to.colors.bold));
    to.print(verdict(group.runs[0], group));
  });
}

function tableOf({ runs, validated, differing }: RunGroup, bold: (line: string) => string): string {
  const heads = headsOf(runs);
  const columns = [
    column('Run', 0),
    column('Preset', 0),
    figure(validated ? 'Validation' : 'Training'),
    ...heads.map((head) => figure(headName(head))),
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

/** What --json says of a group. */
export function groupJson({ runs, ...group }: RunGroup): unknown {
  const plain = ({ measure: _, report: __, ...run }: RunSummary): unknown => ({ ...run, best: bestEpoch(run) ?? null });
  return { ...group, runs: runs.map(plain) };
}
