import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { flagName } from '../../src/cli/options.ts';
import { checkSetting, SETTINGS } from '../../src/music/settings.ts';

const root = resolve(import.meta.dirname, '../..');

describe('the words about temperature', () => {
  it('say that below 1 is safer and more predictable, wherever it is explained', () => {
    const generate = COMMANDS.find(({ name }) => name === 'generate')!;
    expect(generate.options.temperature.help).toMatch(/below 1 safer and more predictable/);
  });

  it('call it bold nowhere: neither in the help, nor in the studio, nor in the documents', () => {
    const files = globSync(['src/**/*.ts', '!**/*.generated.ts', 'docs/*.md', 'README.md'], {
      cwd: root,
      absolute: true,
    });
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => /\b(bolder|wilder)\b/.test(readFileSync(file, 'utf8')))).toEqual([]);
  });
});

describe('an option that takes a number', () => {
  const numeric = COMMANDS.flatMap(({ name, options }) =>
    Object.entries(options)
      .filter(([, { value }]) => value !== undefined && /^[nx](\||$)/.test(value))
      .map(([key, option]) => [`${name} ${flagName(key)}`, option] as const),
  );

  it.each(numeric)('%s shows both ends of its range when it refuses a value', (_, { parse }) => {
    const ends = /from [\d,.]+ to [\d,]+|(above|at least) [\d,.]+ and (at most|below) [\d,]+/;
    for (const given of ['1e300', '-1', 'many']) expect(() => parse!(given)).toThrow(ends);
  });
});

it('a setting shows both ends of its range when it refuses a value from a file', () => {
  for (const info of SETTINGS.filter(({ kind }) => kind === 'integer' || kind === 'number')) {
    expect(() => checkSetting(info, 1e300)).toThrow(/from \S+ to \S+|(above|at least) \S+ and (at most|below) \S+/);
  }
});
