import { afterEach, describe, expect, it, vi } from 'vitest';
import { missingFeatures } from '../../../src/pages/studio/features.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('missingFeatures', () => {
  it('has nothing to say of WebAssembly where there is SIMD', () => {
    expect(missingFeatures().join()).not.toContain('WebAssembly');
  });

  it('says what it means that a browser has no SIMD, or no WebAssembly at all', () => {
    const sentence = expect.stringContaining('no WebAssembly SIMD: the plain kernels are used');
    vi.stubGlobal('WebAssembly', { validate: () => false });
    expect(missingFeatures()).toContainEqual(sentence);
    vi.stubGlobal('WebAssembly', undefined);
    expect(missingFeatures()).toContainEqual(sentence);
  });
});
