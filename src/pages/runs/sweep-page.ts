import { SETTINGS, settingText, type SettingKey } from '../../music/index.ts';
import { parallelCoordinates, type ParallelAxis } from '../../plot/index.ts';
import { digits, percent } from '../../text/numbers.ts';
import { counted, formatCount, formatP, inWords } from '../../text/words.ts';
import { escapeHtml, htmlTable, page, paragraph, type Cell } from '../kit/html.ts';
import { DOCUMENT_STYLE } from '../kit/style.ts';
import { asFlags, lossesOf } from './group-runs.ts';
import { importanceOf, LEAST_RUNS, type Importance } from './importance.ts';
import type { RunGroup, RunSummary } from './runs-data.ts';
import { groupPart } from './runs-page.ts';

/** A setting that was drawn. */
export interface SweptSetting {
  key: SettingKey;
  /** Whether it was drawn on a logarithmic scale. */
  log: boolean;
}

/** What the page of a sweep shows. */
export interface SweepPageData {
  groups: readonly RunGroup[];
  swept: readonly SweptSetting[];
  /** The training step at which the halving first compared losses; undefined where runs trained to their ends. */
  firstRung?: number;
  /** How many runs there are in all, and how many could not be trained. */
  planned: number;
  failed: number;
  /** Whether nothing is left to do. */
  complete: boolean;
  /** The command that generates music with the best run. */
  generate?: string;
}

/** A sweep: which of its runs is best, how they learned, and which of the settings that were drawn mattered. */
export function sweepPage(data: SweepPageData): string {
  const { groups, planned, failed, complete, generate } = data;
  const begun = groups.reduce((sum, { runs }) => sum + runs.length, 0);
  const left = complete ? '' : `The sweep has not ended: ${formatCount(begun)} of its runs have begun.`;
  const body = [
    `<h1>${escapeHtml(`A sweep of ${counted(planned, 'run')}`)}</h1>`,
    left === '' ? '' : paragraph(left, 'note'),
    failed > 0 ? paragraph(`${counted(failed, 'run')} could not be trained.`, 'note') : '',
    generate === undefined ? '' : `<p>Music of the best: <code>${escapeHtml(generate)}</code></p>`,
    ...groups.map((group, index) => groupPart(group, index, groups.length, settingsPart(group, data))),
    '<footer>Made by Etude. This page needs nothing from the network.</footer>',
  ]; // prettier-ignore
  return page('Sweep', DOCUMENT_STYLE, body.filter((part) => part !== '').join('\n'));
}

/** A run and the loss by which its settings are judged. */
interface Judged {
  run: RunSummary;
  loss: number;
}

/** What the settings of runs that can be compared have to do with their losses. */
function settingsPart({ runs, validated }: RunGroup, { swept, firstRung }: SweepPageData): string[] {
  const judged = runs.flatMap((run): Judged[] => {
    const losses = run.history.filter(({ step }) => step <= (firstRung ?? Infinity)).map((epoch) => lossesOf(epoch).loss);
    return losses.length > 0 ? [{ run, loss: losses.reduce((a, b) => Math.min(a, b)) }] : [];
  }); // prettier-ignore
  const varied = swept.filter(({ key }) => judged.some(({ run }) => run.settings[key] !== judged[0].run.settings[key]));
  if (judged.length < 2 || varied.length === 0) return [];
  const what = `lowest ${validated ? 'validation' : 'training'} loss`;
  const when = firstRung === undefined ? '' : ` up to training step ${formatCount(firstRung)}, which all of them have reached`; // prettier-ignore
  return [
    picture(judged, varied, validated),
    paragraph(`Each line is a run; the stronger its colour, the lower is its ${what}${when}.`, 'note'),
    ...mattering(judged, varied),
  ];
}

function picture(judged: readonly Judged[], varied: readonly SweptSetting[], validated: boolean): string {
  const order = judged.toSorted((a, b) => b.loss - a.loss);
  const emphasis = judged.map((each) => (judged.length === 1 ? 1 : order.indexOf(each) / (judged.length - 1)));
  const axes = [
    ...varied.map((setting) => axisOf(judged, setting)),
    { label: validated ? 'validation loss' : 'training loss', values: judged.map(({ loss }) => loss) },
  ];
  const names = judged.map(({ run, loss }) => `${digits(loss)}: ${asFlags(run.settings, varied.map(({ key }) => key))}`); // prettier-ignore
  return parallelCoordinates({ title: 'Settings and loss of the runs', axes, names, emphasis, width: Math.min(1400, Math.max(700, 150 * axes.length)) }); // prettier-ignore
}

function axisOf(judged: readonly Judged[], { key, log }: SweptSetting): ParallelAxis {
  const values = judged.map(({ run }) => run.settings[key]);
  const label = flagOf(key);
  if (values.every((value) => typeof value === 'number')) return { label, values, log: log && values.every((value) => value > 0) }; // prettier-ignore
  return { label, values: judged.map(({ run }) => settingText(key, run.settings)) };
}

function flagOf(key: SettingKey): string {
  return SETTINGS.find((info) => info.key === key)!.flag;
}

/** Which setting mattered: in a sentence, a table, and what the numbers are. */
function mattering(judged: readonly Judged[], varied: readonly SweptSetting[]): string[] {
  if (judged.length < LEAST_RUNS) {
    return [paragraph(`Of ${counted(judged.length, 'run')} it cannot be said which setting mattered; that takes at least ${LEAST_RUNS}, and rather several times as many as there are settings.`, 'note')]; // prettier-ignore
  }
  const found = importanceOf(
    judged.map(({ loss }) => loss),
    varied.map(({ key }) => judged.map(({ run }) => run.settings[key])),
  );
  const rows = varied.map(({ key }, k) => ({ flag: flagOf(key), ...found[k]! })).sort((a, b) => b.share - a.share);
  return [paragraph(whatMattered(rows), 'verdict'), importanceTable(rows), paragraph(HOW_TO_READ, 'note')];
}

type Row = Importance & { flag: string };

/** One wrong find in twenty sweeps, not in twenty settings (Bonferroni). */
const LEVEL = 0.05;

function whatMattered(rows: readonly Row[]): string {
  const certain = rows.filter(({ p }) => p * rows.length < LEVEL).map(({ flag }) => flag);
  if (certain.length === 0) return 'None of the settings is seen to matter: each explains no more of the order of the runs than chance might.'; // prettier-ignore
  return `${inWords(certain, 'and')} mattered: ${certain.length === 1 ? 'it explains' : 'each explains'} more of the order of the runs than chance would.`; // prettier-ignore
}

function importanceTable(rows: readonly Row[]): string {
  const titles = ['Setting', 'Explains alone', 'Spread (90 %)', 'Chance gives up to', 'By chance'];
  return htmlTable(
    titles,
    rows.map(({ flag, share, spread: [low, high], chance, p }): Cell[] => [
      flag,
      { number: percent(share), strong: true },
      { number: `${percent(low)} to ${percent(high)}` },
      { number: percent(chance) },
      { number: formatP(p) },
    ]),
  );
}

const HOW_TO_READ =
  'What a setting explains alone is the share of the variance of the ranks of the runs (by loss) that lies between its values; values of a range are taken together in thirds. ' +
  'The spread is that of drawing the runs again with replacement (1,000 times), which with few runs is too high rather than too low. Chance gives what would come of losses dealt to the runs at random: ' +
  'a share below that (the 95th percentile of 1,999 permutations) means nothing. What two settings do only together is not seen.';
