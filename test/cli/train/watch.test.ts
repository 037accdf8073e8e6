import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseWatch } from '../../../src/cli/train/parse-watch.ts';
import { UsageError } from '../../../src/errors.ts';
import { digest } from '../folder-contents.ts';
import { runEtude } from '../run-etude.ts';
import { folderWithMusic, TINY } from '../tiny-music.ts';

interface Line {
  event: string;
  step: number;
  every?: number;
  losses: Record<string, number>;
  parameters: {
    name: string;
    weights: { norm: number; histogram: { counts: number[] } };
    gradient: { norm: number };
  }[];
  layers: {
    saturation: Record<'i' | 'f' | 'o', { low: number; high: number }>;
    gradient: { dh: number[]; dc: number[] };
  }[];
}

const linesOf = (run: string): Line[] =>
  readFileSync(join(run, 'watch.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Line); // prettier-ignore

async function train(...words: string[]): Promise<void> {
  const { code, stderr } = await runEtude('train', ...words);
  expect(code, stderr).toBe(0);
}

describe('train --watch', () => {
  it('writes what the network is like every so many steps, and changes nothing in the training', async () => {
    const { music, base } = folderWithMusic();
    const [plain, watched] = [join(base, 'plain'), join(base, 'watched')];
    await train(music, '--out', plain, ...TINY);
    await train(music, '--out', watched, ...TINY, '--watch', 'every=5');
    for (const file of ['best.safetensors', 'last.safetensors', 'generated.mid']) {
      expect(digest(join(watched, file))).toBe(digest(join(plain, file)));
    }
    const [begin, ...lines] = linesOf(watched);
    expect(begin).toMatchObject({ event: 'begin', step: 0, every: 5 });
    expect(lines.map(({ event, step }) => `${event} ${step}`)).toEqual(['watch 5', 'watch 10']);
    const [first, last] = lines;
    expect(last.losses.pitch).toBeLessThan(first.losses.pitch);
    for (const { weights, gradient } of first.parameters) {
      expect(weights.norm).toBeGreaterThanOrEqual(0);
      expect(gradient.norm).toBeGreaterThan(0);
      expect(weights.histogram.counts).toHaveLength(21);
    }
    expect(first.parameters.map(({ name }) => name)).toContain('lstm.0.recurrent_kernel');
    expect(first.layers[0].gradient.dh).toHaveLength(6);
    // Nothing follows the last note, so that the gradient begins with the one before it.
    expect(first.layers[0].gradient.dh[4]).toBeGreaterThan(first.layers[0].gradient.dh[0]);
    expect(first.layers[0].saturation.f.low).toBeLessThanOrEqual(1);
  });

  it('goes on where the run goes on, without being told again: the same lines as a run that was never stopped', async () => {
    const { music, base } = folderWithMusic();
    const [once, twice] = [join(base, 'once'), join(base, 'twice')];
    await train(music, '--out', once, ...TINY, '--watch', 'every=3');
    await train(music, '--out', twice, ...TINY, '--watch', 'every=3', '--max-steps', '7');
    await train('--out', twice, '--resume', '--max-steps', 'none');
    expect(linesOf(twice)).toEqual(linesOf(once));
  });
});

describe('parseWatch', () => {
  it('reads every=N and nothing else', () => {
    expect(parseWatch('every=100')).toBe(100);
    for (const wrong of ['100', 'every=0', 'every=-1', 'every=', 'every=1.5', 'each=3']) {
      expect(() => parseWatch(wrong)).toThrow(UsageError);
    }
  });
});
