import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { importModel } from '../../src/interop/import-model.ts';
import { importKeras, importPytorch } from '../../src/interop/node.ts';

const golden = new URL('../golden/', import.meta.url);
const file = (path: string): Uint8Array => readFileSync(new URL(path, golden));

describe('a file', () => {
  it.each(['keras/characters.keras', 'keras/characters.weights.h5'])('%s is one of Keras by its content', async (path) => {
    expect(await importModel(file(path), {})).toEqual(await importKeras(file(path)));
  });

  it('of torch.save is one of PyTorch', async () => {
    expect(await importModel(file('interop/characters.pt'), {})).toEqual(await importPytorch(file('interop/characters.pt')));
  });

  it.each<[string, Parameters<typeof importModel>[1], RegExp]>([
    ['keras/characters.keras', { embeddings: ['a'] }, /embeddings: this is a file of Keras, for which it means nothing/],
    ['keras/characters.weights.h5', { like: undefined, embeddings: ['a'] }, /embeddings: this is a file of Keras/],
    ['interop/characters.pt', { config: '{}' }, /config: this is a file of PyTorch, for which it means nothing/],
  ])('%s with %j is refused', async (path, options, reason) => {
    await expect(importModel(file(path), options)).rejects.toThrow(reason);
  });

  it('that is nothing of all that is refused', async () => {
    await expect(importModel(new TextEncoder().encode('no model at all'), {})).rejects.toThrow(/safetensors/);
  });
}); // prettier-ignore
