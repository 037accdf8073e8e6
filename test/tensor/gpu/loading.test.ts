import { build, type Metafile } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
// Beside the packages, which the bundle does not contain.
const folder = mkdtempSync(join(root, 'node_modules/.gpu-test-'));
const outside = mkdtempSync(join(tmpdir(), 'etude-gpu-'));

afterAll(() => {
  for (const each of [folder, outside]) rmSync(each, { recursive: true, force: true });
});

/** The inputs of everything that `entry` loads before anybody asks for more. */
async function loadedAtOnce(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(root, entry)],
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outdir: outside,
    metafile: true,
    write: false,
  });
  const outputs: Metafile['outputs'] = metafile.outputs;
  const first = Object.keys(outputs).find((name) => outputs[name].entryPoint === entry)!;
  const [seen, left] = [new Set<string>(), [first]];
  const found: string[] = [];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const output = outputs[name];
    if (!output) {
      found.push(name);
      continue;
    }
    found.push(...Object.keys(output.inputs));
    left.push(...output.imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => path));
  }
  return found;
}

describe('gpu.js', () => {
  it.each(['src/cli/main.ts', 'src/nn/index.ts', 'src/tensor/index.ts'])(
    'is no part of what %s loads',
    async (entry) => {
      const loaded = await loadedAtOnce(entry);
      expect(loaded).toContain(entry);
      const more = loaded.filter((name) => /gpu/.test(name) && !/gpu\/(modes|errors|knowledge)\.ts$/.test(name));
      expect(more, 'beside names and errors').toEqual([]);
      expect(loaded).not.toContain('gpu.js');
      expect(loaded).not.toContain('webgpu');
    },
  );

  it('runs our kernels from a bundle with short names and no white space, and lets the process end', async () => {
    const outfile = join(folder, 'engine.mjs');
    await build({
      stdin: {
        resolveDir: root,
        loader: 'ts',
        contents: `
          import { createEngine, randomBatch } from './src/nn/index.ts';
          import { Random } from './src/tensor/index.ts';
          import { smallSpec } from './test/support/model-specs.ts';
          const spec = smallSpec({ lstm: { dropout: 0.3 } });
          const losses = [];
          for (const backend of ['reference', 'gpu-cpu', 'gpu-webasm']) {
            const engine = await createEngine(spec, {
              backend, threads: 'auto', batchSize: 3, steps: 4,
              optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7, clipNorm: 1 },
              init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout'),
            });
            const batch = randomBatch(spec, 3, 4, Random.stream(1, 'sample'));
            await engine.trainStep(batch, 0.01);
            losses.push((await engine.trainStep(batch, 0.01)).loss);
            await engine.dispose();
          }
          console.log(JSON.stringify(losses));`,
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      minifyWhitespace: true,
      minifyIdentifiers: true,
      outfile,
    });
    const losses = JSON.parse(execFileSync(process.execPath, [outfile], { encoding: 'utf8', timeout: 20_000 })) as number[]; // prettier-ignore
    expect(losses[0]).toBeGreaterThan(0);
    expect(losses[1]).toBeCloseTo(losses[0], 5);
    expect(losses[2]).toBeCloseTo(losses[0], 5);
  });
});
