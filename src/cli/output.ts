import { UsageError } from '../errors.ts';
import { checkOutputFile, writeFileAtomic, type OutputOptions } from './files.ts';
import { Terminal } from './terminal.ts';

/** The path that stands for stdout. */
export const STDOUT = '-';

/**
 * Whether an output can be written, on stdout too; asked before the work begins. Changes nothing.
 * @param binary whether a terminal cannot show it
 * @throws UsageError, FileError
 */
export function checkOutput(
  path: string,
  { force, binary = false }: OutputOptions & { binary?: boolean },
  terminal: Terminal,
): void {
  if (path !== STDOUT) {
    checkOutputFile(path, { force });
    return;
  }
  if (terminal.json)
    throw new UsageError('"-" is stdout, where --json prints as well. Name a file, or leave out --json.');
  if (binary && terminal.io.stdout.isTTY) {
    throw new UsageError('"-" is stdout, and a terminal cannot show binary data. Name a file, or redirect stdout.');
  }
}

/** Writes an output, whole or not at all; `-` is stdout. @returns the number of bytes */
export function writeOutput(
  path: string,
  content: Uint8Array | string,
  { force }: OutputOptions,
  terminal: Terminal,
): number {
  if (path !== STDOUT) return writeFileAtomic(path, content, { force });
  terminal.io.stdout.write(content);
  return typeof content === 'string' ? new TextEncoder().encode(content).length : content.length;
}

/** How an output is called in sentences. */
export function outputName(path: string): string {
  return path === STDOUT ? 'stdout' : path;
}

/** Where text for people goes while the result goes to stdout: to stderr, and nowhere with --quiet. */
export function besideStdout(paths: readonly (string | undefined)[], terminal: Terminal): Terminal {
  if (!paths.includes(STDOUT)) return terminal;
  const { io, quiet, json } = terminal;
  const stdout = quiet ? { write: () => undefined } : io.stderr;
  return new Terminal({ ...io, interrupts: () => io.interrupts(), stdout }, { quiet, json });
}
