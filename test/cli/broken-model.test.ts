import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LogFile } from '../../src/cli/log-file.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/nn/index.ts';
import { contents } from './folder-contents.ts';
import { runEtude } from './run-etude.ts';
import { folderWithMusic, TINY, useTinyRun } from './tiny-music.ts';

const tinyRun = useTinyRun();

/** A tiny run in whose checkpoints one number of a tensor is another. */
async function runWith(tensor: string, change: (data: Float32Array) => void) {
  const { run, music, base } = await tinyRun();
  for (const name of ['best.safetensors', 'last.safetensors']) {
    const path = join(run, name);
    const { tensors, metadata } = decodeSafetensors(readFileSync(path));
    if (tensors[tensor]) change(tensors[tensor].data);
    writeFileSync(path, encodeSafetensors({ tensors, metadata }));
  }
  const words = (command: string): string[] => ({
    generate: ['generate', run, '--out', join(base, 'new.mid')],
    evaluate: ['evaluate', run, music, '--split', 'all'],
    study: ['study', run, join(music, 'piece-0.mid'), '--out', join(base, 'study.html')],
    summary: ['summary', run],
    resume: ['train', '--out', run, '--resume', '--epochs', '4'],
  })[command]!; // prettier-ignore
  return { run, base, words };
}

/** Every second weight is the negative of the others. */
const alternating = (weight: number) => (data: Float32Array) =>
  data.set(data.map((_, k) => (k % 2 ? -weight : weight)));

const COMMANDS = ['generate', 'evaluate', 'study', 'summary', 'resume'];

describe('a model with a weight that is not finite', () => {
  it.each(COMMANDS)('is refused by %s, with the tensor and the index, and nothing is printed or written', async (command) => {
    for (const value of [NaN, Infinity]) {
      const { base, words } = await runWith('lstm.0.recurrent_kernel', (data) => (data[3 * 32 + 17] = value));
      const before = contents(base);
      for (const json of [[], ['--json']]) {
        const { code, stdout, stderr } = await runEtude(...words(command), ...json);
        expect(stderr).toMatch(/^etude: \S+best\.safetensors: |^etude: \S+last\.safetensors: /);
        expect(stderr).toContain(`"lstm.0.recurrent_kernel" has ${value} at [3, 17]; weights are finite.`);
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      }
      expect(contents(base)).toEqual(before);
    }
  }); // prettier-ignore

  it('is not what a resume blames the learning rate for: broken moments are refused before a step is taken', async () => {
    const { words } = await runWith('adam.v/lstm.0.kernel', (data) => (data[2] = -1));
    const { code, stderr } = await runEtude(...words('resume'));
    expect(stderr).toContain('"adam.v/lstm.0.kernel" has -1 at [0, 2]; second moments are finite and not below 0.');
    expect(stderr).not.toContain('learning rate');
    expect(code).toBe(1);
  });
});

describe('a model whose weights are finite, and so large that what it computes is not', () => {
  it.each(['generate', 'evaluate', 'study'])('ends %s with an error, and nothing is printed or written', async (command) => {
    const { base, words } = await runWith('heads.pitch.kernel', alternating(3e38));
    const before = contents(base);
    for (const json of [[], ['--json']]) {
      const { code, stdout, stderr } = await runEtude(...words(command), ...json);
      expect(stderr).toMatch(/is not finite: (NaN|-?Infinity) at .*so large that what it computes overflows/);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    }
    expect(contents(base)).toEqual(before);
  }); // prettier-ignore

  it('ends evaluate with an error where only the perplexity cannot be said any more', async () => {
    const { words } = await runWith('heads.pitch.kernel', alternating(20_000));
    const { code, stdout, stderr } = await runEtude(...words('evaluate'), '--json');
    expect(stderr).toMatch(/With a loss of [\d.e+]+ nats, the perplexity of pitch is not finite: Infinity\. /);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});

describe('a learning rate that is far too high', () => {
  it.each(['quick', 'tutorial'])('with the %s preset ends the training with 3, and says how to go on', async (preset) => {
    const { music, run } = folderWithMusic();
    const words = ['train', music, '--out', run, ...TINY, '--preset', preset, '--learning-rate', '100'];
    const { code, stdout, stderr } = await runEtude(...words, '--json');
    expect(stderr).toMatch(/etude: Training diverged at step \d+ \(epoch \d\): For \d+ steps the loss has been above [\d.]+, far above/);
    expect(stderr).toMatch(/Continue with a lower learning rate: etude train --out \S+run --resume --learning-rate 0\.00\d+\n/);
    expect(stderr).not.toMatch(/equally likely/);
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ event: 'diverged', place: { stage: 'loss' } });
    expect(code).toBe(3);
    expect(new LogFile(join(run, 'log.jsonl')).read().at(-1)).toMatchObject({ event: 'diverged' });
    const careful = /--resume (--learning-rate \S+)/.exec(stderr)![1].split(' ');
    expect((await runEtude('train', '--out', run, '--resume', ...careful)).code).toBe(0);
  }); // prettier-ignore
});
