import { expect, it } from 'vitest';
import { warnOfLeftOut } from '../../src/cli/left-out.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { testIo } from './run-etude.ts';

it('files that were left out are named with the reason, of many the first five', () => {
  const { io, stderr } = testIo();
  warnOfLeftOut(new Terminal(io), {
    missing: ['gone.mid'],
    skipped: Array.from({ length: 8 }, (_, i) => ({ path: `${i}.mid`, reason: 'it is damaged.' })),
    duplicates: [{ path: 'b.mid', sameAs: 'a.mid' }],
  });
  expect(stderr.text.split('\n')).toEqual([
    'gone.mid is listed in the data set but is not there.',
    ...[0, 1, 2, 3, 4].map((i) => `${i}.mid is left out: it is damaged.`),
    '(3 more files are left out.)',
    'b.mid is left out: it holds the same music as a.mid.',
    '',
  ]);
});

it('all files that were left out are named when they are asked for, and the way to that is told', () => {
  const skipped = Array.from({ length: 6 }, (_, i) => ({ path: `${i}.mid`, reason: 'it is damaged.' }));
  const said = (all: boolean): string[] => {
    const { io, stderr } = testIo();
    warnOfLeftOut(new Terminal(io), { missing: [], skipped }, all);
    return stderr.text.trimEnd().split('\n');
  };
  expect(said(true)).toEqual([0, 1, 2, 3, 4, 5].map((i) => `${i}.mid is left out: it is damaged.`));
  expect(said(false).at(-1)).toBe('(1 more file is left out; --list-left-out names all.)');
});

it('nothing is said where nothing was left out', () => {
  const { io, stderr } = testIo();
  warnOfLeftOut(new Terminal(io), { missing: [], skipped: [] });
  expect(stderr.text).toBe('');
});
