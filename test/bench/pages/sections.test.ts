import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { localSgdTable, withDistributedTables } from '../../../bench/pages/distributed.ts';
import { markdownTable, readResults, type Results } from '../../../bench/pages/figures.ts';
import { readmeSection } from '../../../bench/pages/readme.ts';
import { replaceBetween, withReadmeSection, withTables } from '../../../bench/pages/sections.ts';
import { RESULT_NAMES } from '../../../bench/pages/figures.ts';
import { simdTable, withSimdTable } from '../../../bench/pages/simd.ts';
import { SECTIONS } from '../../../bench/pages/tables.ts';
import { bestTorch, targets } from '../../../bench/pages/targets.ts';
import type { KernelRow } from '../../../bench/kernels/bench-kernels.ts';
import type { PeerRow } from '../../../bench/peers/race.ts';
import type { TrainRow } from '../../../bench/train.ts';
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

  it('have the tables of docs/distributed.md as the result files give them', () => {
    const distributed = page('docs/distributed.md')!;
    for (const name of ['local-sgd', 'scale']) expect(distributed).toContain(`<!-- results:${name}:begin -->`);
    expect(withDistributedTables(distributed, join(root, 'bench/results'))).toBe(distributed);
  });

  it('have the table of docs/simd.md as the result files give it', () => {
    const simd = page('docs/simd.md')!;
    expect(simd).toContain('<!-- results:simd:begin -->');
    expect(withSimdTable(simd, results)).toBe(simd);
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

describe('the table of local SGD', () => {
  it('sets each run beside one machine with as many steps in all, and beside one with as many in a row', () => {
    const run = (machines: number, best: number) => ({ rounds: { machines, innerSteps: 50, differences: 'float16', outerLearningRate: 0.9, outerMomentum: 0.5 }, best, serialSteps: 100 / machines, roundCount: 1, receivedBytes: 4e6 });
    const alone = [100, 50].map((serialSteps) => ({ rounds: null, best: 3 + 5 / serialSteps, serialSteps, roundCount: 0, receivedBytes: 0 }));
    const table = localSgdTable({ music: 'songs', preset: 'quick', steps: 100, settings: { files: null, hiddenSize: 8, batchSize: 4 }, runs: [...alone, run(2, 3.07)] });
    expect(table).toContain('windows in all (outer step 0.9, momentum 0.5); one machine reaches 3.050 nats');
    expect(table.split('\n').at(-1)!.split('|').map((cell) => cell.trim())).toEqual(['', '2 × 50, float16', '3.070', '+0.020', '−0.030', '1', '2.0', '']);
  });
}); // prettier-ignore

describe('the table of what joining gives', () => {
  it('sets wide beside relaxed kernels, for what was measured of both, and each operation once', () => {
    const kernel = (operation: string, shape: string, backend: string, medianMs: number): Partial<KernelRow> => ({
      operation,
      shape,
      backend,
      medianMs,
    });
    const rows = [
      kernel('matmul', '64x128x512', 'simd (relaxed)', 0.2),
      kernel('matmul', '64x128x512', 'simd (wide)', 0.1),
      kernel('matmul', '1x2x3', 'simd (wide)', 0.3),
      kernel('matmul', '1x2x3', 'simd (relaxed)', 0.3),
      kernel('add', '84354', 'simd (relaxed)', 0.1),
    ];
    const table = simdTable({ 'kernels-node24': file<KernelRow>('kernels', rows) });
    expect(table).toContain('`matmul 64x128x512`');
    expect(table.split('\n').at(-1)).toMatch(/200 \| +100 \| +0\.5/);
    expect(table).not.toMatch(/add|1x2x3/);
    expect(simdTable({})).toBe('Not measured yet.');
  });
});

describe('targets', () => {
  const ratio = (median: number) => ({ min: median * 0.9, median, max: median * 1.1 });
  const peer = (name: string, medianMs: number, one: number, two: number): Partial<PeerRow> => ({
    task: 'train',
    peer: name,
    medianMs,
    p10Ms: 0.9 * medianMs,
    rounds: [medianMs],
    difference: 1e-7,
    threads: name.includes('2 threads') ? 2 : 1,
    runs: { version: '1', blas: { name: 'OpenBLAS', core: 'Haswell' }, capability: 'AVX2' },
    ratios: { 'Etude, Node 24, 1 thread': ratio(one), 'Etude, Node 24, 2 threads': ratio(two) },
  });
  const measured: Results = {
    peers: file<PeerRow>('peers', [
      peer('Etude, Node 24, 1 thread', 10, 1, 0.5),
      peer('Etude, Node 24, 2 threads', 5, 2, 1),
      peer('PyTorch, nn.LSTM, 1 thread', 20, 0.5, 0.25),
      peer('PyTorch, nn.LSTM, 2 threads', 18, 0.55, 0.28),
      peer('PyTorch, jit.script, 1 thread', 16, 0.69, 0.3),
      peer('PyTorch, jit.script, 2 threads', 11, 1.1, 0.43),
      peer('jax-js, wasm', 100, 0.1, 0.05),
    ]),
    'peers-large': file<PeerRow>('peers', [
      { ...peer('Etude, Node 24, 1 thread', 1100, 1, 0.5), task: 'large' },
      { ...peer('PyTorch, by hand, 1 thread', 1000, 1.1, 0.6), task: 'large' },
    ]),
  };

  it('are against the quickest of PyTorch’s forms, with one thread and with any', () => {
    expect(bestTorch(measured, 'train', 1)!.peer).toBe('PyTorch, jit.script, 1 thread');
    expect(bestTorch(measured, 'train')!.peer).toBe('PyTorch, jit.script, 2 threads');
  });

  it('are reached or not by the medians of the ratios, and have the 10 % marks beside them', () => {
    const [torch, peak, threads, best] = targets(measured);
    expect([torch.reached, peak.reached, threads.reached, best.reached]).toEqual([true, undefined, true, false]);
    expect(torch.measured).toBe('0.690 (0.621 - 0.759); 0.625 at the 10 % marks, jit.script, 1 thread');
    expect(best.measured).toMatch(/^0\.430 .*jit\.script, 2 threads$/);
  });

  it('allow a quarter more at H 512 where PyTorch has AVX-512, and nothing where it has AVX2', () => {
    const large = (results: Results) => targets(results).find(({ target }) => target.includes('one thread (AVX'))!;
    expect(large(measured)).toMatchObject({
      target: "at most 1 x PyTorch's best with one thread (AVX2)",
      reached: false,
    });
    const rows = measured['peers-large']!.rows.map((row) => ({ ...row, runs: { ...row.runs!, capability: 'AVX512' } }));
    const wider = { ...measured, 'peers-large': { ...measured['peers-large']!, rows } };
    expect(large(wider)).toMatchObject({
      target: "at most 1.25 x PyTorch's best with one thread (AVX-512)",
      reached: true,
    });
    expect(readmeSection(wider)).toContain('512-bit registers, which WebAssembly does not have');
    expect(readmeSection(measured)).not.toContain('512-bit');
  });

  it('count no share of a narrow peak as one of the 256-bit peak', () => {
    const row = { fractionOfPeak: 0.9, gflops: 40, peakGflops: 45, notesPerSecond: 1 };
    const share = (peakOf: string) =>
      targets({ 'train-1-node24': file('train', [{ ...row, peakOf } as never]) }).find(({ measured: found }) => found)!;
    expect(share('256-bit fused').reached).toBe(true);
    expect(share('128-bit fused').reached).toBe(false);
  });

  it('say nothing of what was not measured', () => {
    for (const { measured: found, reached } of targets({})) expect([found, reached]).toEqual([undefined, undefined]);
  });

  it('hold time, memory and allocation to their limits', () => {
    const found = targets({
      'generate-node24': file('generate', [{ path: 'stateful', microseconds: 4.2, heapBytesPerNote: 0.2 } as never]),
      'load-node24': file('load', [
        { way: 'cold', files: 3, medianMs: 5_000 } as never,
        { way: 'cached', files: 3, medianMs: 501 } as never,
      ]),
      'memory-node24': file('memory', [{ largestMB: 200, growthMBPer1000Steps: 0.6 } as never]),
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

  it('say that there is no comparison where PyTorch was not measured, and why the earlier one is gone', () => {
    const text = readmeSection({ 'train-1': file('train', [{}]) });
    expect(text).toMatch(/no comparison with other frameworks .* did not run PyTorch at its best/);
  });

  it('say in the README which Node is how much faster, what is not reached, and how much was not measured', () => {
    const step = (node: string, medianMs: number, backend: string) => ({
      ...file<TrainRow>('train', [{ medianMs, backend }]),
      machine: { ...machine, node },
    });
    const startup = file('startup', [{ id: 'etude --help', medianMs: 170 }]);
    const text = readmeSection({ 'train-1': step('20.1.0', 15, 'simd (relaxed)'), 'train-1-node24': step('24.1.0', 7.5, 'simd (wide)'), 'startup-node24': startup }); // prettier-ignore
    expect(text).toContain('Node 24 on x86-64 trains 2.0 times as fast as Node 20');
    expect(text).toContain('`etude --help`: 170 ms (10 % mark 0.900); the target is at most 120 ms');
    expect(text).toMatch(/Of 17 targets \d+ were not measured/);
    const narrow = readmeSection({
      'train-1': step('20.1.0', 15, 'simd (relaxed)'),
      'train-1-node24': step('24.1.0', 14, 'simd (relaxed)'),
    });
    expect(narrow, 'nothing is twice as fast where the wide build did not run').not.toContain('times as fast');
  });

  it('read every result file that is committed under a name of theirs', () => {
    expect(Object.keys(results).toSorted()).toEqual(RESULT_NAMES.filter((name) => existsSync(join(root, `bench/results/${name}.json`))).toSorted()); // prettier-ignore
  });

  it('name every machine once, and how busy it was', () => {
    const other = { ...file('startup', [{}], 0.34), machine: { ...machine, cpu: 'two' } };
    const text = SECTIONS.machine({ startup: other, 'memory-node24': file('memory', [{}]) });
    expect(text).toMatch(/^Measured on 2026-01-02 on: /);
    expect(text).toContain('one, 2 cores, 8 GB');
    expect(text).toContain('two, 2 cores, 8 GB');
    expect(text, 'what was disturbed is named').toContain('startup (0.34)');
    expect(text).not.toContain('memory-node24 (');
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
