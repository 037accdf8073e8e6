import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readResult } from '../../../bench/results.ts';
import { run } from '../../../src/cli/run.ts';
import { runEtude, testIo } from '../run-etude.ts';

const folder = mkdtempSync(join(tmpdir(), 'etude-bench-test-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('etude bench', () => {
  it('train prints one object', async () => {
    const { code, stdout } = await runEtude('bench', 'train', '--json', '--threads', '1', '--steps', '3');
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    const object = JSON.parse(stdout) as Record<string, unknown>;
    expect(object).toMatchObject({ threads: 1, samples: 3, machine: { node: process.versions.node } });
    for (const key of ['medianMs', 'p10Ms', 'p90Ms', 'gflops', 'fractionOfPeak'])
      expect(object[key]).toBeGreaterThan(0);
    expect((object.losses as number[]).map((loss) => loss.toFixed(5))).toEqual([
      '1.21528',
      '0.72477',
      '0.40652',
      '0.38281',
    ]);
    expect(object.backend).toMatch(/^simd|^reference/);
  });

  it('train takes another workload and shows a table', async () => {
    const argv = ['--hidden-size', '8', '--layers', '2', '--seq-length', '4', '--batch-size', '4', '--steps', '2'];
    const { code, stdout, stderr } = await runEtude('bench', 'train', '--threads', '1', ...argv);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Training step on .*GFLOP\/s +of peak/);
    expect(stderr).toContain('Verified by the losses of the reference run');
    expect(stderr).toMatch(/Node \d+.* load/);
  });

  it('kernels prints a row a line and writes result and roofline', async () => {
    const [out, svg] = [join(folder, 'kernels.json'), join(folder, 'roofline.svg')];
    const argv = ['--only', 'matmul 64x128x1', '--backend', 'auto', '--seconds', '0', '--json'];
    const { code, stdout } = await runEtude('bench', 'kernels', ...argv, '--out', out, '--svg', svg);
    expect(code).toBe(0);
    const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    expect(lines[0]).toMatchObject({ operation: 'matmul' });
    expect(lines.at(-1)).toMatchObject({ bench: 'kernels' });
    expect(readResult(out).rows).toHaveLength(lines.length - 1);
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg/);
    const again = await runEtude('bench', 'kernels', ...argv, '--out', out);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('--force');
  });

  it('looks for a crossover only where the GPU can be used, and says in one line that it cannot', async () => {
    // No machine has this one outside a browser.
    const argv = ['--crossover', '--backend', 'gpu-webgl2', '--cache', folder];
    const { code, stdout, stderr } = await runEtude('bench', ...argv);
    expect([code, stdout.trim()]).toEqual([0, '']);
    expect(stderr).toMatch(/^webgl2 does not run here: .*browsers.*\. --backend auto stays simd\.$/m);
  });

  it('wants to know what to measure, and what only one benchmark can do', async () => {
    const bare = await runEtude('bench');
    expect([bare.code, bare.stderr]).toEqual([2, expect.stringContaining('say what to measure: kernels, train')]);
    const one = await runEtude('bench', 'modes', '--backend', 'simd');
    expect([one.code, one.stderr]).toEqual([2, expect.stringContaining('bench train')]);
    const foreign = await runEtude('bench', 'train', '--crossover');
    expect([foreign.code, foreign.stderr]).toEqual([2, expect.stringContaining('does not take --crossover')]);
  });

  it('generate, load, scaling and memory show tables', async () => {
    const generated = await runEtude('bench', 'generate', '--seconds', '0', '--hidden-size', '8');
    expect(generated.stdout).toMatch(/engine, carrying its state[^]*a window of 25[^]*with sampling and bookkeeping/);
    const loaded = await runEtude('bench', 'load', '--rounds', '1');
    expect(loaded.stdout).toMatch(/cold +27[^]*filling the cache[^]*cached/);
    const once = await runEtude('bench', 'load', '--cache', 'none', '--json');
    expect(JSON.parse(once.stdout.split('\n')[0])).toMatchObject({ way: 'cold', files: 27 });
    const memory = await runEtude('bench', 'memory', '--steps', '5', '--files', '2', '--threads', '1');
    expect(memory.stdout).toMatch(/^Resident memory[^]*simd/);
  });

  it('shows each row when it is made, and before what it is about', async () => {
    const { io, stdout, stderr } = testIo({ isTTY: true, columns: 80 });
    const seen: string[] = [];
    stdout.write = (text) => void seen.push(String(text).trim().split(/ {2,}/)[0]);
    stderr.write = (text) => void seen.push(String(text).trim().replace('\u001b[K', ''));
    expect(await run(['bench', 'generate', '--seconds', '0', '--hidden-size', '8'], io)).toBe(0);
    const order = [/^Verifying simd/, /^Timing engine$/, /One note/, /carrying its state/, /^Timing engine, window/, /a window of 25/, /^Timing whole/, /with sampling/]; // prettier-ignore
    const places = order.map((pattern) => seen.findIndex((text) => pattern.test(text)));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('epoch says what part the kernels have', async () => {
    const { code, stdout } = await runEtude(
      'bench',
      'epoch',
      '--steps',
      '3',
      '--files',
      '3',
      '--threads',
      '1',
      '--json',
    );
    expect(code).toBe(0);
    const row = JSON.parse(stdout.split('\n')[0]) as Record<string, number>;
    expect(row).toMatchObject({ steps: 3 });
    expect(row.kernelShare).toBeCloseTo(row.engineShare * row.kernelShareOfStep, 10);
    expect(row.engineShare).toBeLessThanOrEqual(1);
  });

  it.each([
    [['sing'], /unknown benchmark "sing"; expected kernels, train/],
    [['trin'], /Did you mean train\?/],
    [[], /say what to measure: kernels/],
    [['train', '--only', 'matmul'], /bench train does not take --only/],
    [['load', '--backend', 'simd'], /bench load does not take --backend/],
    [['train', 'data/songbook'], /bench train reads no music/],
    [['scaling', '--backend', 'all'], /only "bench kernels", "bench train" and "bench modes" measure them all/],
    [['kernels', '--only', 'convolution'], /no operation or shape/],
    [['train', '--threads', '0'], /from 1 to 256/],
  ])('refuses %o', async (argv, message) => {
    const { code, stdout, stderr } = await runEtude('bench', ...argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });
});
