import { describe, expect, it } from 'vitest';
import { compareResults } from '../../bench/comparison.ts';
import type { ResultFile, Row } from '../../bench/results.ts';
import { DataError } from '../../src/errors.ts';

const machine = { cpu: 'one', cores: 2, memoryGB: 8, os: 'any', node: '20.19.0', v8: '11', etude: '0.1.0' };
const load = { before: 0, after: 0, others: 0 };
const row = (id: string, medianMs: number, spread = 0.02): Row => ({
  id,
  medianMs,
  p10Ms: medianMs * (1 - spread),
  p90Ms: medianMs * (1 + spread),
  samples: 10,
});
const file = (rows: Row[], changed: Partial<ResultFile> = {}): ResultFile => ({
  format: 'etude-bench 1',
  bench: 'train',
  date: '2026-01-01T00:00:00.000Z',
  machine,
  load,
  rows,
  ...changed,
});
const verdictOf = (old: Row, young: Row) => compareResults(file([old]), file([young])).changes[0].verdict;

describe('compareResults', () => {
  it('calls slower what is beyond the noise of both, and faster likewise', () => {
    expect(verdictOf(row('a', 10), row('a', 12))).toBe('slower');
    expect(verdictOf(row('a', 12), row('a', 10))).toBe('faster');
    expect(verdictOf(row('a', 10), row('a', 10.4))).toBe('the same');
    expect(verdictOf(row('a', 10.4), row('a', 10))).toBe('the same');
  });

  it('takes the spread of the samples as noise', () => {
    expect(verdictOf(row('a', 10, 0.2), row('a', 12, 0.2))).toBe('the same');
    expect(verdictOf(row('a', 10, 0.2), row('a', 15, 0.2))).toBe('slower');
  });

  it('never finds a difference of a few percent, however steady the samples were', () => {
    expect(verdictOf(row('a', 10, 0), row('a', 10.4, 0))).toBe('the same');
    expect(verdictOf(row('a', 10, 0), row('a', 10.6, 0))).toBe('slower');
  });

  it('finds nothing between a result and itself', () => {
    const rows = [row('a', 1), row('b', 2, 0.5)];
    const { changes, missing, warnings } = compareResults(file(rows), file(rows));
    expect(changes.map(({ verdict, ratio }) => [verdict, ratio])).toEqual([
      ['the same', 1],
      ['the same', 1],
    ]);
    expect([missing, warnings]).toEqual([[], []]);
  });

  it('names rows that only one file has', () => {
    const { changes, missing } = compareResults(file([row('a', 1), row('b', 1)]), file([row('b', 1), row('c', 1)]));
    expect(changes.map(({ id }) => id)).toEqual(['b']);
    expect(missing).toEqual(['a', 'c']);
  });

  it('warns of other machines, other versions and busy ones', () => {
    const other = file([row('a', 1)], {
      machine: { ...machine, cpu: 'two', node: '24.0.0' },
      load: { ...load, others: 1.2 },
    });
    const { warnings } = compareResults(file([row('a', 1)]), other);
    expect(warnings).toHaveLength(3);
    expect(warnings.join(' ')).toMatch(/same cpu: one and two.*same node.*new file was measured while others used 1.2/);
  });

  it('refuses to compare different benchmarks, or files without a row in common', () => {
    expect(() => compareResults(file([row('a', 1)]), file([row('a', 1)], { bench: 'load' }))).toThrow(DataError);
    expect(() => compareResults(file([row('a', 1)]), file([row('b', 1)]))).toThrow(/no row in common/);
  });
});
