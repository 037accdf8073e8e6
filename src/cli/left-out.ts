import type { Corpus } from '../midi/index.ts';
import type { Terminal } from './terminal.ts';

/** How many files are named one by one. */
const NAMED = 5;

/** Files that were not used, with the reasons. */
export type LeftOut = Pick<Corpus, 'missing' | 'skipped'> & Partial<Pick<Corpus, 'duplicates'>>;

/** Says which files were left out and why: the first few of each kind by name, of the others how many. */
export function warnOfLeftOut(terminal: Terminal, { missing, skipped, duplicates = [] }: LeftOut): void {
  const kinds: string[][] = [
    missing.map((path) => `${path} is listed in the data set but is not there.`),
    skipped.map(({ path, reason }) => `${path} is left out: ${reason.replace(/[.\s]*$/, '.')}`),
    duplicates.map(({ path, sameAs }) => `${path} is left out: it holds the same music as ${sameAs}.`),
  ];
  const rest = ['more listed files are not there', 'more files are left out', 'more duplicates are left out'];
  kinds.forEach((lines, kind) => {
    for (const line of lines.slice(0, NAMED)) terminal.warn(line);
    if (lines.length > NAMED) terminal.warn(`(${lines.length - NAMED} ${rest[kind]}.)`);
  });
}
