import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { markdownTable, readResults, type Results } from '../../../bench/pages/figures.ts';
import { readmeSection } from '../../../bench/pages/readme.ts';
import { replaceBetween, withReadmeSection, withTables } from '../../../bench/pages/sections.ts';
import { SECTIONS } from '../../../bench/pages/tables.ts';
import { targets } from '../../../bench/pages/targets.ts';
import type { PeerRow } from '../../../bench/peers/race.ts';
import type { ResultFile, Row } from '../../../bench/results.ts';

const root = resolve(import.meta.dirname, '../../..');
const page = (name: string): string | undefined => {
  const path = join(root, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
};
const results = readResults(join(root, 'bench/results'));

describe('the pages', () => {
  it('have the README as the result files give it', ({ skip }) => {
    const readme = page('README.md') ?? '';
    const made = /performance:begin -->\s*\S[^]*<!-- performance:end/.test(readme) && readme.includes('| Etude |');
    skip(!made, 'skipped: the README has no performance section yet');
    expect(withReadmeSection(readme, results)).toBe(readme);
  });

  it('have the tables of docs/performance.md as the result files give them', ({ skip }) => {
    const performance = page('docs/performance.md') ?? '';
    skip(!performance.includes('<!-- results:machine:begin -->'), 'skipped: docs/performance.md has no tables yet');
    expect(withTables(performance, results)).toBe(performance);
  });
});

const machine = { cpu: 'one', cores: 2, memoryGB: 8, os: 'any', node: '20.19.0', v8: '11', etude: '0.1.0' };
const file = <R extends Row>(bench: string, rows: Partial<R>[], others = 0.01): ResultFile<R> => ({
  format: 'etude-bench 1',
  bench,
  date: '2026-01-02T00:00:00.000Z',
  machine,
  load: { before: 0, after: 0, others },
  rows: rows.map((row) => ({ id: 'x', medianMs: 1, p10Ms: 0.9, p90Ms: 1.2, samples: 5, ...row }) as R),
});

describe('targets', () => {
  const ratio = (median: number) => ({ min: median * 0.9, median, max: median * 1.1 });
  const peer = (name: string, medianMs: number, one: number, two: number): Partial<PeerRow> => ({
    task: 'train',
    peer: name,
    medianMs,
    ratios: { 'Etude, 1 thread': ratio(one), 'Etude, 2 threads': ratio(two) },
  });
  const measured: Results = {
    peers: file<PeerRow>('peers', [
      peer('Etude, 1 thread', 10, 1, 0.5),
      peer('Etude, 2 threads', 5, 2, 1),
      peer('PyTorch, nn.LSTM, 1 thread', 9, 1.1, 0.56),
      peer('PyTorch, nn.LSTM, 2 threads', 8, 1.25, 0.63),
      peer('jax-js, wasm', 100, 0.1, 0.05),
      peer('TensorFlow.js, wasm, layers', 120, 1 / 12, 1 / 24),
    ]),
  };

  it('are reached or not by the medians of the ratios', () => {
    const [torch, jax, tfjs, threads, best] = targets(measured);
    expect([torch.reached, jax.reached, tfjs.reached, threads.reached, best.reached]).toEqual([
      false,
      true,
      false,
      true,
      true,
    ]);
    expect(torch.measured).toBe('1.10 (0.990 - 1.21)');
    expect(jax.measured).toBe('10.0 (9.09 - 11.1) x');
    // PyTorch is best with two threads here.
    expect(best.measured).toBe('0.630 (0.567 - 0.693)');
  });

  it('say nothing of what was not measured', () => {
    for (const { measured: found, reached } of targets({})) expect([found, reached]).toEqual([undefined, undefined]);
  });

  it('hold time, memory and allocation to their limits', () => {
    const found = targets({
      generate: file('generate', [{ path: 'stateful', microseconds: 7.2, heapBytesPerNote: 0.2 } as never]),
      load: file('load', [
        { way: 'cold', files: 3, medianMs: 11_000 } as never,
        { way: 'cached', files: 3, medianMs: 501 } as never,
      ]),
      memory: file('memory', [{ largestMB: 200, growthMBPer1000Steps: 0.6 } as never]),
    }).filter(({ reached }) => reached !== undefined);
    expect(found.map(({ reached }) => reached)).toEqual([false, true, true, false, false]);
  });
});

describe('the tables', () => {
  it('say so where nothing was measured', () => {
    for (const [name, write] of Object.entries(SECTIONS)) {
      expect(write({}), name).toMatch(/[Nn]ot measured/);
    }
    expect(readmeSection({})).toBe('Nothing was measured yet.');
  });

  it('name every machine once, and how busy it was', () => {
    const other = { ...file('startup', [{}], 0.34), machine: { ...machine, cpu: 'two' } };
    const text = SECTIONS.machine({ startup: other, memory: file('memory', [{}]) });
    expect(text).toMatch(/^Measured on 2026-01-02 on: /);
    expect(text).toContain('one, 2 cores, 8 GB');
    expect(text).toContain('two, 2 cores, 8 GB');
    expect(text).toContain('at most 0.34 cores');
  });

  it('are tables', () => {
    expect(markdownTable(['a', 'b'], [['1', '2']])).toBe('| a | b |\n|---|---:|\n| 1 | 2 |');
  });
});

describe('replaceBetween', () => {
  it('replaces what stands between the markers, again and again the same', () => {
    const text = 'before <!-- x:begin --> old <!-- x:end --> after';
    const once = replaceBetween(text, 'x', 'new')!;
    expect(once).toBe('before <!-- x:begin -->\n\nnew\n\n<!-- x:end --> after');
    expect(replaceBetween(once, 'x', 'new')).toBe(once);
    expect(replaceBetween(text, 'y', 'new')).toBeUndefined();
  });

  it('misses no table of the page', () => {
    expect(() => withTables('<!-- results:machine:begin --><!-- results:machine:end -->', {})).toThrow(
      /"results:targets" are missing/,
    );
  });
});
