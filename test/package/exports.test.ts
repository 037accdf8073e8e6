import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { describe, expect, it } from 'vitest';

type Conditions = Record<string, string | Record<string, string>>;

const root = resolve(import.meta.dirname, '../..');
const { exports, sideEffects } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | Conditions>;
  sideEffects: string[];
};
const entries = Object.entries(exports).filter((entry): entry is [string, Conditions] => typeof entry[1] !== 'string');
const sourceOf = (target: string): string => target.replace(/^\.\/dist\/(.*)\.js$/, 'src/$1.ts');

/** What a page made of some lines of code loads at once, minified, and what it loads when it is used. */
async function bundlePage(
  code: string,
  splitting = true,
): Promise<{ gzipped: number; inputs: string[]; metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    stdin: { contents: code, resolveDir: root, sourcefile: 'page.js' },
    outdir: 'page',
    write: false,
    bundle: true,
    splitting,
    minify: true,
    format: 'esm',
    platform: 'browser',
    external: ['gpu.js'],
    metafile: true,
  });
  const outputs: Metafile['outputs'] = metafile.outputs;
  const first = new Set(Object.keys(outputs).filter((name) => outputs[name].entryPoint === 'page.js'));
  for (const name of first) {
    for (const { kind, path } of outputs[name].imports) if (kind === 'import-statement') first.add(path);
  }
  const files = outputFiles.filter(({ path }) => [...first].some((name) => path.endsWith(`/${name}`)));
  expect(files).toHaveLength(first.size);
  const gzipped = files.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0);
  const inputs = [...first].flatMap((name) => Object.keys(outputs[name].inputs));
  return { gzipped, inputs, metafile };
}

/** Everything that is imported from `entry` on, at once or later. */
async function importedBy(entry: string): Promise<Set<string>> {
  const options = { absWorkingDir: root, outdir: 'out', write: false, bundle: true, splitting: true } as const;
  const { metafile } = await build({ ...options, entryPoints: [entry], format: 'esm', packages: 'external', platform: 'node', metafile: true }); // prettier-ignore
  const seen = new Set([entry]);
  for (const file of seen) for (const { path } of metafile.inputs[file]?.imports ?? []) seen.add(path);
  return seen;
}

describe('the exports of the package', () => {
  it.each(entries)(
    '%s: each condition names a module and its own types, of a source that is there',
    (_, conditions) => {
      const targets = 'types' in conditions ? [conditions] : Object.values(conditions);
      for (const target of targets as Record<string, string>[]) {
        // The first key that fits is taken, so types must come first.
        expect(Object.keys(target)).toEqual(['types', 'default']);
        expect(target.types).toBe(target.default.replace(/\.js$/, '.d.ts'));
        expect(readFileSync(join(root, sourceOf(target.default)), 'utf8')).not.toBe('');
      }
      if (targets.length > 1) {
        expect(Object.keys(conditions)).toEqual(['browser', 'node', 'default']);
        expect(conditions.default, 'what is neither runs what needs nothing of either').toEqual(conditions.browser);
      }
    },
  );

  it('have side effects where they are programs, and nowhere else', () => {
    expect(sideEffects.map(sourceOf)).toEqual(['src/nn/threads/thread.ts', 'src/cli/main.ts']);
  });

  it.each([
    'index',
    'tensor/index',
    'nn/index',
    'fit/index',
    'nn/gpu/index',
    'nn/threads/thread',
    'midi/index',
    'music',
    'interop/index',
  ])('nothing of Node is imported by %s, which pages use', async (name) => {
    const imported = [...(await importedBy(`src/${name}.ts`))];
    expect(imported.filter((path) => path.startsWith('node:'))).toEqual([]);
    expect(imported).not.toContain('tinyglobby');
  });

  it.each(['tensor/index', 'nn/index', 'nn/gpu/index', 'interop/index', 'nn/threads/thread'])(
    'midi-parser-js, which is GPL, is not imported by %s',
    async (name) => {
      const imported = await importedBy(`src/${name}.ts`);
      expect(imported).not.toContain('midi-parser-js');
      expect([...imported].filter((path) => path.startsWith('src/midi/'))).toEqual([]);
    },
  );

  it.each(['index', 'nn/index', 'music'])('%s knows nothing of the formats of other programs', async (name) => {
    const imported = [...(await importedBy(`src/${name}.ts`))];
    expect(imported.filter((path) => path.startsWith('src/interop/'))).toEqual([]);
    expect([...(await importedBy('src/interop/index.ts'))]).toContain('src/interop/onnx/to-onnx.ts');
  });

  it('midi-parser-js is imported by src/midi/read/parse.ts, so that the test above can fail', async () => {
    expect(await importedBy('src/midi/index.ts')).toContain('midi-parser-js');
  });
});

describe('a page', () => {
  // Cut into chunks, what the page shares with engines that it never loads comes along; in one file, only what it uses.
  it.each([
    ['Stepper', true, 24],
    ['decodeCheckpoint, Stepper', false, 22],
  ])('that only runs a model (%s, in chunks: %s) loads at most %d kB', async (names, splitting, most) => {
    const { gzipped, inputs } = await bundlePage(
      `import { ${names} } from './src/nn/index.ts'; globalThis.used = [${names}];`,
      splitting,
    );
    expect(inputs).toContain('src/nn/stepper.ts');
    expect(gzipped).toBeLessThan(1000 * most);
  });

  it.each([
    ['loadModel', 36],
    ['fit', 47],
  ])('that takes %s from the library loads at most %d kB, and a trainer only to train', async (name, most) => {
    const { gzipped, inputs } = await bundlePage(
      `import { ${name} } from './src/index.ts'; globalThis.used = ${name};`,
    );
    expect(inputs.includes('src/nn/trainer.ts')).toBe(name === 'fit');
    expect(inputs.filter((path) => /^src\/(midi|music|plot)\/|generated\.ts$/.test(path))).toEqual([]);
    expect(gzipped).toBeLessThan(1000 * most);
  });

  it('that trains, with any cell, loads at most 41 kB; SIMD, threads and gpu.js only when it uses them', async () => {
    const { gzipped, inputs, metafile } = await bundlePage(`
      import { createEngine, decodeCheckpoint, encodeCheckpoint, Random, Stepper, Trainer, WindowDataset } from './src/index.ts';
      globalThis.used = [createEngine, decodeCheckpoint, encodeCheckpoint, Random, Stepper, Trainer, WindowDataset];`);
    const later = /generated\.ts$|\/simd\/kernels|\/threads\/|\/gpu\/(?!modes|errors|knowledge)/;
    expect(inputs.filter((path) => later.test(path))).toEqual([]);
    const all = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
    expect(new Set(all.filter((path) => /generated\.ts$/.test(path))).size, 'six builds and a program').toBe(7);
    expect(gzipped).toBeLessThan(41_000);
    expect(all.filter((path) => path.startsWith('src/midi/'))).toEqual([]);
  });
});
