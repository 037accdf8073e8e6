import { describe, expect, it } from 'vitest';
import { Live } from '../../../src/cli/bench/live.ts';
import { Terminal } from '../../../src/cli/terminal.ts';
import { testIo } from '../run-etude.ts';

const row = { id: 'one', medianMs: 1, p10Ms: 1, p90Ms: 1, samples: 1 };

function live(options: { isTTY?: boolean; json?: boolean; quiet?: boolean } = {}) {
  const { io, stdout, stderr } = testIo({ isTTY: options.isTTY, columns: 24 });
  return { stdout, stderr, shown: new Live(new Terminal(io, options)) };
}

describe('Live', () => {
  it('prints a row when it is made, under titles that come with the first, in columns that stay', () => {
    const { stdout, shown } = live();
    shown.table([{ title: 'Mode', width: 6 }, { title: 'ms', align: 'right', width: 5 }]); // prettier-ignore
    expect(stdout.text).toBe('');
    shown.row(row, ['simd', '12.1']);
    expect(stdout.text).toBe('Mode       ms\nsimd     12.1\n');
    shown.row(row, ['plain', '7']);
    expect(stdout.text).toContain('plain       7\n');
    shown.table([{ title: 'Other' }]);
    shown.row(row, ['x']);
    expect(stdout.text).toMatch(/7\n\nOther\nx\n$/);
  });

  it('says at once what it is doing: in lines where they stay, each once', () => {
    const { stderr, shown } = live();
    shown.stage('Verifying simd');
    shown.stage('Verifying simd');
    shown.detail('row 1 of 3');
    expect(stderr.text).toBe('Verifying simd ...\n');
  });

  it('draws that over on a terminal, no wider than it, and takes it away before a row', () => {
    const { stdout, stderr, shown } = live({ isTTY: true });
    shown.stage('Verifying simd by the losses of the reference run');
    expect(stderr.text).toBe('\rVerifying simd by the l\u001b[K');
    shown.detail('row 1');
    shown.table([{ title: 'Mode' }]);
    shown.row(row, ['simd']);
    expect(stderr.text.endsWith('row 1\u001b[K\r\u001b[K')).toBe(true);
    expect(stdout.text).toContain('simd\n');
  });

  it.each([{ json: true }, { quiet: true }])('says nothing with %o', (options) => {
    const { stderr, shown } = live({ ...options, isTTY: true });
    shown.stage('a');
    shown.detail('b');
    expect(stderr.text).toBe('');
  });

  it('prints a row as a line of JSON when it is made', () => {
    const { stdout, shown } = live({ json: true });
    shown.table([{ title: 'Mode' }]);
    shown.row(row, ['simd']);
    expect(JSON.parse(stdout.text)).toEqual(row);
  });
});
