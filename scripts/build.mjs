// Builds what is published: dist/, with the modules of the library, their types beside them, the command line, and the page of
// `etude studio`.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildCommandLine } from './build-command-line.mjs';
import { buildModules } from './build-modules.mjs';
import { buildStudio } from './build-studio.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
await buildModules(dist);
await buildCommandLine(dist);
await buildStudio(join(dist, 'studio'));
if (!process.argv.includes('--no-types')) buildTypes();

/** The declarations of the entries in package.json's exports and of what these refer to, and no others. */
function buildTypes() {
  const typescript = join(root, 'node_modules/@typescript/native/bin/tsc');
  execFileSync(process.execPath, [typescript, '-p', join(root, 'tsconfig.types.json')], { stdio: 'inherit' });
  const exported = Object.values(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports);
  const entries = exported.flatMap((entry) => [entry, ...Object.values(entry)]).flatMap(({ types }) => types ?? []);
  const seen = new Set(entries.map((path) => resolve(root, path)));
  for (const file of seen) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g)) {
      seen.add(resolve(file, '..', path.replace(/\.(ts|js)$/, '.d.ts')));
    }
  }
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.name.endsWith('.d.ts') && !seen.has(path)) rmSync(path);
  }
}
