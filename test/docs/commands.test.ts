import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandsOfHelp, commandsOfMarkdown, printedCommands, ROOT, type PrintedCommand } from './commands/printed.ts';
import { runsOf } from './commands/runs.ts';
import { expandSynopsis, readLine, shellWords } from './commands/synopsis.ts';

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const PLACEHOLDER = /^etude COMMAND\b|^etude$/;

/** What is wrong with a printed command; undefined where it could be typed. */
function faultOf({ line, inline }: PrintedCommand): string | undefined {
  const [program, first, second] = shellWords(line);
  if (program === 'npm') {
    const script = first === 'run' ? second : first;
    return script === 'ci' || scripts[script] !== undefined ? undefined : `package.json has no script "${script}"`;
  }
  if (program === 'node') return existsSync(join(ROOT, first)) ? undefined : `there is no ${first}`;
  const etude = line.replace(/^npx /, '');
  if (PLACEHOLDER.test(etude) || etude === 'etude --help') return undefined;
  try {
    for (const expanded of expandSynopsis(etude)) {
      // `etude train --help` and the like.
      const { command, words } = readLine(expanded.replace(/ --help$/, ''));
      const [least, most] = [command.args.filter(({ required }) => required).length, command.args.length];
      const many = command.args.some(({ variadic }) => variadic);
      if (words.length > most && !many) return `${command.name} takes ${most} words`;
      if (words.length < least && !inline) return `${command.name} needs ${least} words`;
    }
  } catch (thrown) {
    return (thrown as Error).message;
  }
  return undefined;
}

describe('every command that a reader is told to type', () => {
  let printed: PrintedCommand[];
  beforeAll(async () => {
    printed = await printedCommands();
  });

  it('is one that there is, with flags and values that it takes', () => {
    const faults = printed.flatMap((command) => {
      const fault = faultOf(command);
      return fault === undefined ? [] : [`${command.where}: ${command.line}: ${fault}`];
    });
    expect(faults).toEqual([]);
  });

  it('is found: in the README, in the pages, in comments, in sentences, in the help', () => {
    const lines = printed.map(({ where, line }) => `${where}: ${line}`);
    for (const known of [
      'README.md: npm start',
      'README.md: npx etude train MUSIC --out runs/mine',
      'README.md: npx etude data maestro',
      'README.md: npx etude studio runs/mine',
      'README.md: node scripts/learning-curves.mjs runs/t10 runs/q10',
      'README.md: etude generate runs/tutorial --compat tutorial',
      'docs/performance.md: npm run bench:verify',
      'etude train --help: etude train --out runs/first --resume --epochs 80',
    ]) {
      expect(lines).toContain(known);
    }
    expect(printed.length).toBeGreaterThan(90);
  });

  it('has a rule that makes it short, or is called by .ci/run', () => {
    const titles = runsOf(printed).map(({ title }) => title);
    expect(titles.length).toBeGreaterThan(70);
    expect(titles).toContain('npx etude listen new.mid --out new.wav --seconds 2');
    for (const called of ['npm ci', 'npm test', 'npm start']) expect(titles).not.toContain(called);
    expect(titles.filter((title) => title.startsWith('npx etude data'))).toEqual(['npx etude data list']);
    const newer = { where: 'page', line: 'npm run nothing', inline: false };
    expect(() => runsOf([newer])).toThrow(/nothing runs "npm run nothing": add a rule/);
  });

  it('would be found wrong', () => {
    const inPage = (line: string): (string | undefined)[] => commandsOfMarkdown(`    ${line}\n`, 'page').map(faultOf);
    expect(inPage('npx etude trian MUSIC')).toEqual(['there is no command "trian"']);
    expect(inPage('npx etude train MUSIC --lr 1')).toEqual(['etude train has no --lr']);
    expect(inPage('npx etude train MUSIC --epochs some')[0]).toMatch(/--epochs|expected/i);
    expect(inPage('npx etude listen')).toEqual(['listen needs 1 words']);
    expect(inPage('npx etude listen a.mid b.mid')).toEqual(['listen takes 1 words']);
    expect(inPage('npm run nothing && node scripts/nothing.mjs')).toHaveLength(2);
    expect(inPage('npm run nothing && node scripts/nothing.mjs')).not.toContain(undefined);
  });
});

describe('commandsOfMarkdown', () => {
  const linesOf = (text: string): string[] => commandsOfMarkdown(text, 'page').map(({ line }) => line);

  it('reads blocks, fences, comments and sentences, also over the end of a line, and no other code', () => {
    const text = [
      'Say `etude\nhelp` or `npm run build`, not `etudes` or `x = 1`.',
      '',
      '    npm ci && npm start     # builds; see etude.txt',
      '    npx etude studio        # or: npx etude studio runs/mine',
      '    import x from "etude-lstm"',
      '```',
      'etude inspect "a b" --json | jq .tempo',
      '```',
    ].join('\n');
    expect(linesOf(text)).toEqual([
      'npm ci',
      'npm start',
      'npx etude studio',
      'npx etude studio runs/mine',
      'etude inspect "a b" --json',
      'etude help',
      'npm run build',
    ]);
  });

  it('keeps the pipe, and the help its examples alone', () => {
    const [command] = commandsOfHelp('Usage: etude x\n  etude inspect p.mid --json | jq .tempo   for programs', 'help');
    expect(command).toMatchObject({ line: 'etude inspect p.mid --json', pipe: 'jq .tempo' });
  });
});

describe('expandSynopsis', () => {
  it('takes optional flags, leaves optional words, and goes through the alternatives of a word', () => {
    expect(expandSynopsis('etude study MODEL SONG.mid [--at NOTE] [--match FROM-TO] [--split all|train]')).toEqual([
      'etude study MODEL SONG.mid --at 3 --match 3-5 --split all',
    ]);
    expect(expandSynopsis('etude bench kernels|train [DATA...]')).toEqual(['etude bench kernels', 'etude bench train']);
    expect(expandSynopsis('etude train DATA... --out RUN [settings]')).toEqual(['etude train DATA --out RUN']);
    expect(expandSynopsis('npx etude inspect piece.mid')).toEqual(['npx etude inspect piece.mid']);
  });
});
