import { describe, expect, it } from 'vitest';
import { largestDifference } from '../../../bench/interop/ours.ts';
import { loadModel } from '../../../src/fit/index.ts';
import { importKeras } from '../../../src/interop/node.ts';
import { encodeCheckpoint } from '../../../src/nn/index.ts';
import { cases, kerasFile, saidBy } from './keras-files.ts';

describe('a .keras', () => {
  it('is there of seven kinds of network', () => {
    expect(cases).toHaveLength(7);
  });

  it.each(cases)('$name: the imported model says what Keras’s definitions say', async (network) => {
    const model = await importKeras(kerasFile(`${network.name}.keras`));
    const said = saidBy(model, network);
    expect(Object.keys(said).sort()).toEqual(Object.keys(network.heads).sort());
    for (const [name, expected] of Object.entries(network.heads)) {
      const d = largestDifference(said[name].flat(2), expected.flat(2));
      console.log(network.name, name, d, model.notes, JSON.stringify(model.spec));
      expect(largestDifference(said[name].flat(2), expected.flat(2)), name).toBeLessThan(1e-6);
    }
  });
});
