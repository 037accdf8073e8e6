import { afterEach, describe, expect, it } from 'vitest';
import { findTorch, torchInWords } from '../../../bench/peers/torch-settings.ts';

const { PEER_PYTHON } = process.env;
afterEach(() => {
  if (PEER_PYTHON === undefined) delete process.env.PEER_PYTHON;
  else process.env.PEER_PYTHON = PEER_PYTHON;
});

describe('findTorch', () => {
  it('says which Pythons it tried where none has PyTorch, and how to name one', async () => {
    process.env.PEER_PYTHON = '/nowhere/python3';
    await expect(findTorch()).rejects.toThrow(/\/nowhere\/python3: .*ENOENT.*PEER_PYTHON/);
  });
});

describe('torchInWords', () => {
  it('names the library, the core, the instruction set and what of the environment was changed', () => {
    const words = torchInWords({
      python: 'python3',
      version: '1.13',
      blas: { name: 'OpenBLAS 0.3.21', core: 'SkylakeX' },
      capability: 'AVX512',
      env: { OPENBLAS_CORETYPE: 'SkylakeX', OPENBLAS_L2_SIZE: undefined },
      tried: {},
    });
    expect(words).toBe(
      'PyTorch 1.13 (python3), OpenBLAS 0.3.21 with its kernels for SkylakeX, AVX512 for the rest; ' +
        'environment: OPENBLAS_CORETYPE=SkylakeX; unset: OPENBLAS_L2_SIZE',
    );
  });
});
