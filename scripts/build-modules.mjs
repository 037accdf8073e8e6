// Makes JavaScript of the library and the command line, a file for each of theirs. Not one bundle: whoever bundles them into a
// page then has only the modules that the page uses, and a class is the same class whichever entry it came by. Packages stay
// outside: nothing of midi-parser-js (GPL-3.0) is copied into our own files. No source maps: what comes out is as readable.
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
  'src/music/index.ts',
];
const FOR_NODE = ['src/node.ts', 'src/midi/node.ts', 'src/cli/main.ts'];

const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: ['node20', 'es2023'],
  packages: 'external',
  logLevel: 'warning',
};

/** Where a source goes, without its ending: the folders of src/ to the top, those of bench/ into one of their own. */
const placeOf = (path) =>
  relative(root, path)
    .replace(/^src\//, '')
    .replace(/\.ts$/, '');

/** Lets every module import its neighbours instead of containing them. */
const asNeighbours = {
  name: 'as-neighbours',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, kind, importer, resolveDir }) => {
      if (kind === 'entry-point') return undefined;
      const from = relative(dirname(placeOf(importer)), placeOf(resolve(resolveDir, path)));
      return { path: `${from.startsWith('.') ? from : `./${from}`}.js`, external: true };
    });
  },
};

/**
 * @param outdir where the folders of src/ go
 * @param entries of these and all that they lead to; the whole library and the command line unless given
 */
export async function buildModules(outdir, entries = [...PORTABLE, ...FOR_NODE]) {
  const options = { ...OPTIONS, outdir, write: false, metafile: true };
  const { metafile } = await build({ ...options, entryPoints: entries, splitting: true });
  for (const entry of entries) if (PORTABLE.includes(entry)) refuseNode(metafile, entry);
  await build({
    ...OPTIONS,
    entryPoints: Object.keys(metafile.inputs).map((path) => ({ in: join(root, path), out: placeOf(join(root, path)) })),
    outdir,
    plugins: [asNeighbours],
  });
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
