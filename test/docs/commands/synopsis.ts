import { COMMANDS } from '../../../src/cli/commands.ts';
import type { CommandSpec } from '../../../src/cli/command.ts';
import { flagName, type OptionSpec } from '../../../src/cli/options.ts';

/** What stands for a number or a place in a synopsis, and a value that serves; files and folders are made by these names. */
const VALUES: readonly (readonly [RegExp, string])[] = [
  [/\bFROM-TO\b/g, '3-5'],
  [/\bNOTE\b/g, '3'],
  [/--port N\b/g, '--port 0'],
  [/\bURL\b/g, 'https://example.org/songs.zip'],
  [/\bHEX\b/g, '0'.repeat(64)],
  [/\bN\b/g, '2'],
];

/**
 * The command lines that a synopsis stands for: with all optional flags, without optional words, and one for each of the
 * alternatives of a word; of a flag's alternatives the first. A line without brackets stands for itself.
 */
export function expandSynopsis(line: string): string[] {
  const flags = line
    // Nested brackets are not used.
    .replace(/\[(-[^\]]*)\]/g, (_, optional: string) => (optional === '--flags' ? '' : optional))
    .replace(/\[[^\]]*\]/g, '')
    .replaceAll('...', '')
    .replace(/(--[\w-]+ [^\s|]+)\|\S+/g, '$1');
  const valued = VALUES.reduce((text, [pattern, value]) => text.replace(pattern, value), flags);
  const words = valued.split(/\s+/).filter((word) => word !== '');
  const at = words.findIndex((word) => /^\w+(\|\w+)+$/.test(word));
  if (at < 0) return [words.join(' ')];
  return words[at].split('|').map((word) => words.with(at, word).join(' '));
}

/** The words of a line as a shell would split it. */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain);
}

/** A command line of etude, read by the tables of its options. */
export interface ReadLine {
  command: CommandSpec;
  words: string[];
  /** By the key of the option; a switch has `true`. */
  options: Map<string, string | true>;
}

/**
 * Reads a command line of etude without running it.
 * @throws Error for what no table has, and UsageError for a value that its option refuses
 */
export function readLine(line: string): ReadLine {
  const [, name, ...rest] = shellWords(line.replace(/^npx /, ''));
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (!command) throw new Error(`there is no command "${name}"`);
  const read: ReadLine = { command, words: [], options: new Map() };
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at];
    if (!word.startsWith('-') || word === '-') {
      read.words.push(word);
      continue;
    }
    const [key, option] = findOption(command, word);
    if (option.value === undefined) read.options.set(key, true);
    else {
      const value = rest[++at];
      if (value === undefined) throw new Error(`${word} has no value`);
      option.parse?.(value);
      read.options.set(key, value);
    }
  }
  return read;
}

function findOption({ name, options }: CommandSpec, word: string): [string, OptionSpec<unknown>] {
  const found = Object.entries(options).find(([key, { short }]) => word === flagName(key) || word === `-${short}`);
  if (!found) throw new Error(`etude ${name} has no ${word}`);
  return found;
}
