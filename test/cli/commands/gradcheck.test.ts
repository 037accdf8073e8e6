import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CELL_KINDS, CELLS } from '../../../src/nn/index.ts';
import { ReferenceKernels } from '../../../src/tensor/index.ts';
import { runEtude } from '../run-etude.ts';
import { folderWithMusic, trainTiny, useTinyRun } from '../tiny-music.ts';

describe('etude gradcheck', () => {
  const small = ['--layers', '1', '--hidden-size', '2', '--steps', '2', '--batch', '1', '--samples', '4'];

  it.each(['tutorial', 'quick', 'performance'])('finds every gradient of a model like %s right', async (preset) => {
    const { code, stdout, stderr } = await runEtude('gradcheck', '--preset', preset, ...small);
    expect(code).toBe(0);
    expect(stdout).toMatch(/lstm\.0\.recurrent_kernel +4 +\d\.\de-\d+ .* ok/);
    expect(stderr).toMatch(/All gradients agree: largest relative error/);
  });

  it('checks every table and relu layer of the preset performance where the batch has been', async () => {
    const { code, stdout } = await runEtude('gradcheck', '--preset', 'performance', ...small, '--json');
    expect(code).toBe(0);
    const { rows } = JSON.parse(stdout) as { rows: { name: string; checked: number; analytic: number }[] };
    const names = rows.map(({ name }) => name);
    for (const name of ['embeddings.pitchClass', 'heads.velocity.from.duration', 'heads.pitch.hidden.from.step']) {
      expect(names).toContain(name);
    }
    // Not a row of zeros: most of a table is not looked up, and would say nothing. What relu units that are shut got is none.
    const looked = rows.filter(({ name }) => name.startsWith('embeddings.') || /^heads\.\w+\.from\./.test(name));
    expect(looked).toHaveLength(11);
    for (const { name, analytic } of looked) expect(analytic, name).not.toBe(0);
  });

  it('prints its rows as JSON', async () => {
    const { code, stdout } = await runEtude('gradcheck', ...small, '--seed', '7', '--json', '--quiet');
    expect(code).toBe(0);
    const { passed, rows, worst } = JSON.parse(stdout) as { passed: boolean; rows: { error: number }[]; worst: number };
    expect(passed).toBe(true);
    expect(worst).toBe(Math.max(...rows.map(({ error }) => error)));
    expect(worst).toBeLessThan(1e-6);
  });

  it.each(CELL_KINDS)('finds every gradient of a model of the cell %s right', async (cell) => {
    const { code, stdout, stderr } = await runEtude('gradcheck', '--cell', cell, ...small);
    expect([code, stderr]).toEqual([0, expect.stringContaining(`1 ${CELLS[cell].title} of 2, `)]);
    expect(stdout).toContain(`${CELLS[cell].prefix}.0.recurrent_kernel`);
  });

  it('refuses sizes out of range', async () => {
    expect((await runEtude('gradcheck', '--layers', '0')).code).toBe(2);
    expect((await runEtude('gradcheck', '--hidden-size', '2.5')).code).toBe(2);
  });
});

describe('etude gradcheck MODEL', () => {
  const tinyRun = useTinyRun();
  const few = ['--batch', '2', '--samples', '5'];

  it('checks a model of yours at its own weights, on the music that it was trained on', async () => {
    const { run } = await tinyRun();
    const { code, stdout, stderr } = await runEtude('gradcheck', run, ...few);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/All gradients agree: largest relative error/)]);
    expect(stderr).toMatch(
      /Checking .*best\.safetensors: [\d,]+ parameters, 2 windows of 6 notes from 4 pieces, float64/,
    );
    expect(stdout).toMatch(/lstm\.0\.recurrent_kernel +5 +\d\.\de-\d+ .* ok/);
  });

  it('checks one whose inputs are embedded and whose heads read each other', async () => {
    const chained = ['--velocity', 'classes', '--embedding', '4', '--head-hidden', '3'];
    const { run } = await trainTiny(...chained, '--order', 'step,pitch,duration,velocity', '--transpose', '2');
    const { code, stdout, stderr } = await runEtude('gradcheck', run, ...few);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/All gradients agree/)]);
    for (const name of ['embeddings.pitchClass', 'heads.velocity.from.pitch', 'heads.duration.hidden.from.step']) {
      expect(stdout).toMatch(new RegExp(`^${name.replaceAll('.', '\\.')} +5 .* ok$`, 'm'));
    }
    const shown = await runEtude('summary', run);
    expect([shown.code, shown.stdout]).toEqual([
      0,
      expect.stringMatching(/heads\.velocity \(Dense\) .* reads step, pitch, duration$/m),
    ]);
  });

  it('checks it on other music, and on windows of another length and seed', async () => {
    const { run } = await tinyRun();
    const { music } = folderWithMusic({ pieces: 2 });
    const ask = async (...more: string[]) => {
      const { code, stdout } = await runEtude('gradcheck', run, music, ...few, '--json', ...more);
      expect(code).toBe(0);
      return JSON.parse(stdout) as Record<string, unknown> & { rows: { analytic: number }[] };
    };
    const [one, other, short] = [await ask(), await ask('--seed', '7'), await ask('--steps', '3')];
    expect(one).toMatchObject({ passed: true, model: run, preset: 'quick', pieces: 2, windows: 2, seed: 42 });
    for (const another of [other, short]) expect(another.rows[0].analytic).not.toBe(one.rows[0].analytic);
    expect(await ask()).toEqual(one);
  });

  it('ends with exit code 1 and names the parameter where a gradient is wrong', async () => {
    const { run } = await tinyRun();
    const { biasBackward } = ReferenceKernels.prototype;
    const spy = vi.spyOn(ReferenceKernels.prototype, 'biasBackward').mockImplementation(function (
      this: ReferenceKernels,
      dBias,
      dOut,
    ) {
      biasBackward.call(this, dBias, dOut);
      dBias.data[0] *= 1.001;
    });
    onTestFinished(() => {
      spy.mockRestore();
    });
    const { code, stdout, stderr } = await runEtude('gradcheck', run, '--batch', '2', '--samples', '1000');
    expect(code).toBe(1);
    expect(stdout).toMatch(/\.bias .* WRONG$/m);
    expect(stderr).toContain('gradients do not agree');
  });

  it('asks for music where nothing says what the model was trained on, and then takes it', async () => {
    const { run, music } = await tinyRun();
    rmSync(join(run, 'config.json'));
    const { code, stderr } = await runEtude('gradcheck', run);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/name some music: etude gradcheck .* MUSIC/)]);
    expect((await runEtude('gradcheck', run, music, ...few)).code).toBe(0);
  });

  it.each([
    [['--preset', 'quick'], /does not take --preset/],
    [['--hidden-size', '4'], /does not take --hidden-size/],
  ])('refuses %o, which describes no trained model', async (more, message) => {
    const { run } = await tinyRun();
    const { code, stderr } = await runEtude('gradcheck', run, ...more);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it('says in a line that there is no such model, or that no window fits', async () => {
    const nowhere = await runEtude('gradcheck', '/nowhere');
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('/nowhere')]);
    const { run } = await tinyRun();
    const long = await runEtude('gradcheck', run, '--steps', '5000');
    expect([long.code, long.stdout]).toEqual([1, '']);
  });
});
