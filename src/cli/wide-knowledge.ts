import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { adoptWideVerdict, knownWideVerdict, type WideVerdict } from '../tensor/index.ts';
import { makeFolder, writeFileAtomic } from './files.ts';
import { etudeVersion } from '../package-folder.ts';

/**
 * Runs a command with what was found out before, on this machine with this Node, about the wide build of the kernels, and
 * remembers what it finds out. So that a short command has the faster build too: it would not pay for it to look.
 */
export async function withWideKnowledge<T>(cacheDir: string | undefined, work: () => Promise<T>): Promise<T> {
  const known = readWideKnowledge(cacheDir);
  adoptWideVerdict(known);
  try {
    return await work();
  } finally {
    const found = knownWideVerdict();
    // A race that was lost may have been disturbed, and to know an obstacle takes no time: neither is remembered.
    if (found?.wide && found !== known) writeWideKnowledge(cacheDir, found);
    adoptWideVerdict(undefined);
  }
}

/** Where the answer lies. */
export function wideKnowledgeFile(cacheDir: string): string {
  return join(cacheDir, 'wide-kernels.json');
}

/** What was found here before; undefined where that was another machine, Node or Etude, or the file makes no sense. */
function readWideKnowledge(cacheDir: string | undefined): WideVerdict | undefined {
  if (cacheDir === undefined) return undefined;
  try {
    const read = JSON.parse(readFileSync(wideKnowledgeFile(cacheDir), 'utf8')) as Record<string, unknown>;
    const { wide, why } = read;
    const same = Object.entries(circumstances()).every(([key, value]) => read[key] === value);
    return same && typeof wide === 'boolean' && typeof why === 'string' ? { wide, why } : undefined;
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written only costs the next command another race. */
function writeWideKnowledge(cacheDir: string | undefined, { wide, why }: WideVerdict): void {
  if (cacheDir === undefined) return;
  try {
    makeFolder(cacheDir);
    const content = { ...circumstances(), wide, why };
    writeFileAtomic(wideKnowledgeFile(cacheDir), `${JSON.stringify(content, null, 1)}\n`, { force: true });
  } catch {
    // Found out again next time.
  }
}

/** What the answer depends on. */
function circumstances(): Record<string, string> {
  const { node, v8 } = process.versions;
  return { format: 'etude-wide-kernels 1', etude: etudeVersion(), node, v8, cpu: cpus()[0]?.model ?? process.arch };
}
