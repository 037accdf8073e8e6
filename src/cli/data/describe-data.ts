import { formatBytes } from '../files.ts';
import { formatItem, termColumn } from '../help-layout.ts';
import type { Colors } from '../terminal.ts';
import type { DataSet } from './data-sets.ts';
import { stateOfFolder } from './music-folder.ts';

/** What is shown before anything is fetched: under which terms. */
export function describeTerms({ title, terms, page }: DataSet): string {
  const { licence, licenceUrl, inWords, citation } = terms;
  return [
    `${title}: ${page}`,
    `Licence: ${licence} (${licenceUrl}): ${inWords}.`,
    `To cite it: ${citation}`,
  ].join('\n');
}

/** The data sets for people, and where each is here already; no line is wider than `width`, but for addresses. */
export function describeDataSets(sets: readonly DataSet[], { bold }: Colors, width: number): string {
  return sets.map((set) => [bold(set.name), ...linesOf(set, width)].join('\n')).join('\n\n');
}

function linesOf(set: DataSet, width: number): string[] {
  const { title, about, pieces, bytes, page, url, terms } = set;
  const rows = [
    ['what', `${title}: ${about}`],
    ['how much', `${pieces}; ${formatBytes(bytes)} to fetch`],
    ['licence', `${terms.licence}: ${terms.inWords}. ${terms.licenceUrl}`],
    ['cite', terms.citation],
    ['page', page],
    ['archive', url],
    ['here', hereInWords(set)],
  ];
  const column = termColumn(rows.map(([label]) => label.length));
  return rows.map(([label, text]) => formatItem(label, column, text, width));
}

function hereInWords({ folder, sha256 }: DataSet): string {
  return {
    absent: 'no',
    whole: `yes, in ${folder}`,
    changed: `in ${folder}, but files of it are missing or changed`,
    other: `in ${folder} is something that "etude data" did not make, or of another archive`,
  }[stateOfFolder(folder, sha256).state];
}

/** A data set for programs, and how the folder in the working folder stands to it. */
export function listedDataSet({ atMostBytes: _, terms, ...set }: DataSet): object {
  const { licence, licenceUrl, citation } = terms;
  return { ...set, licence, licenceUrl, citation, state: stateOfFolder(set.folder, set.sha256).state };
}
