import { describe, expect, it } from 'vitest';
import { listModes, missingInWords, requestFor, type Mode } from '../../bench/modes.ts';

const mode = (overrides: Partial<Mode>): Mode => ({
  backend: 'gpu-webgpu',
  device: 'a GPU',
  software: false,
  ...overrides,
});

describe('listModes', () => {
  it('has our own kernels and every mode of gpu.js, each with a device or the reason why it is missing', async () => {
    const modes = await listModes();
    expect(modes.map(({ backend }) => backend)).toEqual([
      'simd-wide',
      'simd-relaxed',
      'simd-plain',
      'reference',
      'gpu-webgpu',
      'gpu-webgl2',
      'gpu-headlessgl',
      'gpu-webasm',
      'gpu-cpu',
    ]);
    for (const { device, missing } of modes) expect(missing === undefined ? device : missing).not.toBe('');
    expect(modes.find(({ backend }) => backend === 'gpu-webgl2')!.missing).toMatch(/browser/);
    expect(modes.find(({ backend }) => backend === 'gpu-cpu')!.missing).toBeUndefined();
  });
});

describe('requestFor', () => {
  it('spares a processor that plays a GPU or has no SIMD, and nobody else', () => {
    expect(requestFor(mode({}))).toEqual({ backend: 'gpu-webgpu', threads: 'auto' });
    expect(requestFor(mode({ software: true }))).toMatchObject({ planSteps: 1, verifySteps: 2 });
    expect(requestFor(mode({ backend: 'reference', software: true }))).toMatchObject({ verifySteps: 2 });
    expect(requestFor(mode({ backend: 'simd-plain', software: true }))).toEqual({
      backend: 'simd-plain',
      threads: 'auto',
    });
  });
});

describe('missingInWords', () => {
  it('names each mode that is missing, and why', () => {
    expect(missingInWords([mode({}), mode({ backend: 'gpu-webgl2', missing: 'no browser' })])).toEqual([
      'Not measured: gpu-webgl2: no browser.',
    ]);
  });
});
