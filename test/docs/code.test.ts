import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as nn from '../../src/nn/index.ts';
import * as library from '../../src/node.ts';
import * as tensor from '../../src/tensor/index.ts';
import { ROOT } from './commands/printed.ts';

/** The code of a part of a page: its indented lines, up to the next heading where `heading` is given. */
function codeOf(page: string, heading?: string): string {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const part = heading === undefined ? text : text.split(`\n## ${heading}\n`)[1].split(/\n[^ \n]/)[0];
  return part.split('\n').filter((line) => line.startsWith('    ')).join('\n'); // prettier-ignore
}

/** What the entries of the package have. */
const ENTRIES: Readonly<Record<string, object>> = { '': library, '/nn': nn, '/tensor': tensor };

/** Runs code as a module would be that imports the library, and says what it printed. */
async function run(code: string): Promise<unknown[][]> {
  const imported = [...code.matchAll(/import \{ (.*) \} from 'etude-lstm(.*)';/g)].flatMap(([, names, entry]) =>
    names.split(', ').map((name): [string, unknown] => {
      expect(ENTRIES[entry]).toHaveProperty([name]);
      return [name, (ENTRIES[entry] as Record<string, unknown>)[name]];
    }),
  );
  const names = imported.map(([name]) => name);
  const printed: unknown[][] = [];
  const console = { log: (...words: unknown[]) => printed.push(words) };
  const make = new Function('console', ...names, `return async () => {${code.replace(/import .*/g, '')}\n}`) as (
    ...given: unknown[]
  ) => () => Promise<void>;
  await make(console, ...imported.map(([, value]) => value))();
  return printed;
}

describe('the code that is printed runs', () => {
  it('in the first lines of the README’s library, which are ten', async () => {
    const code = codeOf('README.md', 'The library');
    expect(code.split('\n')).toHaveLength(10);
    const printed = await run(code);
    expect(printed[0]).toEqual([1, expect.any(Number)]);
    const [metrics, forecast] = printed.find(([first]) => typeof first === 'object') as [library.Metrics, number[]];
    expect(metrics.meanAbsoluteError).toBeLessThan(0.5);
    forecast.forEach((value, k) => {
      expect(Math.abs(value - (20 + 5 * Math.sin((400 + k) / 3)))).toBeLessThan(0.5);
    });
    expect(printed.at(-1)).toEqual([['vowel', 'consonant']]);
  });

  it('in docs/sequences.md', async () => {
    const printed = await run(codeOf('docs/sequences.md'));
    expect(printed.length).toBe(17);
    expect(printed.filter(([loss]) => typeof loss === 'number' && loss < 0.1)).not.toEqual([]);
    expect(printed.flat().every((each) => each !== undefined)).toBe(true);
  });
});
