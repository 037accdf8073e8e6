import { afterEach, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import {
  adoptWideVerdict,
  bestSimdVariant,
  compileSimd,
  createKernels,
  findSimdVariant,
  findWideVerdict,
  knownWideVerdict,
  simdVariantFor,
  wideObstacle,
} from '../../../src/tensor/index.ts';
import type { SimdExports } from '../../../src/tensor/simd/exports.ts';
import { warmUp } from '../../../src/tensor/simd/warm-up.ts';
import { createMemory } from '../../../src/tensor/simd/wasm-arena.ts';

const OBSTACLE = wideObstacle();
const hasRelaxedSimd = bestSimdVariant() === 'relaxed';

afterEach(() => {
  adoptWideVerdict(undefined);
  vi.unstubAllGlobals();
});

/** Another processor, or another version of V8, than the one at hand. */
function pretend(changes: { arch?: string; versions?: Record<string, string> }): void {
  const real = process;
  vi.stubGlobal('process', {
    ...changes,
    arch: changes.arch ?? 'x64',
    versions: { ...real.versions, ...changes.versions },
    // Flags that this V8 does not know are not set: it would print an error.
    getBuiltinModule: () => undefined,
    execArgv: [],
    env: {},
  });
}

const NODE_24 = { node: '24.1.0', v8: '13.6.233.8' };

describe('where the wide build runs', () => {
  it.each([
    ['Node 20', { versions: { node: '20.19.0', v8: '11.3.244.8' } }, /Node 24 on, and this is Node 20.19.0/],
    ['Node 22, which has the flag', { versions: { node: '22.1.0', v8: '12.4.254.21' } }, /Node 24 on/],
    ['Bun', { versions: { ...NODE_24, bun: '1.4.5' } }, /V8, which Bun does not have/],
    ['arm64', { arch: 'arm64', versions: NODE_24 }, /x64 only, and this is arm64/],
  ])('not on %s', (_, changes, why) => {
    pretend(changes);
    expect(wideObstacle()).toMatch(why);
    expect(() => simdVariantFor('simd-wide')).toThrow(UsageError);
    expect(() => simdVariantFor('simd-wide')).toThrow(why);
  });

  it('not in a browser', () => {
    vi.stubGlobal('process', undefined);
    expect(wideObstacle()).toMatch(/for Node/);
  });

  it('is found out without an error on any machine, and is then what simd means', async () => {
    const verdict = await findWideVerdict();
    expect(knownWideVerdict()).toBe(verdict);
    expect(verdict.why).not.toBe('');
    if (OBSTACLE) expect(verdict).toEqual({ wide: false, why: OBSTACLE });
    if (hasRelaxedSimd) expect(await findSimdVariant('simd')).toBe(verdict.wide ? 'wide' : 'relaxed');
  });

  it('does not trust a V8 that nobody has compared', async () => {
    pretend({ versions: { node: '40.0.0', v8: '20.1.2' } });
    expect(await findWideVerdict()).toMatchObject({ wide: false, why: expect.stringMatching(/V8 20.1.2 is newer/) });
  });
});

describe.skipIf(!hasRelaxedSimd)('which build a backend means', () => {
  it('is the wide one for simd and auto only where that is known to be the best', () => {
    expect(simdVariantFor('simd')).toBe('relaxed');
    adoptWideVerdict({ wide: true, why: 'measured' });
    expect(simdVariantFor('simd', { lasting: true })).toBe('wide');
    expect(simdVariantFor('auto', { lasting: true })).toBe('wide');
    expect(simdVariantFor('auto')).toBe('relaxed');
    expect(simdVariantFor('simd-relaxed')).toBe('relaxed');
    expect(simdVariantFor('simd-plain')).toBe('plain');
  });
});

describe.skipIf(!hasRelaxedSimd)('warmUp', () => {
  it('calls every kernel of the module, without writing outside of its first MiB', () => {
    const memory = createMemory(false);
    const module = compileSimd('relaxed').wasm as WebAssembly.Module;
    const wasm = new WebAssembly.Instance(module, { env: { memory: memory as WebAssembly.Memory } }).exports;
    const called = new Set<string>();
    const watched = new Proxy(wasm, {
      get: (target, name: string) => {
        called.add(name);
        return target[name];
      },
    });
    warmUp(watched as unknown as SimdExports);
    const kernels = Object.keys(wasm).filter((name) => typeof wasm[name] === 'function');
    expect([...called].sort()).toEqual(kernels.sort());
    expect(memory.buffer.byteLength).toBe(2 ** 20);
  });
});

describe.skipIf(OBSTACLE !== undefined)(
  `the wide build${OBSTACLE === undefined ? '' : ` (skipped: ${OBSTACLE})`}`,
  () => {
    it('says what it is, with memory of one thread and with shared memory', () => {
      expect(createKernels('simd-wide').name).toBe('simd (wide)');
      expect(compileSimd('wide', true).variant).toBe('wide');
    });
  },
);
