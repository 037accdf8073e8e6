import { describe, expect, it } from 'vitest';
import { runEtude } from '../run-etude.ts';

describe('etude gradcheck', () => {
  const small = ['--layers', '1', '--hidden-size', '2', '--steps', '2', '--batch', '1', '--samples', '4'];

  it.each(['tutorial', 'quick'])('finds every gradient of a model like %s right', async (preset) => {
    const { code, stdout, stderr } = await runEtude('gradcheck', '--preset', preset, ...small);
    expect(code).toBe(0);
    expect(stdout).toMatch(/lstm\.0\.recurrent_kernel +4 +\d\.\de-\d+ .* ok/);
    expect(stderr).toMatch(/All gradients agree: largest relative error/);
  });

  it('prints its rows as JSON', async () => {
    const { code, stdout } = await runEtude('gradcheck', ...small, '--seed', '7', '--json', '--quiet');
    expect(code).toBe(0);
    const { passed, rows, worst } = JSON.parse(stdout) as { passed: boolean; rows: { error: number }[]; worst: number };
    expect(passed).toBe(true);
    expect(worst).toBe(Math.max(...rows.map(({ error }) => error)));
    expect(worst).toBeLessThan(1e-6);
  });

  it('refuses sizes out of range', async () => {
    expect((await runEtude('gradcheck', '--layers', '0')).code).toBe(2);
    expect((await runEtude('gradcheck', '--hidden-size', '2.5')).code).toBe(2);
    expect((await runEtude('gradcheck', 'model')).code).toBe(2);
  });
});
