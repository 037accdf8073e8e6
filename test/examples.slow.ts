import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
// Inside the checkout, so that packages are found from there.
const folder = mkdtempSync(join(root, 'node_modules/.examples-'));
const source = (name: string): string => readFileSync(join(root, `examples/${name}.ts`), 'utf8');

/** What an example prints, run against the sources. */
async function run(name: string, ...words: string[]): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [`examples/${name}.ts`],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    alias: {
      'etude-lstm/nn': './src/nn/index.ts',
      'etude-lstm/tensor': './src/tensor/index.ts',
      'etude-lstm': './src/node.ts',
    },
    logLevel: 'silent',
  });
  const { stdout } = await promisify(execFile)(process.execPath, [outfile, ...words], { cwd: root });
  return stdout;
}

/** The numbers that a pattern finds. */
function numbersIn(text: string, pattern: RegExp): number[] {
  return [...text.replace(/\n \* /g, ' ').matchAll(pattern)].map(([, number]) => Number(number));
}

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('an example prints what its first lines say, up to the last bits of other kernels', () => {
  it.each([
    ['forecast', /off by (?:a factor of )?(\d\.\d+)/g, /model: off by ([\d.]+)/g, 0.05],
    ['own-loss', /off by a factor of ([\d.]+\d)/g, /model: off by a factor of ([\d.]+)/g, 0.1],
    ['names', /it tells (\d+) %/g, /: ([\d.]+) % are right/g, 5],
    ['characters', /(?:needs|the GRU) (\d\.\d+)/g, /(?:LSTM|GRU): ([\d.]+) nats/g, 0.1],
  ])('%s', async (name, said, printed, tolerance) => {
    const claimed = numbersIn(source(name).split('*/')[0], said);
    const found = numbersIn(await run(name), printed);
    expect(found.length).toBeGreaterThan(0);
    found.forEach((number, k) => {
      expect(Math.abs(number - claimed[k])).toBeLessThan(tolerance);
    });
  });

  it('remember', async () => {
    const reaches = (text: string): number[] =>
      numbersIn([...text.matchAll(/up to a span of: (.+)/g)].map(([, list]) => list).join(), /[A-Za-z)] (\d+)/g);
    const claimed = reaches(source('remember').split('*/')[0]);
    const found = reaches(await run('remember', '--out', folder));
    expect(found).toHaveLength(12);
    // Spans double from one to the next, and near the limit it depends on the last bits which of them is still learned.
    found.forEach((span, k) => {
      expect(Math.abs(Math.log2(span / claimed[k]))).toBeLessThanOrEqual(1);
    });
    // The RNN goes further than gates do where nothing comes in between, and the other way round where something does.
    const [copyingLstm, , , copyingGru, , copyingRnn, addingLstm, , , addingGru, , addingRnn] = found;
    expect(copyingRnn).toBeGreaterThan(Math.max(copyingLstm, copyingGru));
    expect(addingGru).toBeGreaterThan(addingLstm);
    expect(addingLstm).toBeGreaterThanOrEqual(addingRnn);
    for (const task of ['copying', 'adding']) {
      expect(readFileSync(join(folder, `remember-${task}.svg`), 'utf8')).toMatch(/^<svg/);
    }
    await expect(run('remember', '--out', folder)).rejects.toThrow('expected no file there, and there is one');
  });

  it('and beats what is naive', async () => {
    const [model, month, year] = numbersIn(await run('forecast'), /: off by ([\d.]+) ppm/g);
    expect(model).toBeLessThan(Math.min(month, year));
    expect(readFileSync(join(root, 'runs/forecast.svg'), 'utf8')).toMatch(/^<svg/);
    const [loss, naive] = numbersIn(await run('own-loss'), /: off by a factor of ([\d.]+)/g);
    expect(loss).toBeLessThan(naive);
    expect(await run('names', 'Ruotsi')).toMatch(/Ruotsi: \w\w \d+ %/);
  });
});
