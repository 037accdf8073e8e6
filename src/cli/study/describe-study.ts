import type { StudyData, StudyMatches } from '../../study/index.ts';
import { networkInWords } from '../../study/network-words.ts';
import type { Colors } from '../terminal.ts';
import { counted, formatCount, formatSeconds } from '../../text/words.ts';

/** How many findings the terminal shows, and how many matches. */
const FINDINGS = 5;
const MATCHES = 8;

/** A study for people: whether the model is worth it, the strongest findings, matches if they were asked for, and what was left out. */
export function describeStudy(study: StudyData, colors: Colors): string {
  const { verdict, model, song, findings, matches, leftOut } = study;
  const [standing, ...rest] = verdict.lines;
  const lines = [
    colors.bold(standing),
    ...rest,
    colors.bold(`${song.name}: ${counted(song.notes, 'note')}, ${formatSeconds(song.seconds)}, read by ${model.path}`) +
      ` (${model.preset}, ${networkInWords(model.cell, model.widths)}${model.step === null ? '' : `, training step ${formatCount(model.step)}`})`,
    ...findings.slice(0, FINDINGS).map(({ text }, k) => `${k + 1}. ${text}`),
    ...(matches ? describeMatches(matches) : []),
    ...leftOut.map(({ what, why }) => `Left out: ${what} (${why}).`),
  ];
  return lines.join('\n');
}

function describeMatches({ units, from, to, threshold, searched, found, places }: StudyMatches): string[] {
  const on = units.length > 12 ? `${units.slice(0, 12).join(', ')} and ${units.length - 12} more` : units.join(', ');
  const head =
    `Units on at notes ${from} to ${to} (|h| ≥ ${threshold}): ${on}. ` +
    `They are on together at ${counted(found, 'other place')} among ${counted(searched, 'note')}${found > 0 ? ':' : '.'}`;
  const shown = places.slice(0, MATCHES).map(({ piece, from: first, to: end, seconds, others }) => {
    return `   ${piece}, notes ${first} to ${end} (${seconds.toFixed(1)} s), ${counted(others, 'other unit')} on`;
  });
  const more = found > shown.length && shown.length > 0 ? [`   and ${found - shown.length} more`] : [];
  return [head, ...shown, ...more];
}
