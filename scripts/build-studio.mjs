// Bundles the page of `etude studio` into dist/studio: static files that any host can serve. midi-parser-js (GPL-3.0) is no
// part of a bundle: it is copied beside them as it is, with its licence, and loaded as a file of its own.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licencesOf } from './licences.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src/pages/studio');

/** The parser sets a global where there is no CommonJS; this makes a module of it. Ours, and all that our bundles know. */
const PARSER_MODULE = `import './midi-parser-js/main.js';\nexport default globalThis.MidiParser;\n`;
const PARSER_NOTE = `midi-parser-js 4.0.4 by colxi, https://github.com/colxi/midi-parser-js, unchanged, under its own licence (GPL-3.0-only,
see LICENSE). The files of Etude around this folder are under the MIT licence and load it as a separate file, to read MIDI files.
`;

/** Where the page finds what its bundles must not contain: the parser, and gpu.js, which the page's policy forbids. */
const besideTheBundles = {
  name: 'beside-the-bundles',
  setup({ onResolve }) {
    onResolve({ filter: /^midi-parser-js$/ }, () => ({ path: './midi-parser.js', external: true }));
    onResolve({ filter: /\/create-gpu-engine\.ts$/ }, () => ({ path: join(source, 'engine/no-gpu.ts') }));
  },
};

/** The sheet that all pages share is text in a module: reports and pictures have its colours too. */
const sharedStyle = {
  name: 'shared-style',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/kit\/style\.ts$/ }, ({ kind, path, resolveDir }) =>
      kind === 'import-rule' ? { path: join(resolveDir, path), namespace: 'shared-style' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'shared-style' }, async ({ path }) => {
      const { outputFiles } = await build({ entryPoints: [path], bundle: true, write: false, format: 'esm' });
      const code = Buffer.from(outputFiles[0].contents).toString('base64');
      const { TEXT_STYLE, CONTROLS_STYLE } = await import(`data:text/javascript;base64,${code}`);
      return { contents: `${TEXT_STYLE}\n${CONTROLS_STYLE}`, loader: 'css' };
    });
  },
};

/**
 * @param outdir the folder to write; what is there goes
 * @returns esbuild's account of what is in it
 */
export async function buildStudio(outdir) {
  rmSync(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      page: join(source, 'page.ts'),
      engine: join(source, 'engine/worker.ts'),
      sound: join(source, 'sound/worker.ts'),
      thread: join(root, 'src/nn/threads/thread.ts'),
      style: join(source, 'style.css'),
    },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    minify: true,
    chunkNames: 'chunk-[hash]',
    legalComments: 'none',
    plugins: [besideTheBundles, sharedStyle],
    metafile: true,
    logLevel: 'warning',
  });
  refuseForeignImports(metafile);
  copyFileSync(join(source, 'index.html'), join(outdir, 'index.html'));
  writeFileSync(join(outdir, 'songbook.json'), JSON.stringify(songbook()));
  copyParser(outdir);
  writeFileSync(join(outdir, 'LICENSES.txt'), licencesOf(metafile));
  return metafile;
}

/** Only the parser may come from outside of the bundles. */
function refuseForeignImports({ outputs }) {
  for (const [file, { imports }] of Object.entries(outputs)) {
    const foreign = imports.filter(({ path, external }) => external && path !== './midi-parser.js');
    if (foreign.length > 0) throw new Error(`${file} imports ${foreign.map(({ path }) => path).join(', ')}`);
  }
}

/** The compiled pieces of the songbook, named as the command line names them. */
function songbook() {
  const folder = join(root, 'data/songbook');
  const names = readdirSync(folder).filter((name) => name.endsWith('.mid')).sort(); // prettier-ignore
  return names.map((name) => ({
    path: `songbook/${name}`,
    name: parse(name).name,
    base64: readFileSync(join(folder, name)).toString('base64'),
  }));
}

function copyParser(outdir) {
  const from = join(root, 'node_modules/midi-parser-js');
  const to = join(outdir, 'midi-parser-js');
  mkdirSync(to, { recursive: true });
  copyFileSync(join(from, 'src/main.js'), join(to, 'main.js'));
  copyFileSync(join(from, 'LICENSE'), join(to, 'LICENSE'));
  writeFileSync(join(to, 'NOTE.txt'), PARSER_NOTE);
  writeFileSync(join(outdir, 'midi-parser.js'), PARSER_MODULE);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildStudio(process.argv[2] ?? join(root, 'dist/studio'));
