import { SETTINGS, settingText, type SettingKey } from '../../music/index.ts';
import { lineChart, type Series } from '../../plot/index.ts';
import { headName } from '../../music/head-words.ts';
import type { EpochRecord } from '../../nn/index.ts';
import { digits } from '../../text/numbers.ts';
import { clock, counted, formatCount } from '../../text/words.ts';
import { escapeHtml, htmlTable, page, paragraph, section, type Cell } from '../kit/html.ts';
import { DOCUMENT_STYLE } from '../kit/style.ts';
import { bestEpoch, lossesOf } from './group-runs.ts';
import type { RunGroup, RunSummary } from './runs-data.ts';

/** So many curves can be told apart in one picture. */
const MOST_CURVES = 12;

/** Training runs beside each other: which is best, how they learned, and in which settings they differ. */
export function runsPage(groups: readonly RunGroup[]): string {
  const count = groups.reduce((sum, { runs }) => sum + runs.length, 0);
  const body = [
    `<h1>${escapeHtml(counted(count, 'run'))}</h1>`,
    ...groups.map((group, index) => groupPart(group, index, groups.length)),
    '<footer>Made by Etude. This page needs nothing from the network.</footer>',
  ];
  return page('Runs', DOCUMENT_STYLE, body.join('\n'));
}

/**
 * A section for runs that can be compared: which is best, a table, their curves.
 * @param more what stands before the table
 */
export function groupPart(group: RunGroup, index: number, groups: number, more: readonly string[] = []): string {
  const [best] = group.runs;
  const heading = groups === 1 ? 'The runs, best first' : `${counted(group.runs.length, 'run')} that can be compared`;
  return section(
    heading,
    index === 0 ? '' : paragraph(INCOMPARABLE, 'note'),
    paragraph(verdict(best, group), 'verdict'),
    ...more,
    runTable(group),
    ...charts(group),
  );
}

/** Why runs are not in one table. */
export const INCOMPARABLE =
  'These hold out other music than the runs above, or encode it differently: their losses cannot be compared.';

/** Which of the runs is best, in a sentence. */
export function verdict(best: RunSummary, { runs, validated }: RunGroup): string {
  const epoch = bestEpoch(best);
  if (!epoch) return 'None of them has finished an epoch.';
  const kind = validated ? 'validation loss' : 'training loss (nothing was held out)';
  const what = runs.length === 1 ? best.path : `Best of ${runs.length}: ${best.path}`;
  return `${what}, with a ${kind} of ${digits(lossesOf(epoch).loss)} after ${counted(epoch.step, 'training step')}.`;
}

function runTable({ runs, validated, differing }: RunGroup): string {
  const heads = headsOf(runs);
  const settings = differing.map((key) => SETTINGS.find((info) => info.key === key)!.flag);
  const loss = validated ? 'Validation loss' : 'Training loss';
  const titles = [
    'Run',
    'Preset',
    loss,
    ...settings,
    ...heads.map(headName),
    'At step',
    'Steps',
    'Time',
    'Parameters',
    'Ended',
  ];
  const rows = runs.map((run): Cell[] => {
    const best = bestEpoch(run);
    const of = best && lossesOf(best);
    const name = escapeHtml(run.path);
    return [
      { html: run.report === undefined ? name : `<a href="${escapeHtml(run.report)}">${name}</a>` },
      run.preset,
      { number: of ? digits(of.loss) : '–', strong: true },
      ...differing.map((key) => settingCell(key, run)),
      ...heads.map((head) => ({ number: of ? digits(of.losses[head]) : '–' })),
      { number: best ? formatCount(best.step) : '–' },
      { number: formatCount(run.step) },
      { number: clock(run.seconds) },
      { number: formatCount(run.parameters) },
      run.ended ?? 'not yet',
    ];
  });
  return htmlTable(titles, rows);
}

function settingCell(key: SettingKey, { settings }: RunSummary): Cell {
  const value = settingText(key, settings);
  return typeof settings[key] === 'number' ? { number: value } : value;
}

/** The heads of all runs, by name. */
export function headsOf(runs: readonly RunSummary[]): string[] {
  return [...new Set(runs.flatMap(({ history }) => (history.length > 0 ? Object.keys(history[0].losses) : [])))];
}

function charts({ runs, validated }: RunGroup): string[] {
  const drawn = runs.filter(({ history }) => history.length > 0).slice(0, MOST_CURVES);
  if (drawn.length === 0) return [];
  const chart = (title: string, value: (epoch: EpochRecord) => number | undefined): string =>
    lineChart({ title, xLabel: 'training step', yLabel: 'loss', width: 560, height: 380, series: drawn.map((run) => curve(run, value)) }); // prettier-ignore
  const pictures = [
    ...(validated ? [chart('Validation loss', ({ validation }) => validation?.loss)] : []),
    chart('Training loss', ({ loss }) => loss),
    ...headsOf(drawn).map((head) =>
      chart(
        `${validated ? 'Validation' : 'Training'} loss of ${headName(head)}`,
        (epoch) => lossesOf(epoch).losses[head],
      ),
    ),
  ];
  const left = runs.length - drawn.length;
  return [
    `<div class="grid">\n${pictures.join('\n')}\n</div>`,
    left > 0 ? paragraph(`The curves are those of the best ${MOST_CURVES} runs; ${left} are left out.`, 'note') : '',
    paragraph(HOW_TO_READ, 'note'),
  ];
}

const HOW_TO_READ =
  'Lower is better. Validation losses are of the note after a window of held-out music, training losses of the windows learned from, with dropout. ' +
  'A training loss that falls while the validation loss rises is memorisation.';

function curve(run: RunSummary, value: (epoch: EpochRecord) => number | undefined): Series {
  return { name: run.path, points: run.history.map((epoch) => [epoch.step, value(epoch) ?? NaN] as const) };
}
