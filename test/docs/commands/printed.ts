import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { runEtude } from '../../cli/run-etude.ts';

export const ROOT = resolve(import.meta.dirname, '../../..');

/** A command that a reader is told to type. */
export interface PrintedCommand {
  /** The text in which it stands. */
  where: string;
  /** Its words as they are printed, without comment and pipe: `npx etude train MUSIC --out runs/mine`. */
  line: string;
  /** What its output goes through: `jq .tempo`. */
  pipe?: string;
  /** Whether it stands within a sentence, where what is plain may be left out: `etude generate MODEL --compat tutorial`. */
  inline: boolean;
}

const COMMAND = /^(?:npx )?etude(?: |$)|^npm (?:ci|start|test|run)\b|^node scripts\//;
const IN_COMMENT = /(?:(?:npx )?etude |npm run |node scripts\/).*$/;

/** Every command in the README, the pages of docs, the other READMEs that we ship or that belong to examples, and every --help. */
export async function printedCommands(): Promise<PrintedCommand[]> {
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  const pages = ['README.md', ...docs.map((name) => `docs/${name}`), 'data/songbook/README.md', ...readmesBelow('examples')]; // prettier-ignore
  const helps = await Promise.all(
    [[], ...COMMANDS.map(({ name }) => [name])].map(async (words) => {
      const { stdout } = await runEtude(...words, '--help');
      return commandsOfHelp(stdout, ['etude', ...words, '--help'].join(' '));
    }),
  );
  return [
    ...pages.flatMap((page) => commandsOfMarkdown(readFileSync(join(ROOT, page), 'utf8'), page)),
    ...helps.flat(),
  ];
}

function readmesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /(^|\/)README\.md$/.test(name))
    .map((name) => `${folder}/${name}`);
}

/** The commands in code blocks, in their comments, and in code within sentences. */
export function commandsOfMarkdown(text: string, where: string): PrintedCommand[] {
  const found: PrintedCommand[] = [];
  const prose: string[] = [];
  let fenced = false;
  for (const line of text.split('\n')) {
    if (/^\s*```/.test(line)) fenced = !fenced;
    else if (fenced || /^ {4}/.test(line)) found.push(...commandsOfLine(line.trim(), where));
    else prose.push(line);
  }
  for (const [, code] of prose.join(' ').matchAll(/`([^`]+)`/g)) {
    for (const command of commandsOfLine(code.trim(), where)) found.push({ ...command, inline: true });
  }
  return found;
}

/** The lines under `Examples:`, of which the effect stands behind three spaces. */
export function commandsOfHelp(text: string, where: string): PrintedCommand[] {
  const lines = text.split('\n').map((line) => line.trim().split(/ {3,}/)[0]);
  // The usage is said again in the help of the parser's own words.
  return lines.flatMap((line) => (line.startsWith('etude ') ? commandsOfLine(line, where) : []));
}

function commandsOfLine(text: string, where: string): PrintedCommand[] {
  const [code, ...comments] = text.split(/\s+# ?/);
  if (!COMMAND.test(code)) return [];
  const told = comments.map((comment) => IN_COMMENT.exec(comment)?.[0]).filter((line) => line !== undefined);
  return [code, ...told]
    .flatMap((line) => line.split(/\s*&&\s*/))
    .map((line) => {
      const [first, pipe] = line.split(/ \| /);
      return { where, line: first.trim(), inline: false, ...(pipe !== undefined && { pipe: pipe.trim() }) };
    });
}
