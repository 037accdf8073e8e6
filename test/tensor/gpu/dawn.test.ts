import { afterEach, describe, expect, it, vi } from 'vitest';

import { hasNavigatorGpu, installNavigatorGpu } from '../../../src/tensor/gpu/dawn.ts';

vi.mock('webgpu', () => ({ create: () => ({ dawn: true }) }));

const host = globalThis as { navigator?: { gpu?: object } };
const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');

afterEach(() => {
  delete host.navigator;
  if (before) Object.defineProperty(globalThis, 'navigator', before);
});

describe('navigator.gpu', () => {
  it('is there as long as somebody uses it, and gone with the last, as is a navigator that was not there', async () => {
    delete host.navigator;
    const [one, two] = [await installNavigatorGpu(), await installNavigatorGpu()];
    expect(host.navigator!.gpu).toMatchObject({ dawn: true });
    expect(hasNavigatorGpu(), 'ours does not count').toBe(false);
    expect(one()).toBe(false);
    expect(one(), 'given back once').toBe(false);
    expect(host.navigator!.gpu).toBeDefined();
    expect(two()).toBe(true);
    expect(host.navigator).toBeUndefined();
  });

  it('is taken from a navigator that stays', async () => {
    const navigator = { language: 'de' };
    Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
    const release = await installNavigatorGpu();
    expect(host.navigator!.gpu).toBeDefined();
    expect(release()).toBe(true);
    expect(host.navigator).toBe(navigator);
    expect('gpu' in navigator).toBe(false);
  });

  it('of a browser is left alone', async () => {
    const gpu = {};
    Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
    expect(hasNavigatorGpu()).toBe(true);
    const release = await installNavigatorGpu();
    expect(release()).toBe(false);
    expect(host.navigator!.gpu).toBe(gpu);
  });
});
