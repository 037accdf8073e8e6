import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readArchive } from '../../../src/interop/archive.ts';
import { loadModel } from '../../../src/fit/index.ts';
import { runEtude } from '../run-etude.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const golden = resolve(import.meta.dirname, '../../golden');
const keras = (name: string): string => join(golden, 'keras', name);

describe('etude import of a model of Keras', () => {
  it('writes a model that summary, gradcheck, export and loadModel take', async () => {
    const base = temporaryFolder();
    const [model, onnx, vocabulary] = ['m.safetensors', 'm.onnx', 'letters.json'].map((name) => join(base, name));
    writeFileSync(vocabulary, JSON.stringify([...'abcdefg']));
    const imported = await runEtude('import', keras('characters.keras'), '--out', model, '--vocabulary', vocabulary);
    expect(imported).toMatchObject({ code: 0, stdout: expect.stringContaining('first, second: LSTM, 2 layers of 4.') as string }); // prettier-ignore
    expect((await runEtude('summary', model)).stdout).toMatch(/heads\.words.*Total: 328 parameters/s);
    const checked = await runEtude('gradcheck', model, '--samples', '1', '--json');
    expect(JSON.parse(checked.stdout)).toMatchObject({ passed: true });
    expect((await runEtude('export', model, '--to', 'onnx', '--out', onnx)).code).toBe(0);
    expect((await loadModel<string>(readFileSync(model))).forecast('abc', 5)).toHaveLength(5);
  }, 60_000); // prettier-ignore

  it('knows it by its content, whatever it is called', async () => {
    const base = temporaryFolder();
    const [named, out] = ['weights.pt', 'm.safetensors'].map((name) => join(base, name));
    writeFileSync(named, readFileSync(keras('music.keras')));
    const { stdout } = await runEtude('import', named, '--out', out, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ parameters: 310, spec: { lossOn: 'last' } });
  });

  it('reads weights alone, with a configuration or without', async () => {
    const base = temporaryFolder();
    const [config, whole, given, alone] = ['config.json', 'a', 'b', 'c'].map((name) => join(base, name.length > 1 ? name : `${name}.safetensors`)); // prettier-ignore
    writeFileSync(config, (await readArchive(readFileSync(keras('before.keras')))).get('config.json')!);
    await runEtude('import', keras('before.keras'), '--out', whole);
    await runEtude('import', keras('before.weights.h5'), '--config', config, '--out', given);
    expect(readFileSync(given).equals(readFileSync(whole))).toBe(true);
    const { code, stdout } = await runEtude('import', keras('before.weights.h5'), '--out', alone);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('The file holds weights alone.') as string }); // prettier-ignore
  });

  it.each<[string[], number, RegExp]>([
    [[keras('music.keras'), '--head', 'pitch:numbers'], 2, /--head pitch:numbers: its (softmax|loss) makes it one of classes/],
    [[keras('music.keras'), '--embedding', 'pitch'], 2, /embeddings: this is a file of Keras, for which it means nothing/],
    [[keras('music.keras'), '--config', keras('../keras.json')], 2, /config: a \.keras has its own/],
    [[keras('before.weights.h5'), '--config', 'no-such.json'], 1, /no-such\.json: cannot be read/],
    [[join(golden, 'interop/characters.pt'), '--config', keras('../keras.json')], 2, /config: this is a file of PyTorch/],
  ])('refuses %j with code %d', async (argv, expected, message) => {
    const { code, stdout, stderr } = await runEtude('import', ...argv, '--out', 'x.safetensors');
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(message);
    expect(existsSync('x.safetensors')).toBe(false);
  }); // prettier-ignore
});
