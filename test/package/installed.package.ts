import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from 'esbuild';
import { buildCommandLine } from '../../scripts/build-command-line.mjs';
import { buildStudio } from '../../scripts/build-studio.mjs';
import { bundledPackages } from '../../scripts/licences.mjs';
import { fetchNode, NODES, nodesRunHere } from '../../scripts/nodes.mjs';
import { startEtude } from '../cli/etude-process.ts';
import { withoutRemark, WITHOUT_WEBASSEMBLY } from '../cli/without-webassembly.ts';
import { installPackage, noRegistry, root, runProgram, type InstalledPackage } from './installed.ts';

const missing = await noRegistry();
const consumer = join(import.meta.dirname, 'consumer');

describe.skipIf(missing !== undefined)(`the installed package${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let installed: InstalledPackage;
  let files: string[];

  beforeAll(async () => {
    installed = await installPackage();
    files = readdirSync(installed.etude, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(installed.etude.length + 1));
  });
  afterAll(() => installed.remove());

  const read = (file: string): string => readFileSync(join(installed.etude, file), 'utf8');
  const scripts = (): string[] => files.filter((file) => /^dist\/(?!studio\/).*\.js$/.test(file));

  it('has at most 1.6 MB packed, no source maps, and no path of the machine that built it', () => {
    expect(installed.packedSize).toBeLessThan(1_600_000);
    console.log(`the tarball: ${installed.packedSize} bytes, ${files.length} files`);
    expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
    const texts = files.filter((file) => /\.(js|ts|json|css|html|txt)$/.test(file));
    expect(texts.filter((file) => /sourceMappingURL=(?!data)/.test(read(file)))).toEqual([]);
    expect(texts.filter((file) => read(file).includes(root) || read(file).includes(process.env.HOME ?? root))).toEqual(
      [],
    );
  });

  it('has every file that package.json names, and every module that another imports', () => {
    const { exports, bin } = JSON.parse(read('package.json')) as { exports: object; bin: object };
    const named = JSON.stringify([exports, bin]).match(/dist\/[^"]+/g)!;
    expect(named.length).toBeGreaterThan(10);
    const imported = [...scripts(), ...files.filter((file) => file.endsWith('.d.ts'))].flatMap((file) =>
      Array.from(read(file).matchAll(/(?:from|import|import\()\s*['"](\.\.?\/[^'"]+)['"]/g), ([, path]) =>
        resolve('/', file, '..', file.endsWith('.d.ts') ? path.replace(/\.(ts|js)$/, '.d.ts') : path).slice(1),
      ),
    );
    expect(imported.length).toBeGreaterThan(500);
    expect([...named, ...imported].filter((path) => !files.includes(path))).toEqual([]);
  });

  it('reaches nothing of Node and nothing that is GPL from the engine’s entries, by whatever import', () => {
    const reached = (entry: string): string[] => {
      const seen = new Set([entry]);
      for (const file of seen) {
        if (!files.includes(file)) continue;
        for (const [, path] of read(file).matchAll(/(?:from|import|import\()\s*"([^"]+)"/g)) {
          seen.add(path.startsWith('.') ? resolve('/', file, '..', path).slice(1) : path);
        }
      }
      return [...seen];
    };
    for (const entry of ['tensor/index', 'nn/index', 'nn/gpu/index', 'nn/threads/thread']) {
      const outside = reached(`dist/${entry}.js`).filter((path) => !files.includes(path));
      expect(
        outside.filter((name) => name !== 'gpu.js'),
        entry,
      ).toEqual([]);
    }
    const outside = reached('dist/index.js').filter((path) => !files.includes(path));
    expect(outside).toContain('midi-parser-js');
    expect(outside.filter((name) => name.startsWith('node:') || builtinModules.includes(name))).toEqual([]);
  });

  it('says in its licence field and in NOTICE what is in it, and has the text of each licence', async () => {
    const { license } = JSON.parse(read('package.json')) as { license: string };
    const notice = read('NOTICE');
    const page = await build({ absWorkingDir: root, entryPoints: ['src/pages/study/browser/main.ts'], bundle: true, write: false, metafile: true }); // prettier-ignore
    const [studio, study] = [bundledPackages(await buildStudio(join(installed.folder, 'studio'))), bundledPackages(page.metafile)]; // prettier-ignore
    const program = bundledPackages(await buildCommandLine(join(installed.folder, 'program')));
    expect(studio).toContain('spessasynth_core');
    expect(study).toContain('d3-scale');
    expect(program).toContain('commander');
    for (const name of new Set([...studio, ...study, ...program])) {
      const own = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
        license: string;
      };
      expect(notice, name).toMatch(new RegExp(`^  ${name} +${own.license}\\b`, 'm'));
      expect(license.split(' AND '), name).toContain(own.license);
    }
    for (const name of studio) expect(read('dist/studio/LICENSES.txt')).toContain(`==== ${name} `);
    for (const name of program) expect(read('dist/cli/LICENSES.txt')).toContain(`==== ${name} `);
    const studyPage = files.find((file) => /^dist\/cli\/commands\/study-page-\w+\.js$/.test(file))!;
    expect(read(studyPage)).toContain('Permission to use, copy, modify');
    // The parser is there as a file of its own, and in no other.
    expect(notice).toMatch(/^ {2}midi-parser-js +GPL-3\.0-only/m);
    expect(license.split(' AND ').sort()).toEqual(['Apache-2.0', 'GPL-3.0-only', 'ISC', 'MIT']);
    expect(read('dist/studio/midi-parser-js/LICENSE')).toContain('GNU GENERAL PUBLIC LICENSE');
    const holders = files.filter((file) => /\.(js|html)$/.test(file) && read(file).includes('MidiParser library'));
    expect(holders).toEqual(['dist/studio/midi-parser-js/main.js']);
  });

  describe('compiles for strict TypeScript, declarations included', () => {
    const compilers = { 'TypeScript 6': 'typescript/bin/tsc6', 'TypeScript 7': '@typescript/native/bin/tsc' };
    // Nothing but ES2023: neither a browser's types nor Node's.
    const STRICT = { noEmit: true, strict: true, skipLibCheck: false, target: 'es2023', types: [], exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }; // prettier-ignore
    const NODENEXT = { module: 'nodenext', moduleResolution: 'nodenext' };
    const BUNDLER = { module: 'esnext', moduleResolution: 'bundler' };
    const IN_NODE = { ...BUNDLER, customConditions: ['node'] };
    const NO_DOM = { lib: ['es2023'] };
    const DOM = { lib: ['es2023', 'dom', 'dom.iterable'] };
    const ALL = 'all.ts';

    beforeAll(() => {
      for (const name of readdirSync(consumer)) copyFileSync(join(consumer, name), join(installed.folder, name));
      const { exports } = JSON.parse(read('package.json')) as { exports: object };
      const entries = Object.keys(exports).filter((entry) => !entry.endsWith('.json'));
      const all = entries.map((entry, k) => `export * as e${k} from 'etude-lstm${entry.slice(1)}';\n`);
      expect(all.length).toBe(8);
      writeFileSync(join(installed.folder, ALL), all.join(''));
    });

    describe.each(Object.entries(compilers))('%s', (_, path) => {
      it.each([
        ['NodeNext, without DOM', ALL, { ...NODENEXT, ...NO_DOM }],
        ['NodeNext, with DOM', ALL, { ...NODENEXT, ...DOM }],
        ['bundler, without DOM', ALL, { ...BUNDLER, ...NO_DOM }],
        ['bundler, with DOM', ALL, { ...BUNDLER, ...DOM }],
        ['bundler in Node, without DOM', ALL, { ...IN_NODE, ...NO_DOM }],
        ['a page with a worker of its own, bundler', 'strict-page.ts', { ...BUNDLER, ...DOM }],
        ['a page: no files', 'browser.ts', { ...BUNDLER, ...DOM }],
        ['models of sequences, without DOM', 'fit.ts', { ...NODENEXT, ...NO_DOM }],
        ['a program for Node, NodeNext', 'node.ts', { ...NODENEXT, ...DOM }],
        ['a program for Node, bundler', 'node.ts', { ...IN_NODE, ...DOM }],
      ])('%s', async (_name, file, options) => {
        const tsc = join(root, 'node_modules', path);
        const project = join(installed.folder, 'tsconfig.json');
        writeFileSync(project, JSON.stringify({ compilerOptions: { ...STRICT, ...options }, files: [file] }));
        const ended = await runProgram(process.execPath, [tsc, '-p', project], installed.folder);
        expect(ended).toEqual({ code: 0, output: '' });
      });
    });
  });

  describe.skipIf(!nodesRunHere)('runs on Node', () => {
    const songbook = join(root, 'data/songbook');

    beforeAll(async () => {
      await build({
        entryPoints: [join(consumer, 'node.ts')],
        outfile: join(installed.folder, 'node-program.mjs'),
        bundle: false,
        format: 'esm',
      });
      writeFileSync(join(installed.folder, 'check.mjs'), PROGRAM);
      writeFileSync(join(installed.folder, 'check.cjs'), REQUIRING);
    });

    it.each(NODES)(
      '%s: import and require(), classes shared, threads, folders; the bundled program too',
      async (version) => {
        const node = await fetchNode(version);
        const folder = join(installed.folder, `node-${version}`);
        mkdirSync(folder);
        const imported = await runProgram(node, ['check.mjs', songbook], installed.folder);
        expect(imported).toEqual({
          code: 0,
          output: expect.stringMatching(/^simd \((relaxed|wide)\), 2 threads, \d+ notes\n$/),
        });
        const required = await runProgram(node, ['--no-warnings', 'check.cjs'], installed.folder);
        expect(required).toEqual({ code: 0, output: 'simd (relaxed)\n' });
        const etude = join(installed.etude, 'dist/cli/main.js');
        expect((await runProgram(node, [etude, '--help'], folder)).output).toContain('Usage: etude');
        const listed = await runProgram(node, [etude, 'inspect', join(songbook, 'twinkle.mid')], folder);
        expect(listed).toEqual({ code: 0, output: expect.stringContaining('twinkle') });
        for (const [kind, words] of Object.entries(WITHOUT_WEBASSEMBLY)) {
          const small = ['--hidden-size', '8', '--batch-size', '8', '--validation-windows', '8', '--max-steps', '3'];
          const request = ['train', songbook, '--out', join(folder, `run-${kind}`), ...small];
          const { code, output } = await runProgram(node, [...words, etude, ...request], folder);
          expect([code, output], kind).toEqual([0, expect.stringMatching(/^Engine +reference$/m)]);
          expect(withoutRemark(output)).not.toMatch(/\n\s+at |warning|error|WebAssembly|defect/i);
        }
      },
    );

    it('bundled by esbuild for Node as well', async () => {
      const outfile = join(installed.folder, 'bundled.mjs');
      const stdin = { contents: PROGRAM, resolveDir: installed.folder };
      await build({
        stdin,
        outfile,
        bundle: true,
        platform: 'node',
        format: 'esm',
        external: ['gpu.js', 'midi-parser-js'],
      });
      const { code, output } = await runProgram(process.execPath, [outfile, songbook], installed.folder);
      expect([code, output]).toEqual([0, expect.stringMatching(/2 threads/)]);
    });
  });

  describe('etude', () => {
    it('helps, learns the songbook with demo, and generates', async () => {
      const etude = join(installed.folder, 'node_modules/.bin/etude');
      expect(existsSync(etude)).toBe(true);
      expect(await runProgram(etude, ['--version'], installed.folder)).toMatchObject({ code: 0 });
      expect((await runProgram(etude, ['--help'], installed.folder)).output).toContain('Usage: etude');
      const out = join(installed.folder, 'run');
      const demo = await runProgram(etude, ['demo', '--out', out, '--max-steps', '5'], installed.folder);
      expect(demo, demo.output).toMatchObject({ code: 0 });
      const again = join(installed.folder, 'again.mid');
      const generate = await runProgram(etude, ['generate', out, '--out', again, '--notes', '8'], installed.folder);
      expect(generate, generate.output).toMatchObject({ code: 0 });
      expect(readFileSync(again).subarray(0, 4).toString()).toBe('MThd');
    });

    it('measures: bench verifies and times the kernels that it brings along', async () => {
      const etude = join(installed.folder, 'node_modules/.bin/etude');
      const { code, output } = await runProgram(etude, ['bench', 'train', '--seconds', '0.1'], installed.folder);
      expect([code, output]).toEqual([0, expect.stringMatching(/simd/)]);
    });

    it('studio serves its page', async () => {
      const etude = startEtude([join(installed.folder, 'node_modules/.bin/etude')], ['studio', '--no-open', '--json']);
      try {
        const url = await new Promise<string>((found, failed) => {
          let text = '';
          etude.child.stdout!.on('data', (bytes: Buffer) => {
            text += String(bytes);
            const url = /http:\/\/[^"\s]+/.exec(text)?.[0];
            if (url !== undefined) found(url);
          });
          void etude.ended.then(({ stderr }) => failed(new Error(stderr)));
        });
        const page = await (await fetch(url)).text();
        expect(page).toContain('<title>');
        const names = Array.from(page.matchAll(/(?:src|href)="([^"#]+)"/g), ([, name]) => name);
        expect(names.length).toBeGreaterThan(1);
        for (const name of [...names, 'engine.js', 'thread.js', 'songbook.json', 'midi-parser-js/main.js']) {
          expect((await fetch(new URL(name, url))).status, name).toBe(200);
        }
      } finally {
        etude.child.kill('SIGTERM');
        await etude.ended;
      }
    });
  });
});

/** Uses every entry, on threads, with a folder; says what it did. */
const PROGRAM = `
import assert from 'node:assert/strict';
import { losses, names, notesOf } from './node-program.mjs';
import * as root from 'etude-lstm';
import * as tensor from 'etude-lstm/tensor';
import * as nn from 'etude-lstm/nn';
import * as midi from 'etude-lstm/midi';
assert.ok(names.gpu.includes('GpuDevice') && names.interop.includes('toOnnx') && names.music.includes('prepareData'));
for (const entry of [tensor, nn, midi]) assert.equal(entry.EtudeError, root.EtudeError);
assert.equal(tensor.Random, root.Random);
assert.equal(nn.Trainer, root.Trainer);
assert.throws(() => root.createKernels('no such backend'), (error) => error instanceof nn.UsageError);
assert.throws(() => nn.decodeCheckpoint(new Uint8Array(3)), (error) => error instanceof midi.EtudeError);
const [one, two] = [await losses(1), await losses(2)];
two.losses.forEach((loss, step) => assert.ok(Math.abs(loss - one.losses[step]) < 1e-5));
console.log(two.engine + ', ' + (await notesOf(process.argv[2])) + ' notes');
`;

const REQUIRING = `
const assert = require('node:assert/strict');
const root = require('etude-lstm');
const nn = require('etude-lstm/nn');
const tensor = require('etude-lstm/tensor');
for (const entry of ['gpu', 'interop', 'midi', 'music']) assert.ok(Object.keys(require('etude-lstm/' + entry)).length > 3);
assert.equal(nn.EtudeError, root.EtudeError);
assert.equal(typeof root.loadCorpus, 'function');
console.log(tensor.createKernels().name);
`;
