import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fit, loadModel } from '../../../src/fit/index.ts';
import { decodeCheckpoint, ProbedModel, recordSequence } from '../../../src/nn/index.ts';
import { runEtude } from '../run-etude.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { trainTiny } from '../tiny-music.ts';

const golden = resolve(import.meta.dirname, '../../golden/interop');
const file = (name: string): string => join(golden, `${name}.pt`);

/** A folder with the characters' model, and the names of its classes. */
async function importedCharacters(): Promise<{ base: string; model: string; vocabulary: string }> {
  const base = temporaryFolder();
  const [model, vocabulary] = [join(base, 'm.safetensors'), join(base, 'letters.json')];
  writeFileSync(vocabulary, JSON.stringify([...'abcdefg']));
  const { code } = await runEtude('import', file('characters'), '--out', model, '--vocabulary', vocabulary);
  expect(code).toBe(0);
  return { base, model, vocabulary };
}

describe('etude import', () => {
  it('writes a model that loadModel and probes take', async () => {
    const { model } = await importedCharacters();
    const bytes = readFileSync(model);
    const loaded = await loadModel<string>(bytes);
    expect(loaded.forecast('abc', 5)).toHaveLength(5);
    const { spec, parameters } = decodeCheckpoint(bytes);
    expect(new ProbedModel(spec, parameters).layers).toHaveLength(2);
    const recording = recordSequence(spec, parameters, { length: 3, categories: [[0, 1, 2]], features: [] });
    expect([...recording.heads[0].probabilities!.slice(14)]).toEqual([...loaded.predict('abc')[0].probabilities!].map(Math.fround)); // prettier-ignore
  });

  it('says what was found, and with --json in an object', async () => {
    const out = join(temporaryFolder(), 'm.safetensors');
    const { stdout } = await runEtude('import', file('labels'), '--out', out, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      file: file('labels'),
      out,
      bytes: readFileSync(out).length,
      parameters: 565,
      notes: ['encoder.gru: bidirectional GRU, 2 layers of 4.', 'The first layer reads 3 numbers.', 'classifier: a head of 5 classes.'], // prettier-ignore
      spec: { lstm: { cell: 'gru', bidirectional: true } },
    });
  });

  it('of what etude export wrote for PyTorch gives the same file as export of the same again, and music', async () => {
    const { base, run } = await trainTiny();
    const [exported, model, again] = ['exported.safetensors', 'model.safetensors', 'again.safetensors'].map((name) => join(base, name)); // prettier-ignore
    for (const argv of [
      ['export', run, '--to', 'pytorch', '--out', exported],
      ['import', exported, '--out', model],
      ['export', model, '--to', 'pytorch', '--out', again],
      ['generate', run, '--out', join(base, 'a.mid'), '--notes', '12'],
      ['generate', model, '--out', join(base, 'b.mid'), '--notes', '12'],
    ]) {
      const { code, stderr } = await runEtude(...argv);
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    }
    expect(readFileSync(again).equals(readFileSync(exported))).toBe(true);
    expect(readFileSync(join(base, 'b.mid')).equals(readFileSync(join(base, 'a.mid')))).toBe(true);
    const [before, after] = [join(run, 'best.safetensors'), model].map((path) => decodeCheckpoint(readFileSync(path)));
    expect({ ...after, training: undefined }).toEqual({ ...before, training: undefined });
  });

  it('keeps what a model knows of its data with --like', async () => {
    const base = temporaryFolder();
    const fitted = await fit({ sequences: 'abcabcabcabcabcabc', epochs: 1, units: 4, threads: 1 });
    const [model, exported, back] = ['m', 'e', 'b'].map((name) => join(base, `${name}.safetensors`));
    writeFileSync(model, fitted.save());
    await runEtude('export', model, '--to', 'pytorch', '--out', exported);
    const { code } = await runEtude('import', exported, '--like', model, '--out', back);
    expect(code).toBe(0);
    expect(readFileSync(back).equals(readFileSync(model))).toBe(true);
  });

  it('gives a model that the other commands take, or say what it lacks', async () => {
    const { base, model } = await importedCharacters();
    expect((await runEtude('summary', model)).stdout).toMatch(/embeddings\.embedding.*heads\.fc.*Total: 328 parameters/s);
    const checked = await runEtude('gradcheck', model, '--samples', '1', '--json');
    expect(JSON.parse(checked.stdout)).toMatchObject({ passed: true, model, preset: null, pieces: 0 });
    expect((await runEtude('gradcheck', model, 'music')).stderr).toContain('is no model of music, and reads none');
    expect((await runEtude('inspect', model)).stderr).toContain('"etude summary" shows what is in a model.');
    const noCodec = /no codec for music; it was not made by "etude train"\. "etude summary" and "etude gradcheck" take such a model, and loadModel/; // prettier-ignore
    for (const argv of [['generate', model, '--out', join(base, 'x.mid')], ['study', model, 'x.mid'], ['evaluate', model, 'x']]) {
      const { code, stderr } = await runEtude(...argv);
      expect(code).toBe(1);
      expect(stderr).toMatch(noCodec);
    }
    expect(readdirSync(base).sort()).toEqual(['letters.json', 'm.safetensors']);
  }, 60_000); // prettier-ignore

  it('never overwrites without --force', async () => {
    const { model } = await importedCharacters();
    const before = readFileSync(model);
    const refused = await runEtude('import', file('labels'), '--out', model);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('--force');
    expect(readFileSync(model).equals(before)).toBe(true);
    expect((await runEtude('import', file('labels'), '--out', model, '--force')).code).toBe(0);
  });

  it.each<[string[], number, RegExp]>([
    [[file('characters')], 2, /give the model to write, --out FILE\.safetensors/],
    [[file('characters'), '--out', 'x.mid'], 2, /This writes a model of Etude: expected a name that ends in \.safetensors/],
    [[file('characters'), '--out', 'x.pt'], 2, /This writes a model of Etude/],
    [['no-such.pt', '--out', 'x.safetensors'], 1, /no-such\.pt: cannot be read/],
    [[import.meta.dirname, '--out', 'x.safetensors'], 1, /commands: cannot be read/],
    [[file('characters'), '--out', 'x.safetensors', '--vocabulary', file('labels')], 1, /labels\.pt: cannot be read as JSON.*Expected a list of texts/],
    [[file('characters'), '--out', 'x.safetensors', '--vocabulary', resolve(import.meta.dirname, '../../../package.json')], 1, /package\.json: expected a JSON list of texts/],
    [[file('characters'), '--out', 'x.safetensors', '--head', 'rnn'], 2, /--head rnn: no module is called so; expected one of embedding \[7, 3\], fc \[7, 4\]/],
    [[file('characters'), '--out', 'x.safetensors', '--like', 'runs/x', '--head', 'fc'], 2, /--head.*--like|--like.*--head/],
    [[file('projected'), '--out', 'x.safetensors'], 1, /projected\.pt: weight_hr_l0 \[3, 4\] projects/],
    [[file('convolution'), '--out', 'x.safetensors'], 1, /convolution\.pt: 0\.weight \[2, 2, 1\] has no place/],
  ])('refuses %j with code %d', async (argv, expected, message) => {
    const { code, stdout, stderr } = await runEtude('import', ...argv);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(message);
    expect(existsSync('x.safetensors')).toBe(false);
  }); // prettier-ignore
});
