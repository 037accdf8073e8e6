import { expect, it } from 'vitest';
import { formatTable, printable } from '../../src/text/table.ts';
import { formatCount } from '../../src/text/words.ts';

it('a table is as wide as its widest cells, numbers to the right', () => {
  const table = formatTable(
    [{ title: 'Name' }, { title: 'N', align: 'right' }, { title: '' }],
    [
      ['a', '1,000', 'x'],
      ['longer', '2', ''],
    ],
    (line) => line.toUpperCase(),
  );
  expect(table).toBe('NAME        N\na       1,000  x\nlonger      2');
});

it('counts have commas', () => {
  expect(formatCount(84_354)).toBe('84,354');
});

it('control characters and turns of writing direction are spelt out, all else is left', () => {
  expect(printable('a\u001b[2Jb\u009b\u202e\nc')).toBe('a\\u001b[2Jb\\u009b\\u202e\\u000ac');
  expect(printable('Für Elise – 練習曲')).toBe('Für Elise – 練習曲');
});
