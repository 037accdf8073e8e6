// Bundles the page of examples/browser into a folder of static files, gpu.js in a chunk that is loaded when it is asked for. The
// songbook goes along as tables of notes: midi-parser-js (GPL-3.0) is no part of the page.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'examples/browser/page');

/** @param outdir the folder to write; what is there goes */
export async function buildExamplePage(outdir) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(source, 'main.ts')],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    // Not the syntax: gpu.js reads the text of kernels, and knows no comma expressions.
    minifyWhitespace: true,
    minifyIdentifiers: true,
    sourcemap: true,
    chunkNames: 'chunk-[hash]',
    legalComments: 'linked',
    metafile: true,
    logLevel: 'warning',
  });
  refuseParser(metafile);
  for (const name of ['index.html', 'style.css']) copyFileSync(join(source, name), join(outdir, name));
  writeFileSync(join(outdir, 'songbook.json'), JSON.stringify(await songbook()));
}

function refuseParser({ outputs }) {
  const bundled = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
  if (bundled.some((path) => path.includes('midi-parser-js/'))) throw new Error('midi-parser-js is bundled');
}

/** The pieces of the songbook, their notes column by column, from the notation itself. */
async function songbook() {
  // Node 20 cannot read TypeScript: bundle in memory and import that.
  const { outputFiles } = await build({
    entryPoints: [join(root, 'scripts/songbook.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  const { compileSongbook } = await import(`data:text/javascript;base64,${code}`);
  // A tenth of a millisecond: more exact than ears, and half the bytes.
  const rounded = (seconds) => Math.round(seconds * 1e4) / 1e4;
  return compileSongbook(join(root, 'data/songbook')).map(({ name, performance: { instruments } }) => {
    const { notes } = instruments[0];
    return {
      name,
      pitch: notes.map(({ pitch }) => pitch),
      velocity: notes.map(({ velocity }) => velocity),
      start: notes.map(({ start }) => rounded(start)),
      end: notes.map(({ end }) => rounded(end)),
    };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildExamplePage(process.argv[2] ?? join(root, 'dist/examples/page')); // prettier-ignore
