import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  forgetGpuKnowledge,
  gpuKnowledgeFile,
  readGpuKnowledge,
  writeGpuKnowledge,
} from '../../src/cli/gpu-knowledge.ts';
import type { GpuKnowledge } from '../../src/nn/gpu/knowledge.ts';

const root = mkdtempSync(join(tmpdir(), 'etude-knowledge-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
const known: GpuKnowledge = {
  backend: 'gpu-webgpu',
  device: 'a GPU',
  frontier: [{ batchSize: 32, hiddenSize: 512 }],
};

describe('what is known of a GPU', () => {
  it('is read as it was written, also where there was no cache yet, until it is forgotten', () => {
    const folder = join(root, 'new', 'etude');
    expect(readGpuKnowledge(folder)).toBeUndefined();
    expect(writeGpuKnowledge(folder, known)).toBe(gpuKnowledgeFile(folder));
    expect(readGpuKnowledge(folder)).toEqual(known);
    writeGpuKnowledge(folder, { ...known, frontier: [] });
    expect(readGpuKnowledge(folder)!.frontier).toEqual([]);
    forgetGpuKnowledge(folder);
    forgetGpuKnowledge(folder);
    expect(existsSync(gpuKnowledgeFile(folder))).toBe(false);
  });

  it('is nothing without a cache folder', () => {
    expect(readGpuKnowledge(undefined)).toBeUndefined();
  });

  it.each([
    ['of another version', (text: string) => text.replace(/"etude": "[^"]*"/, '"etude": "0.0.0"')],
    ['of another format', (text: string) => text.replace('crossover 1', 'crossover 2')],
    ['cut off', (text: string) => text.slice(0, 50)],
    ['with a backend that is none', (text: string) => text.replace('gpu-webgpu', 'abacus')],
    ['with a frontier that is none', (text: string) => text.replace('512', '"many"')],
    ['with null in it', (text: string) => text.replace(/\{\s*"batchSize"[^}]*\}/, 'null')],
  ])('is nothing in a file %s', (_, spoil) => {
    const file = writeGpuKnowledge(root, known);
    const spoiled = spoil(readFileSync(file, 'utf8'));
    expect(spoiled).not.toBe(readFileSync(file, 'utf8'));
    writeFileSync(file, spoiled);
    expect(readGpuKnowledge(root)).toBeUndefined();
  });
});
