import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { watchLoad } from '../../bench/machine.ts';
import { formatResult, readResult, resultFile, significant } from '../../bench/results.ts';
import { DataError } from '../../src/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'etude-results-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const write = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

describe('a result file', () => {
  it('says on what machine it was made, and is read back', () => {
    const row = { id: 'x', medianMs: 1.23456789, p10Ms: 1, p90Ms: 2, samples: 3 };
    const result = resultFile('train', [row], watchLoad()(), { peak: { fused: 50.123456789 } });
    expect(result.machine).toMatchObject({ node: process.versions.node, v8: process.versions.v8 });
    expect(result.machine.cpu).not.toBe('');
    expect(result.machine.etude).toMatch(/^\d+\.\d+\.\d+/);
    expect(Math.abs(Date.parse(result.date) - Date.now())).toBeLessThan(60_000);
    const read = readResult(write('good.json', formatResult(result)));
    expect(read.rows).toEqual([{ ...row, medianMs: 1.23457 }]);
    expect(read.extra).toEqual({ peak: { fused: 50.1235 } });
  });

  it.each([
    ['no JSON', '{'],
    ['another format', '{"format":"x","rows":[]}'],
    ['no rows', '{"format":"etude-bench 1"}'],
    ['a row without times', '{"format":"etude-bench 1","rows":[{"id":"x"}]}'],
    ['null', 'null'],
  ])('refuses %s', (_, content) => {
    expect(() => readResult(write('bad.json', content))).toThrow(DataError);
  });

  it('refuses a file that is not there', () => {
    expect(() => readResult(join(folder, 'none.json'))).toThrow(DataError);
  });
});

describe('significant', () => {
  it('keeps six digits, and whole numbers as they are', () => {
    expect([significant(1.23456789e-5), significant(123456.789), significant(123456789)]).toEqual([
      1.23457e-5, 123457, 123456789,
    ]);
  });
});

describe('watchLoad', () => {
  it('does not count what this process does as the doing of others', () => {
    const load = watchLoad();
    const all = watchLoad();
    for (const end = performance.now() + 300; performance.now() < end;);
    const { others } = load();
    // As if another process of ours had used up more than there was.
    expect(all(1000).others === null || all(1000).others === 0).toBe(true);
    if (others !== null) expect(others).toBeGreaterThanOrEqual(0);
  });
});
