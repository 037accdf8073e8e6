import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { flagName } from '../../src/cli/options.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/cli.md'), 'utf8');

/** The part of the page under each `## etude …`. */
const sections = new Map(
  page
    .split(/^## etude /m)
    .slice(1)
    .map((section) => [/^\w+/.exec(section)![0], section]),
);

/** The flags that the items of a section's lists begin with. */
function documentedFlags(section: string): string[] {
  return [...section.matchAll(/^- (?:`-\w`, )?(`--[^:\n]*)/gm)].flatMap(([, names]) => names.match(/--[\w-]+/g)!);
}

describe('docs/cli.md', () => {
  it('has a section for each command, in the order of the help', () => {
    expect([...sections.keys()]).toEqual(COMMANDS.map(({ name }) => name));
  });

  it.each(COMMANDS)('lists every flag of $name, and no other', ({ name, options }) => {
    expect(documentedFlags(sections.get(name)!).sort()).toEqual(Object.keys(options).map(flagName).sort());
  });

  it('has the exit codes', () => {
    const codes = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    expect(codes).toEqual(Object.values(EXIT));
  });
});
