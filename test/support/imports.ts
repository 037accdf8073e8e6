import { readFileSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import ts from 'typescript';

/** Which file imports which, by paths from the root of the repository; imports of types alone count, packages do not. */
export type Imports = ReadonlyMap<string, readonly string[]>;

const root = resolve(import.meta.dirname, '../..');
const OURS = ['{src,test,bench,scripts,examples}/**/*.{ts,mts,mjs}', '!**/*.generated.ts', '!**/assembly/**', '!**/node_modules/**']; // prettier-ignore

/** The imports of all of our own files. */
export function ourImports(): Imports {
  const files = globSync(OURS, { cwd: root }).sort();
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(resolve(root, file), 'utf8'))]));
}

/** The files that a text imports, statically or by `import()`. */
export function importsOf(file: string, text: string): string[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => posix.join(posix.dirname(file), fileName));
}

/** A circle for each file that is on one and was not met before: the files in turn, and the first again. */
export function circlesIn(imports: Imports): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at >= 0) circles.push([...path.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    path.push(file);
    for (const next of imports.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of imports.keys()) visit(file);
  return circles;
}
