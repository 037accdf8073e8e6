import type { Corpus } from '../midi/index.ts';
import { flag } from './options.ts';
import type { Terminal } from './terminal.ts';

/** How many files are named one by one, unless all are asked for. */
const NAMED = 5;

/** Names every file that was left out. */
export const LIST_LEFT_OUT = {
  ...flag('name every file that is left out and why, not only the first five'),
  excludes: { quiet: 'the list goes to stderr' },
} as const;

/** Files that were not used, with the reasons. */
export type LeftOut = Pick<Corpus, 'missing' | 'skipped'> & Partial<Pick<Corpus, 'duplicates'>>;

/**
 * Says which files were left out and why: the first few of each kind by name, of the others how many.
 * @param all names all of them; undefined where the command has no option for it
 */
export function warnOfLeftOut(terminal: Terminal, { missing, skipped, duplicates = [] }: LeftOut, all?: boolean): void {
  const kinds: string[][] = [
    missing.map((path) => `${path} is listed in the data set but is not there.`),
    skipped.map(({ path, reason }) => `${path} is left out: ${reason.replace(/[.\s]*$/, '.')}`),
    duplicates.map(({ path, sameAs }) => `${path} is left out: it holds the same music as ${sameAs}.`),
  ];
  const rest: [one: string, many: string][] = [
    ['more listed file is not there', 'more listed files are not there'],
    ['more file is left out', 'more files are left out'],
    ['more duplicate is left out', 'more duplicates are left out'],
  ];
  const way = all === undefined ? '' : '; --list-left-out names all';
  kinds.forEach((lines, kind) => {
    const named = all ? lines.length : NAMED;
    for (const line of lines.slice(0, named)) terminal.warn(line);
    const more = lines.length - named;
    if (more > 0) terminal.warn(`(${more} ${rest[kind][more === 1 ? 0 : 1]}${way}.)`);
  });
}
