import { describe, expect, it } from 'vitest';
import { ADAM_DEFAULTS, createEngine } from '../../../src/nn/index.ts';
import type { GpuKnowledge } from '../../../src/nn/gpu/knowledge.ts';
import { Random } from '../../../src/tensor/index.ts';
import { smallSpec } from '../../support/model-specs.ts';

/** The mode that runs anywhere, in the place of a GPU; its name is all that it has for a device. */
const known: GpuKnowledge = {
  backend: 'gpu-webasm',
  device: 'gpu.js webasm',
  frontier: [{ batchSize: 3, hiddenSize: 4 }],
};

async function nameOf(
  gpuKnowledge: GpuKnowledge | undefined,
  {
    batchSize = 3,
    threads = 'auto',
    backend = 'auto',
    onFallback,
  }: { batchSize?: number; threads?: 1 | 'auto'; backend?: string; onFallback?: (why: string) => void } = {},
): Promise<string> {
  const streams = { init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') };
  const choice = { backend, threads, gpuKnowledge, onFallback };
  const options = { ...choice, optimizer: ADAM_DEFAULTS, batchSize, steps: 4, ...streams };
  const engine = await createEngine(smallSpec(), options);
  await engine.dispose();
  return engine.name;
}

describe('auto, with what is known of a GPU', () => {
  it('takes the GPU where it was faster', async () => {
    expect(await nameOf(known)).toMatch(/^gpu\.js webasm/);
  });

  it.each([
    ['nothing is known', undefined, {}],
    ['the batch is smaller', known, { batchSize: 2 }],
    ['the model is smaller', { ...known, frontier: [{ batchSize: 3, hiddenSize: 5 }] }, {}],
    ['it is another GPU by now', { ...known, device: 'the GPU of last year' }, {}],
    ['there is none any more', { ...known, backend: 'gpu-webgl2' as const }, {}],
    ['a number of threads is asked for', known, { threads: 1 as const }],
    ['SIMD is asked for', known, { backend: 'simd' }],
  ])('takes SIMD where %s', async (_, knowledge, options) => {
    expect(await nameOf(knowledge, options)).toMatch(/^simd/);
  });

  it('says why it does not take a GPU that it knows, and nothing where it looks for none', async () => {
    const whys: string[] = [];
    const onFallback = (why: string): void => void whys.push(why);
    await nameOf({ ...known, device: 'the GPU of last year' }, { onFallback });
    await nameOf({ ...known, backend: 'gpu-webgl2' }, { onFallback });
    for (const options of [{ batchSize: 2 }, { threads: 1 as const }, {}])
      await nameOf(known, { ...options, onFallback });
    expect(whys).toEqual([
      expect.stringMatching(/^what was measured was the GPU of last year, and here is gpu\.js webasm/),
      expect.stringMatching(/gpu-webgl2/),
    ]);
  });
});
