import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { hasRelaxedSimd, joins } from '../../support/simd-builds.ts';
import type { BitsReport } from './bits-program.ts';

const root = resolve(import.meta.dirname, '../../..');
const outdir = join(root, 'node_modules/.cache', `etude-bits-${randomUUID()}`);
const SEED = 20_261_128;
/** Numbers that each process compares. */
const RESULTS = 20_000_000;

/**
 * How V8 compiles: as it does for users (a compiler in a hurry first, then the one that joins), or all with the one that joins, so that
 * every single result of the wide build comes from joined code. Traced, it says what it joins.
 */
const PROCESSES = joins
  ? [
      { how: 'as users run it', flags: [] },
      { how: 'all of it joined', flags: ['--no-liftoff', '--trace-wasm-revectorize'] },
    ]
  : [{ how: 'not joined', flags: [] }];
/** Tiles, cell, packing, elementwise kernels: so many functions at least are to be joined, in each of two memories. */
const JOINED_FUNCTIONS = 2 * 20;

describe.skipIf(!hasRelaxedSimd)('every kernel of simd (wide)', () => {
  beforeAll(async () => {
    const entryPoints = [join(import.meta.dirname, 'bits-program.ts')];
    const target = 'node20';
    await build({ entryPoints, outdir, bundle: true, format: 'esm', platform: 'node', target, packages: 'external', outExtension: { '.js': '.mjs' } }); // prettier-ignore
  });
  afterAll(() => {
    rmSync(outdir, { recursive: true, force: true });
  });

  it.each(PROCESSES)('has the bits of simd (relaxed): $how', async ({ flags }) => {
    const words = [...flags, join(outdir, 'bits-program.mjs'), String(SEED), String(RESULTS)];
    const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root, maxBuffer: 1 << 27 });
    const report = JSON.parse(/^bits: (.*)$/m.exec(stdout)![1]) as BitsReport;
    console.log(
      `Node ${process.version}: ${JSON.stringify({ ...report, kernels: Object.keys(report.kernels).length })}`,
    );
    expect(report.differences).toEqual([]);
    expect(report.results).toBeGreaterThanOrEqual(RESULTS);
    expect(report.special.notFinite).toBeGreaterThan(RESULTS / 1000);
    expect(report.special.denormal).toBeGreaterThan(RESULTS / 1000);
    if (flags.length === 0) return;
    const decisions = Array.from(
      stdout.matchAll(/Save: (\d+), cost: (\d+)/g),
      ([, save, cost]) => Number(save) > Number(cost),
    );
    expect(decisions.filter((joined) => joined).length).toBeGreaterThanOrEqual(JOINED_FUNCTIONS);
  });
});
