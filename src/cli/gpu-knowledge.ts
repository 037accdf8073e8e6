import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { GpuKnowledge } from '../nn/gpu/knowledge.ts';
import { makeFolder, writeFileAtomic } from './files.ts';
import { etudeVersion } from '../package-folder.ts';

const FORMAT = 'etude-gpu-crossover 1';

/** Where the knowledge about this machine's GPU lies. */
export function gpuKnowledgeFile(cacheDir: string): string {
  return join(cacheDir, 'gpu-crossover.json');
}

/**
 * What `etude bench --crossover` found out about this machine's GPU with this version of Etude; undefined where it never ran.
 * A file that makes no sense counts as none: it can be made again at any time.
 */
export function readGpuKnowledge(cacheDir: string | undefined): GpuKnowledge | undefined {
  if (cacheDir === undefined || !existsSync(gpuKnowledgeFile(cacheDir))) return undefined;
  try {
    const read = JSON.parse(readFileSync(gpuKnowledgeFile(cacheDir), 'utf8')) as Partial<Record<string, unknown>>;
    if (read.format !== FORMAT || read.etude !== etudeVersion()) return undefined;
    const { backend, device, frontier } = read as Partial<GpuKnowledge>;
    if (!backend?.startsWith('gpu-') || typeof device !== 'string' || !Array.isArray(frontier)) return undefined;
    const sound = frontier.every(({ batchSize, hiddenSize }) => batchSize > 0 && hiddenSize > 0);
    return sound ? { backend, device, frontier } : undefined;
  } catch {
    return undefined;
  }
}

/** Remembers what was found; what was known before is gone. */
export function writeGpuKnowledge(cacheDir: string, knowledge: GpuKnowledge): string {
  const file = gpuKnowledgeFile(cacheDir);
  makeFolder(cacheDir);
  const content = { format: FORMAT, etude: etudeVersion(), date: new Date().toISOString(), ...knowledge };
  writeFileAtomic(file, `${JSON.stringify(content, null, 1)}\n`, { force: true });
  return file;
}

/** Forgets what was known: there is no GPU any more. */
export function forgetGpuKnowledge(cacheDir: string): void {
  rmSync(gpuKnowledgeFile(cacheDir), { force: true });
}
