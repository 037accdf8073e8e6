import { describeQuality, noBetterThanNothing } from '../../music/evaluation/quality.ts';
import { headName } from '../../music/head-words.ts';
import { formatSeconds, inWords } from '../../text/words.ts';
import type { Terminal } from '../terminal.ts';
import { judged, type FinishedRun } from './finished-run.ts';
import { roundRows, type RoundsSummary } from './rounds-record.ts';
import { describeEnding, describeStanding } from './verdict.ts';

/** The last lines of a run, for people: how it ended, how good the model is, and where everything is. */
export function sayResult(run: FinishedRun, terminal: Terminal): void {
  const { result, seconds, evaluation, evaluatedOn } = run;
  const { bold } = terminal.chatterColors;
  terminal.say();
  const [standing, ...more] = describeStanding(judged(run));
  terminal.say(bold(standing));
  for (const line of more) terminal.say(line);
  terminal.say(`${describeEnding(result)} It took ${formatSeconds(seconds)}.`);
  terminal.say(describeQuality({ heads: evaluation.heads, windows: evaluation.windows, music: evaluatedOn.music }));
  if (run.rounds) sayRounds(run.rounds, terminal);
  terminal.say();
  const files = filesOf(run);
  const widest = Math.max(...files.map(([path]) => path.length));
  for (const [path, what] of files) terminal.say(`${bold(path)}${' '.repeat(widest - path.length)}  ${what}`);
  const failed = noBetterThanNothing(evaluation.heads).map(({ name }) => name);
  if (failed.length > 0)
    terminal.say(`\nNo better than the baseline in ${inWords(failed.map(headName), 'and')}; see above.`);
}

function sayRounds(rounds: RoundsSummary, terminal: Terminal): void {
  terminal.say();
  const rows = roundRows(rounds);
  const widest = Math.max(...rows.map(([label]) => label.length));
  for (const [label, value] of rows) terminal.say(`${label.padEnd(widest)}  ${value}`);
}

/** What lies where. */
export function filesOf({ paths, result, sample, audio }: FinishedRun): [path: string, what: string][] {
  return [
    [result.best ? paths.best : paths.last, 'the model'],
    ...(sample ? [[paths.generatedMidi, 'new music'] as [string, string]] : []),
    ...(audio ? [[paths.generatedAudio, 'the same, to be heard'] as [string, string]] : []),
    [paths.report, 'curves, piano roll and figures; open it in a browser'],
  ];
}
