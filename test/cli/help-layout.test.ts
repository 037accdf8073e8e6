import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { formatItem, helpWidth } from '../../src/cli/help-layout.ts';
import { run } from '../../src/cli/run.ts';
import { testIo } from './run-etude.ts';

describe.each([40, 60, 80, 120])('on a terminal of %d columns', (columns) => {
  it.each(['', ...COMMANDS.map(({ name }) => name)])('the help of etude %s fits', async (name) => {
    const { io, stdout } = testIo({ columns });
    await run([name, '--help'].filter(Boolean), io);
    // A command line is there to be copied, and is never broken.
    const text = stdout.text.split('\n').filter((line) => !/^( {2}|Usage: )etude /.test(line));
    const wide = text.filter((line) => line.length > helpWidth(columns) && line.trim().includes(' '));
    expect(wide).toEqual([]);
  });
});

it('what a long option means stands below it, and a long list of choices is broken after a bar', () => {
  expect(formatItem('--backend <simd|reference|gpu>', 12, 'what computes', 24)).toBe(
    '  --backend <simd|\n    reference|gpu>\n      what computes',
  );
});

it('what a short option means stands beside it, with a hanging indent', () => {
  expect(formatItem('--seed <n>', 12, 'the number from which all randomness comes', 44)).toBe(
    '  --seed <n>    the number from which all\n                randomness comes',
  );
});
