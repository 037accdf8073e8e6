import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { importModel } from '../../src/interop/import-model.ts';
import { importKeras, importPytorch, importTfjs } from '../../src/interop/node.ts';

const golden = new URL('../golden/', import.meta.url);
const file = (path: string): Uint8Array => readFileSync(new URL(path, golden));
const read = (path: string, options: Parameters<typeof importModel>[1] = {}) =>
  importModel(file(path), options, (name) => file(`${path}/../${name}`));

describe('a file', () => {
  it.each(['keras/characters.keras', 'keras/characters.weights.h5'])('%s is one of Keras by its content', async (path) => {
    expect(await read(path)).toEqual(await importKeras(file(path)));
  });

  it('of torch.save is one of PyTorch', async () => {
    expect(await read('interop/characters.pt')).toEqual(await importPytorch(file('interop/characters.pt')));
  });

  it('that is a model.json is one of TensorFlow.js, with its weights beside it', async () => {
    const path = 'interop-tfjs/characters/model.json';
    const weights = (name: string): Uint8Array => file(`interop-tfjs/characters/${name}`);
    expect(await read(path)).toEqual(await importTfjs(file(path), weights));
  });

  it.each<[string, Parameters<typeof importModel>[1], RegExp]>([
    ['keras/characters.keras', { embeddings: ['a'] }, /embeddings: this is a file of Keras, for which it means nothing/],
    ['keras/characters.weights.h5', { like: undefined, embeddings: ['a'] }, /embeddings: this is a file of Keras/],
    ['interop-tfjs/characters/model.json', { embeddings: ['a'] }, /embeddings: this is a file of TensorFlow\.js/],
    ['interop/characters.pt', { config: '{}' }, /config: this is a file of PyTorch, for which it means nothing/],
  ])('%s with %j is refused', async (path, options, reason) => {
    await expect(read(path, options)).rejects.toThrow(reason);
  });

  it('that is nothing of all that is refused', async () => {
    const text = new TextEncoder().encode('no model at all');
    await expect(importModel(text, {}, file)).rejects.toThrow(/safetensors/);
  });
}); // prettier-ignore
