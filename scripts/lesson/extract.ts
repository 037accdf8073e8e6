import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A piece of a source file. */
export interface SnippetPlace {
  /** From the root of the repository. */
  file: string;
  /** A declaration at the top of the file, or `Class.member`; the whole file unless given. */
  symbol?: string;
  /** Only the lines from the one that holds this text up to the one that holds `to`, both included. */
  from?: string;
  to?: string;
}

/** A snippet and the lines where it stands, from 1. */
export interface Snippet {
  code: string;
  firstLine: number;
  lastLine: number;
}

/**
 * Takes a declaration out of a source file by its name, without its doc comment, and unindented.
 * @throws Error when there is no such declaration or text: whoever renames code is told that the lesson shows it
 */
export function extractSnippet(root: string, place: SnippetPlace): Snippet {
  const text = readFileSync(join(root, place.file), 'utf8');
  const [start, end] = place.symbol === undefined ? [0, text.length] : rangeOf(text, place);
  const offset = text.slice(0, start).split('\n').length - 1;
  const lineStart = text.lastIndexOf('\n', start) + 1;
  const lines = text.slice(lineStart, end).split('\n');
  const first = place.from === undefined ? 0 : lineWith(lines, place.from, 0, place);
  const last = place.to === undefined ? lines.length - 1 : lineWith(lines, place.to, first, place);
  const chosen = lines.slice(first, last + 1);
  return { code: unindent(chosen).trimEnd(), firstLine: offset + first + 1, lastLine: offset + last + 1 };
}

function lineWith(lines: readonly string[], text: string, from: number, { file, symbol }: SnippetPlace): number {
  const found = lines.findIndex((line, k) => k >= from && line.includes(text));
  if (found < 0) throw new Error(`${file}: ${symbol ?? 'the file'} has no line with ${JSON.stringify(text)}.`);
  return found;
}

function rangeOf(text: string, { file, symbol }: SnippetPlace): [start: number, end: number] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const [name, member] = symbol!.split('.');
  let node: ts.Node | undefined = source.statements.find((statement) => declares(statement, name));
  if (node && member !== undefined && ts.isClassDeclaration(node))
    node = node.members.find((each) => named(each, member));
  if (!node) throw new Error(`${file}: there is no ${symbol!} to show.`);
  return [node.getStart(source), node.getEnd()];
}

function declares(statement: ts.Statement, name: string): boolean {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.some((each) => named(each, name));
  }
  return named(statement as ts.Statement & { name?: ts.Node }, name);
}

function named(node: ts.Node & { name?: ts.Node }, name: string): boolean {
  return node.name?.getText() === name;
}

function unindent(lines: readonly string[]): string {
  const depth = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(depth)).join('\n');
}
