import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runEtude } from '../run-etude.ts';
import { folderWithMusic } from '../tiny-music.ts';

/** Ends a run after few, small steps. */
const SMALL = ['--preset', 'quick', '--hidden-size', '4', '--batch-size', '4', '--seq-length', '5', '--steps-per-epoch', '3', '--threads', '1', '--no-sample', '--cache', 'none', '--validation', '0.3']; // prettier-ignore

interface Listed {
  groups: {
    validated: boolean;
    differing: string[];
    runs: { path: string; step: number; ended: string | null; best: { step: number; validation: { loss: number } | null } | null; history: unknown[] }[];
  }[];
} // prettier-ignore

describe('etude runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'etude-runs-'));
  const all = join(folder, 'runs');
  const of = (name: string): string => join(all, name);
  const list = async (...argv: string[]): Promise<Listed> => {
    const { code, stdout, stderr } = await runEtude('runs', ...argv, '--json');
    expect([code, stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as Listed;
  };

  beforeAll(async () => {
    const { music: songs } = folderWithMusic({ base: folder });
    const train = async (name: string, ...settings: string[]): Promise<void> => {
      const { code, stderr } = await runEtude('train', songs, '--out', of(name), ...SMALL, ...settings);
      expect(code, stderr).toBe(0);
    };
    await train('slow', '--epochs', '2', '--learning-rate', '0.0001');
    await train('fast', '--epochs', '3', '--learning-rate', '0.02');
    await train('coarse', '--epochs', '1', '--bins', '3');
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('puts the best first, and says in which settings they differ', async () => {
    const { groups } = await list(all);
    const [{ runs, validated, differing }] = groups;
    expect(validated).toBe(true);
    expect(runs.map(({ path }) => path)).toEqual([of('fast'), of('slow')]);
    expect(differing).toEqual(['epochs', 'learningRate']);
    expect(runs[0]).toMatchObject({ step: 9, ended: 'completed' });
    expect(runs[0].history).toHaveLength(3);
    expect(runs[0].best!.validation!.loss).toBeLessThan(runs[1].best!.validation!.loss);
  });

  it('compares no losses of runs that encode the music differently', async () => {
    const { groups } = await list(all);
    expect(groups.map(({ runs }) => runs.map(({ path }) => path))).toEqual([[of('fast'), of('slow')], [of('coarse')]]);
    const { stdout } = await runEtude('runs', all);
    expect(stdout).toMatch(/Best of 2: \S*fast, with a validation loss of [\d.]+ after 9 training steps\./);
    expect(stdout).toContain('their losses cannot be compared');
    expect(stdout).toMatch(/fast +quick .*--epochs 3 --learning-rate 0.02/);
  });

  it('lists runs of which no epoch is finished, and those that were killed, last', async () => {
    const killed = join(folder, 'killed', 'run');
    cpSync(of('slow'), killed, { recursive: true });
    writeFileSync(join(killed, 'log.jsonl'), readFileSync(join(killed, 'log.jsonl'), 'utf8').split('\n')[0]);
    const { groups } = await list(killed, of('fast'));
    expect(groups).toMatchObject([{ validated: true, runs: [{ path: of('fast') }, { path: killed, step: 0, ended: null, best: null }] }]); // prettier-ignore
    expect((await runEtude('runs', killed, of('fast'))).stdout).not.toContain('cannot be compared');
    const { stdout } = await runEtude('runs', killed);
    expect(stdout).toContain('not yet');
    expect(stdout).toContain('None of them has finished an epoch.');
  });

  it('writes a page with the curves, which links to the reports', async () => {
    const out = join(folder, 'compared.html');
    const { code } = await runEtude('runs', all, '--out', out);
    expect(code).toBe(0);
    const page = readFileSync(out, 'utf8');
    expect(page).toContain('href="runs/fast/report.html"');
    expect(page).toContain('Validation loss of pitch');
    expect(page.match(/<svg/g)!.length).toBeGreaterThanOrEqual(5);
    expect((await runEtude('runs', all, '--out', out)).code).toBe(1);
    const json = join(folder, 'compared.json');
    await runEtude('runs', all, '--out', json);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual(await list(all));
  });

  it('says what is no run folder', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const { code, stderr } = await runEtude('runs', empty);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/empty: there is no run in this folder; expected config\.json/)]); // prettier-ignore
    expect((await runEtude('runs', join(folder, 'none'))).stderr).toContain('there is no such folder');
  });
});
