// Compiles data/songbook/*.txt to .mid beside them and brings the table in its README up to date.
// With --check it writes nothing and fails where a file is not what the texts give.
import { Buffer } from 'node:buffer';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}data/songbook`;
const check = process.argv.includes('--check');

// Node 20 cannot read TypeScript: bundle in memory and import that.
const { outputFiles } = await build({
  entryPoints: [`${root}scripts/songbook.ts`],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  target: 'node20',
});
const code = Buffer.from(outputFiles[0].contents).toString('base64');
const { compileSongbook, withTable } = await import(`data:text/javascript;base64,${code}`);

const stale = [];
/** Writes `contents` where they differ from what is there; with --check only remembers that they do. */
function update(path, contents) {
  const bytes = Buffer.from(contents);
  if (existsSync(path) && readFileSync(path).equals(bytes)) return;
  stale.push(path);
  if (!check) writeFileSync(path, bytes);
}

const pieces = compileSongbook(folder);
for (const { name, midi } of pieces) update(`${folder}/${name}.mid`, midi);
const readme = `${folder}/README.md`;
update(readme, withTable(readFileSync(readme, 'utf8'), pieces));

const notes = pieces.reduce((sum, { performance }) => sum + performance.instruments[0].notes.length, 0);
console.log(`${pieces.length} pieces, ${notes} notes; ${stale.length} files ${check ? 'out of date' : 'written'}`);
for (const path of stale) console.log(`  ${path.slice(root.length)}`);
if (check && stale.length > 0) process.exitCode = 1;
