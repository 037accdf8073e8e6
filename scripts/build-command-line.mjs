// Bundles the command line: its start, and all that the help says, into one file, and the commands into a few more. Loading one
// file for each source took longer than all that `etude --help` has to do; and nobody imports a program, so nothing is lost by it.
// The modules of the library stay the library's own, and so do packages, but for those that are loaded before anything is done.
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { asNeighbours, librarySources, writeModules } from './build-modules.mjs';
import { licencesOf } from './licences.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src/cli');
const commands = readdirSync(join(source, 'commands')).map((file) => join(source, 'commands', file));

/**
 * What must be one and the same for the start and the commands: errors by whose class the start knows what to say, and what is
 * known about the kernels. Of everything else that it needs it has a copy.
 */
const SHARED = ['src/errors.ts', 'src/finite.ts', 'src/nn/errors.ts', 'src/cli/exit-codes.ts', 'src/cli/wide-knowledge.ts'].map((path) => join(root, path)); // prettier-ignore

const OPTIONS = {
  absWorkingDir: root,
  outbase: source,
  bundle: true,
  write: false,
  metafile: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Not the names, which make a stack readable. Lines stay short, so that it says where, too.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  legalComments: 'none',
  logLevel: 'warning',
};

/** commander can start programs as subcommands, of which Etude has none; loading what that takes costs 10 ms. */
const noPrograms = {
  name: 'no-programs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('commander') ? { path: 'nothing', namespace: 'no-programs' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'no-programs' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** Threads of commands: where their entry lies, the name of the text that it is elsewhere, and the file that it is here. */
const WORKERS = [
  { folder: join(root, 'bench/kernels'), name: 'KERNELS_WORKER', out: 'kernels-worker' },
  { folder: join(root, 'src/cli/generate/threads'), name: 'PIECE_WORKER', out: 'piece-worker' },
];

/**
 * The workers of commands are texts elsewhere, so that they run wherever they are put, with a copy of all WebAssembly in them.
 * Here they are files that import the library's modules.
 */
const workerAsFile = {
  name: 'worker-as-file',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/worker\.generated\.ts$/ }, ({ importer }) => {
      const worker = WORKERS.find(({ folder }) => importer.startsWith(folder));
      return worker && { path: worker.out, namespace: 'worker-as-file', pluginData: worker };
    });
    onLoad({ filter: /.*/, namespace: 'worker-as-file' }, ({ pluginData: { name, out } }) => ({
      contents:
        `const url = new URL('./${out}.js', import.meta.url).href;` +
        `export const ${name} = \`import(\${JSON.stringify(url)})\`;`,
    }));
  },
};

/** main.js, and start.js with commander in it. */
function buildStart(outdir) {
  return build({
    ...OPTIONS,
    entryPoints: ['main.ts', 'start.ts'].map((name) => join(source, name)),
    outdir,
    plugins: [
      noPrograms,
      asNeighbours((path) => ['start.ts', ...SHARED, ...commands].some((end) => path.endsWith(end))),
    ],
    // Most of it is commander's.
    minifyIdentifiers: true,
    // CommonJS asks for Node's own modules by this.
    banner: { js: 'const require = process.getBuiltinModule;' },
  });
}

/** commands/*.js, what several of them need, and the classes that the start shares with them. */
async function buildCommands(outdir) {
  const library = new Set((await librarySources()).map((path) => resolve(root, path)));
  return build({
    ...OPTIONS,
    entryPoints: [
      ...[...commands, ...SHARED].filter((path) => path.startsWith(source)).map((path) => ({ in: path, out: relative(source, path).slice(0, -3) })), // prettier-ignore
      ...WORKERS.map(({ folder, out }) => ({ in: join(folder, 'worker.ts'), out: `commands/${out}` })),
    ],
    outdir,
    splitting: true,
    chunkNames: 'commands/[name]-[hash]',
    packages: 'external',
    plugins: [workerAsFile, asNeighbours((path) => library.has(path))],
  });
}

/**
 * @param outdir the folder in which the library's modules are or will be; the program is `cli/main.js` in it
 * @returns esbuild's account of the start, which has packages in it
 */
export async function buildCommandLine(outdir) {
  const folder = join(outdir, 'cli');
  const [start, others] = await Promise.all([buildStart(folder), buildCommands(folder)]);
  writeModules([...start.outputFiles, ...others.outputFiles], outdir);
  chmodSync(join(folder, 'main.js'), 0o755);
  writeFileSync(join(folder, 'LICENSES.txt'), licencesOf(start.metafile));
  return start.metafile;
}
