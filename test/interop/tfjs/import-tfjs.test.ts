import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { caseDifference, importCase, tfjsCases } from '../../../bench/interop/tfjs-cases.ts';

const folder = join(import.meta.dirname, '../../golden/interop-tfjs');
const cases = tfjsCases(folder);

describe('a network that TensorFlow.js saved', () => {
  it.each(cases)('says what it said there: $name', async (each) => {
    const model = await importCase(folder, each.name);
    expect(caseDifference(model, each)).toBeLessThan(1e-6);
  });
});
