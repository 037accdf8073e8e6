// Makes JavaScript of the library, a file for each of its own. Not one bundle: whoever bundles them into a page then has only
// the modules that the page uses, and a class is the same class whichever entry it came by. Packages stay outside: nothing of
// midi-parser-js (GPL-3.0) is copied into our own files. No source maps: what comes out is as readable.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What runs anywhere: in Node, in browsers, and in bundles for them. */
const PORTABLE = [
  'src/index.ts',
  'src/tensor/index.ts',
  'src/nn/index.ts',
  'src/nn/gpu/index.ts',
  'src/nn/threads/thread.ts',
  'src/midi/index.ts',
  'src/music.ts',
  'src/interop/index.ts',
];
const FOR_NODE = ['src/node.ts', 'src/midi/node.ts', 'src/interop/node.ts'];

const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: ['node20', 'es2023'],
  packages: 'external',
  logLevel: 'warning',
};

/** Where a source goes, without its ending. */
const placeOf = (path) => relative(join(root, 'src'), path).replaceAll('\\', '/').replace(/\.ts$/, '');

/** Stands before the place of a module until it is known from where it is imported. */
const PLACE = 'place-of:';

/** A module that only hands on what others export. */
const handsOn = (path) => /(^|\/)(index|node)$|^music$/.test(placeOf(path));

/**
 * Lets every module import its neighbours instead of containing them: those that it uses, not the `index.ts` that hands on all
 * of a folder. {@link writeModules} then says where they are.
 *
 * @param isNeighbour whether the source at a path has a file of its own; any other is bundled
 */
export const asNeighbours = (isNeighbour = () => true) => ({
  name: 'as-neighbours',
  setup({ onResolve }) {
    let copies = 0;
    onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, kind, resolveDir }) => {
      const source = resolve(resolveDir, path);
      // A copy for each that asks, or one would import what all of them use.
      if (kind !== 'entry-point' && handsOn(source)) return { path: source, suffix: `?${copies++}` };
      if (kind === 'entry-point' || !isNeighbour(source)) return undefined;
      // Nothing of ours does anything when it is imported, so what is not used need not be.
      return { path: PLACE + placeOf(source), external: true, sideEffects: false };
    });
  },
});

/** Writes what esbuild made with {@link asNeighbours}. @param outdir where the folders of src/ go */
export function writeModules(outputFiles, outdir) {
  for (const { path, text } of outputFiles) {
    const pathTo = (place) => {
      const from = relative(dirname(path), join(outdir, `${place}.js`)).replaceAll('\\', '/');
      return JSON.stringify(from.startsWith('.') ? from : `./${from}`);
    };
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      text.replaceAll(new RegExp(`"${PLACE}([^"]+)"`, 'g'), (_, place) => pathTo(place)),
    );
  }
}

/** The sources of the library, as esbuild names them: from the root of the repository on. */
export async function librarySources() {
  const entryPoints = [...PORTABLE, ...FOR_NODE];
  const { metafile } = await build({ ...OPTIONS, outdir: 'out', write: false, metafile: true, entryPoints, splitting: true }); // prettier-ignore
  for (const entry of PORTABLE) refuseNode(metafile, entry);
  return Object.keys(metafile.inputs);
}

/** @param outdir where the folders of src/ go */
export async function buildModules(outdir) {
  const sources = await librarySources();
  const { outputFiles } = await build({
    ...OPTIONS,
    entryPoints: sources.map((path) => ({ in: join(root, path), out: placeOf(join(root, path)) })),
    outdir,
    write: false,
    plugins: [asNeighbours()],
  });
  writeModules(outputFiles, outdir);
}

/** A bundler of pages cannot resolve what Node has built in, not even behind an `import()` that is never reached. */
function refuseNode({ inputs }, entry) {
  const seen = new Set([entry]);
  for (const file of seen) {
    for (const { path, external } of inputs[file].imports) {
      if (!external) seen.add(path);
      else if (path.startsWith('node:')) throw new Error(`${entry} imports ${path} by way of ${file}`);
    }
  }
}
