import { describe, expect, it } from 'vitest';
import { runEtude } from '../run-etude.ts';

describe('etude summary', () => {
  it("counts the tutorial's 84,354 parameters", async () => {
    const { code, stdout } = await runEtude('summary', '--preset', 'tutorial');
    expect(code).toBe(0);
    expect(stdout).toMatch(/lstm\.0 \(LSTM\) +\(batch, 128\) +67,584 +input/);
    expect(stdout).toContain('Total: 84,354 parameters, 337,416 bytes of float32');
    expect(stdout).toContain('Training with adam: 4 numbers for each parameter (weight, gradient, adam.m, adam.v), 1,349,664 bytes'); // prettier-ignore
  });

  it('shows what the preset performance reads and how its heads hang together', async () => {
    const { code, stdout } = await runEtude('summary', '--preset', 'performance');
    expect(code).toBe(0);
    expect(stdout).toMatch(/embeddings\.velocity \(Embedding\) +\(batch, steps, 128\) +4,096 +input/);
    expect(stdout).toMatch(/inputs \(Add\) +\(batch, steps, 128\) +0 +embeddings\.\*/);
    expect(stdout).toMatch(/heads\.pitch\.hidden \(Dense\) +\(batch, steps, 128\) .* relu; reads step/);
    expect(stdout).toMatch(/heads\.pitch \(Dense\) .* reads step$/m);
  });

  it.each(['quick', 'performance'])('prints the layers and the whole architecture of %s as JSON', async (preset) => {
    const { stdout } = await runEtude('summary', '--preset', preset, '--json');
    const { layers, parameters, spec } = JSON.parse(stdout) as {
      layers: { parameters: number }[];
      parameters: number;
      spec: object;
    };
    expect(layers.reduce((sum, layer) => sum + layer.parameters, 0)).toBe(parameters);
    expect(spec).toHaveProperty('lstm');
  });

  it.each([
    [[], 2, /give either a MODEL .* or --preset/],
    [['x', '--preset', 'quick'], 2, /give either a MODEL .* or --preset/],
    [['--preset', 'quik'], 2, /Did you mean quick\?/],
    [['no/such/model'], 1, /no such file or folder/],
    [[import.meta.dirname], 1, /no model in this folder/],
    [[import.meta.filename], 1, /summary\.test\.ts: /],
  ])('refuses %o with code %d', async (argv, expected, message) => {
    const { code, stdout, stderr } = await runEtude('summary', ...argv);
    expect(code).toBe(expected);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
  });
});
