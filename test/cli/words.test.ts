import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { resolve } from 'node:path';

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
