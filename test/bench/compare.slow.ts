import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResultFile } from '../../bench/results.ts';

const root = resolve(import.meta.dirname, '../..');
const compare = (...words: string[]) =>
  spawnSync(process.execPath, ['scripts/bench.mjs', 'compare', ...words], { cwd: root, encoding: 'utf8' });

describe('bench:compare', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'etude-compared-'));
    cpSync(join(root, 'bench/results'), folder, { recursive: true });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('finds nothing between the results of a commit and the same files in a folder', () => {
    const { status, stderr, stdout } = compare('bench/results', folder);
    expect([status, stderr.includes('Nothing of')], stderr).toEqual([0, true]);
    expect(stdout).toContain('etude --help');
    expect(compare('HEAD', folder, '--only', 'startup').status).toBe(0);
  });

  it('names what got slower, and fails', () => {
    const path = join(folder, 'startup.json');
    const result = JSON.parse(readFileSync(path, 'utf8')) as ResultFile;
    for (const row of result.rows) for (const key of ['medianMs', 'p10Ms', 'p90Ms'] as const) row[key] *= 3;
    writeFileSync(path, JSON.stringify(result));
    const { status, stderr } = compare('bench/results', folder);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^\d+ of \d+ got slower beyond the noise: .*etude --help/m);
  });

  it('refuses what is neither a file nor a commit', () => {
    const { status, stderr } = compare('no-such-commit');
    expect([status, stderr.trim()]).toEqual([2, 'compare: "no-such-commit" is neither a file or folder nor a commit.']);
  });
});
