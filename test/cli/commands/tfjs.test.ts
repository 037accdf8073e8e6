import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { randomModel } from '../../../bench/interop/ours.ts';
import { loadModel } from '../../../src/fit/index.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/nn/index.ts';
import { smallSpec } from '../../support/model-specs.ts';
import { runEtude } from '../run-etude.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { useTinyRun } from '../tiny-music.ts';

const golden = resolve(import.meta.dirname, '../../golden/interop-tfjs');
const tinyRun = useTinyRun();

describe('etude export --to tfjs', () => {
  it('writes two files, says what goes in and out, and etude import makes the same model of them', async () => {
    const { base, run } = await tinyRun();
    const file = join(base, 'page/tiny.json');
    const { code, stdout, stderr } = await runEtude('export', run, '--to', 'tfjs', '--out', file);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^input +inputs\.pitch +int32 +\[batch, steps\] +A class from 0 to 127\.$/m);
    expect(stdout).toMatch(/^output +heads\.pitch +float32 +\[batch, steps, 128\] +Logits of 128 classes/m);
    expect(stderr).toMatch(/tiny\.json: TensorFlow\.js, [\d.]+ kB\.\n.*tiny\.weights\.bin: its weights, [\d.]+ kB\./);
    expect(readdirSync(join(base, 'page')).sort()).toEqual(['tiny.json', 'tiny.weights.bin']);
    const model = join(base, 'again.safetensors');
    const imported = await runEtude('import', file, '--out', model);
    expect(imported.stdout).toBe('Etude exported this model: it is what it was.\n');
    const [before, after] = [join(run, 'best.safetensors'), model].map((path) => decodeCheckpoint(readFileSync(path)));
    expect({ ...after, training: undefined }).toEqual({ ...before, training: undefined });
  });

  it('names both files with --json', async () => {
    const { base, run } = await tinyRun();
    const [out, weights] = ['j.json', 'j.weights.bin'].map((name) => join(base, name));
    const { stdout } = await runEtude('export', run, '--to', 'tfjs', '--out', out, '--json');
    const { parts, ...rest } = JSON.parse(stdout) as { parts: unknown[] };
    const size = (path: string): number => readFileSync(path).length;
    expect(rest).toEqual({ model: run, format: 'tfjs', out, bytes: size(out), beside: [{ out: weights, bytes: size(weights) }] }); // prettier-ignore
    expect(parts.length).toBeGreaterThan(1);
  });

  it.each(['mine.json', 'mine.weights.bin'])('overwrites neither file without --force, and writes none: %s is there', async (name) => {
    const { base, run } = await tinyRun();
    const folder = join(base, name);
    mkdirSync(folder);
    writeFileSync(join(folder, name), 'mine');
    const refused = await runEtude('export', run, '--to', 'tfjs', '--out', join(folder, 'mine.json'));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`${join(folder, name)}: the file is already there`);
    expect(readdirSync(folder)).toEqual([name]);
    expect(readFileSync(join(folder, name), 'utf8')).toBe('mine');
    expect((await runEtude('export', run, '--to', 'tfjs', '--out', join(folder, 'mine.json'), '--force')).code).toBe(0);
    expect(readFileSync(join(folder, name)).length).toBeGreaterThan(1000);
  }); // prettier-ignore

  it('refuses what it cannot write before anything is written', async () => {
    const base = temporaryFolder();
    const model = join(base, 'm.safetensors');
    writeFileSync(model, encodeCheckpoint(randomModel(smallSpec({ lstm: { cell: 'gru' } }))));
    for (const [argv, expected, reason] of [
      [['--out', join(base, 'm.json')], 2, /layers are GRU, which TensorFlow\.js does not have: its GRU has the reset gate before/],
      [['--out', '-'], 2, /TensorFlow\.js has two files, and stdout is one\. Name the first: --out FOLDER\/model\.json/],
      [['--out', join(base, 'm.onnx')], 2, /m\.onnx is the name of ONNX; --to tfjs writes \.json/],
      [['--out', base], 1, /this is a folder; name a file in it/],
      [['--out', join(base, '100%.json')], 2, /the file of weights cannot be called "100%\.weights\.bin"|layers are GRU/],
    ] as const) {
      const { code, stdout, stderr } = await runEtude('export', model, '--to', 'tfjs', ...argv);
      expect({ argv, code, stdout }).toEqual({ argv, code: expected, stdout: '' });
      expect(stderr).toMatch(reason);
    }
    expect(readdirSync(base)).toEqual(['m.safetensors']);
  }); // prettier-ignore
});

describe('etude import model.json', () => {
  it('reads all shards beside it, says what was found, and gives a model that loadModel takes', async () => {
    const base = temporaryFolder();
    const [out, vocabulary] = [join(base, 'm.safetensors'), join(base, 'letters.json')];
    writeFileSync(vocabulary, JSON.stringify([...'abcdefg']));
    const file = join(golden, 'characters/model.json');
    const { code, stdout } = await runEtude('import', file, '--out', out, '--vocabulary', vocabulary);
    expect(code).toBe(0);
    expect(stdout).toContain('lstm_LSTM1, lstm_LSTM2: LSTM, 2 layers of 4, 5.\nletters: an embedding of 7 classes in 3 numbers.\n'); // prettier-ignore
    expect((await loadModel<string>(readFileSync(out))).forecast('abc', 5)).toHaveLength(5);
  });

  it.each<[string, string[], (folder: string) => void, number, RegExp]>([
    ['a shard is not there', [], (folder) => { writeFileSync(join(folder, 'model.json'), readFileSync(join(golden, 'characters/model.json'), 'utf8').replace('shard2of2', 'shard3of2')); }, 1, /model\.json: the file "group1-shard3of2\.bin", which it names, cannot be read: ENOENT/],
    ['a shard is a folder', [], (folder) => { mkdirSync(join(folder, 'weights.bin')); writeFileSync(join(folder, 'model.json'), readFileSync(join(golden, 'tutorial/model.json'))); }, 1, /the file "weights\.bin", which it names, is no file/],
    ['a shard is a device', [], (folder) => { symlinkSync('/dev/zero', join(folder, 'weights.bin')); writeFileSync(join(folder, 'model.json'), readFileSync(join(golden, 'tutorial/model.json'))); }, 1, /the file "weights\.bin", which it names, is no file/],
    ['embeddings are named', ['--embedding', 'letters'], () => undefined, 2, /embeddings: this is a file of TensorFlow\.js, for which it means nothing/],
    ['a head is named that is none', ['--head', 'lstm_LSTM1:numbers'], () => undefined, 2, /--head lstm_LSTM1: no head is called so; expected one of next/],
  ])('refuses where %s', async (_, argv, change, expected, reason) => {
    const folder = temporaryFolder();
    cpSync(join(golden, 'characters'), folder, { recursive: true });
    change(folder);
    const out = join(folder, 'm.safetensors');
    const { code, stdout, stderr } = await runEtude('import', join(folder, 'model.json'), '--out', out, ...argv);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(reason);
    expect(existsSync(out)).toBe(false);
  }); // prettier-ignore
});
