// Writes the folders of index.ts: node test/folders/write.mjs FOLDER [NAME...]
import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { build } from 'esbuild';

const [target, ...names] = process.argv.slice(2);
if (target === undefined) throw new Error('Say where: node test/folders/write.mjs FOLDER [NAME...]');

// Node 20 cannot read TypeScript: bundle in memory and import that.
const { outputFiles } = await build({
  entryPoints: [join(import.meta.dirname, 'index.ts')],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  target: 'node20',
});
const code = Buffer.from(outputFiles[0].contents).toString('base64');
const { FOLDERS } = await import(`data:text/javascript;base64,${code}`);

const unknown = names.filter((name) => !FOLDERS.some((kind) => kind.name === name));
if (unknown.length > 0) throw new Error(`No folder ${unknown.join(', ')}; there are ${FOLDERS.map(({ name }) => name).join(', ')}.`); // prettier-ignore
for (const kind of FOLDERS) {
  if (names.length > 0 && !names.includes(kind.name)) continue;
  kind.write(join(target, kind.name));
  console.log(`${join(target, kind.name)}: ${kind.files} files, some ${kind.notes} notes`);
}
