import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const json = (path: string): unknown =>
  ts.parseConfigFileTextToJson(path, readFileSync(join(root, path), 'utf8')).config;

/** The source of a published entry: what Node gets where it is more. */
function sourceOf(entry: Record<string, string | Record<string, string>>): string {
  const { types } = (entry.node ?? entry) as { types: string };
  return types.replace(/^\.\/dist\/(.*)\.d\.ts$/, 'src/$1.ts');
}

const { exports } = json('package.json') as { exports: Record<string, string | Parameters<typeof sourceOf>[0]> };
const sources = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [sourceOf(entry)]));

const { options } = ts.parseJsonConfigFileContent(json('tsconfig.types.json'), ts.sys, root);
/**
 * A program of some files and `texts`, to look up names in: without what takes seconds to read, the types of the language and of Node, and
 * generated code, and other packages.
 */
function programOf(files: string[], texts: Readonly<Record<string, string>> = {}): ts.Program {
  const all = { ...options, noLib: true, types: [] };
  const host = ts.createCompilerHost(all);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) => {
    const text = /\.generated\.ts$|\/node_modules\//.test(name) ? 'export {};' : texts[name];
    return text === undefined ? read(name, ...rest) : ts.createSourceFile(name, text, all.target!);
  };
  return ts.createProgram(files, all, host);
}

/** Exports, and methods and accessors of exported classes and interfaces, that no comment documents; their place beside each. */
function undocumented(program: ts.Program, path: string): string[] {
  const checker = program.getTypeChecker();
  const has = (symbol: ts.Symbol): boolean => symbol.getDocumentationComment(checker).length > 0 || symbol.getJsDocTags(checker).length > 0; // prettier-ignore
  const placeOf = (symbol: ts.Symbol): string => {
    const node = symbol.declarations![0];
    const file = node.getSourceFile();
    return `${relative(root, file.fileName)}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  };
  const isPublic = (symbol: ts.Symbol): boolean =>
    !symbol.name.startsWith('#') &&
    (symbol.declarations ?? []).every((node) => !(ts.getCombinedModifierFlags(node) & ts.ModifierFlags.NonPublicAccessibilityModifier)); // prettier-ignore
  const module = checker.getSymbolAtLocation(program.getSourceFile(path)!);
  return (module ? checker.getExportsOfModule(module) : []).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const members = symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface) ? [...symbol.members!.values()] : []; // prettier-ignore
    const called = members.filter(
      (member) => member.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Accessor) && isPublic(member),
    );
    return [
      ...(has(symbol) ? [] : [`${exported.name} (${placeOf(symbol)})`]),
      ...called.filter((each) => !has(each)).map((each) => `${exported.name}.${each.name} (${placeOf(each)})`),
    ];
  });
}

describe('the reference of the library', () => {
  it('has a module for every entry of the package', () => {
    const { entryPoints } = json('typedoc.json') as { entryPoints: string[] };
    expect([...entryPoints].sort()).toEqual([...sources].sort());
    for (const source of sources) {
      const [, name] = /@module (\S+)/.exec(readFileSync(join(root, source), 'utf8')) ?? [];
      expect(Object.keys(exports), source).toContain(name?.replace('etude-lstm', '.'));
    }
  });

  it('says of every export what it is, and of every method what it does', () => {
    const files = sources.map((source) => join(root, source));
    const program = programOf(files);
    expect(files.flatMap((file) => undocumented(program, file))).toEqual([]);
    // Some seconds of computing, which a busy machine stretches.
  }, 60_000);

  it('is missed where there is none', () => {
    const path = join(root, 'src/documented.ts');
    const text = [
      '/** Says so. */ export const said = 1;',
      'export const silent = 2;',
      '/** A class. */ export class Box {',
      'open(): void {}',
      '/** Shuts it. */ shut(): void {}',
      'get size(): number { return 1; }',
      '#own(): void {}',
      'private mine(): void {} }',
    ].join('\n');
    const found = undocumented(programOf([path], { [path]: text }), path).map((each) => each.split(' ')[0]);
    expect(found).toEqual(['silent', 'Box.open', 'Box.size']);
  });
});
