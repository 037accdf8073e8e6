import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { readMidi } from '../src/midi/index.ts';
import { musicModel, type MusicModel } from '../src/music/index.ts';
import { decodeCheckpoint, Stepper } from '../src/nn/index.ts';
import { runEtude } from './cli/run-etude.ts';

const root = resolve(import.meta.dirname, '..');
// Inside the checkout, so that packages are found from there.
const folder = mkdtempSync(join(root, 'node_modules/.examples-'));
const fileOf = (name: string): string => `examples/${name}${name.includes('.') ? '' : '.ts'}`;
const source = (name: string): string => readFileSync(join(root, fileOf(name)), 'utf8');

/** What an example prints, run against the sources. */
async function run(name: string, ...words: string[]): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [fileOf(name)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    alias: {
      'etude-lstm/nn': './src/nn/index.ts',
      'etude-lstm/tensor': './src/tensor/index.ts',
      'etude-lstm/midi': './src/midi/node.ts',
      'etude-lstm/music': './src/music.ts',
      'etude-lstm/interop': './src/interop/node.ts',
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

/** What the notes of a model's primer cost it each, but the first. */
function natsOf({ spec, parameters, codec, primer: { notes } }: MusicModel): number {
  const stepper = new Stepper(spec, parameters);
  const [row, values] = [new Int32Array(spec.inputs.categories.length), new Float64Array(spec.heads.length)];
  let sum = 0;
  for (let t = 1; t < notes.length; t++) {
    codec.encodeNote(notes[t - 1], row, new Float32Array(0));
    stepper.step(row, []);
    codec.valuesOf(notes[t], values);
    values.forEach((value, head) => {
      const logits = [...stepper.output(head)];
      sum += Math.log(logits.reduce((all, logit) => all + Math.exp(logit), 0)) - logits[value];
      stepper.choose(head, value);
    });
  }
  return sum / (notes.length - 1);
}

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('an example prints what its first lines say, up to the last bits of other kernels', () => {
  it.each([
    ['forecast', /off by (?:a factor of )?(\d\.\d+)/g, /model: off by ([\d.]+)/g, 0.05],
    ['own-loss', /off by a factor of ([\d.]+\d)/g, /model: off by a factor of ([\d.]+)/g, 0.1],
    ['names', /it tells (\d+) %/g, /: ([\d.]+) % are right/g, 5],
    ['imported', /(\d\.\d+)/g, /([\d.]+) nats a letter/g, 0.03],
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

  it('generate-onnx, of a model that is trained and exported as they say, as much as Etude says of it', async () => {
    const [head] = source('generate-onnx.mjs').split('*/');
    const commands = [...head.matchAll(/npx etude (.+)/g)].map(([, words]) => words.replaceAll('runs/', `${folder}/`));
    for (const words of commands) {
      const { code, stderr } = await runEtude(...words.split(' '), '--quiet');
      expect(stderr).toBe('');
      expect(code).toBe(0);
    }
    const said = await run('generate-onnx.mjs', join(folder, 'played.onnx'), join(folder, 'played.mid'), '20');
    const [found] = numbersIn(said, /cost (\d+\.\d+) nats each/g);
    const [claimed] = numbersIn(head, /cost (\d+\.\d+) nats each/g);
    expect(Math.abs(found - claimed)).toBeLessThan(0.3);
    expect(said).toContain('20 new notes, and 81 runs in all.');
    expect(head.replace(/\s+/g, ' ')).toContain('120 new notes, and 481 runs in all.');
    expect(readMidi(readFileSync(join(folder, 'played.mid'))).instruments[0].notes.length).toBeGreaterThan(10);
    // The same by our own stepper.
    const model = musicModel(decodeCheckpoint(readFileSync(join(folder, 'played/best.safetensors'))));
    expect(found).toBeCloseTo(natsOf(model), 2);
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
