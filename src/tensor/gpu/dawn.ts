import { missingPackage } from './gpu-js.ts';

/** How many devices use the `navigator.gpu` that was put there; kept on what is counted, so that no module has a state. */
const USERS = Symbol.for('etude.navigator-gpu-users');

interface NavigatorLike {
  gpu?: { [USERS]?: number };
}
interface Host {
  navigator?: NavigatorLike;
}

/** Whether something here gives WebGPU of its own accord, as browsers do. */
export function hasNavigatorGpu(): boolean {
  const { navigator } = globalThis as Host;
  return navigator?.gpu !== undefined && navigator.gpu[USERS] === undefined;
}

/**
 * Puts Dawn's WebGPU (the package `webgpu`) where gpu.js looks for it, `navigator.gpu`, unless something is there already.
 *
 * @returns gives it back; the last one who does removes it, since Node would not exit with it. It resolves to whether it was
 *   the last
 * @throws GpuUnavailableError when the package is not installed or does not load
 */
export async function installNavigatorGpu(): Promise<() => boolean> {
  if (hasNavigatorGpu()) return () => false;
  const host = globalThis as Host;
  if (host.navigator?.gpu === undefined) {
    // Not a literal: a bundle for browsers, which have WebGPU of their own, shall not look for it.
    const name = 'webgpu';
    let dawn: { create(options: string[]): object };
    try {
      dawn = (await import(/* @vite-ignore */ name)) as typeof dawn;
    } catch (error) {
      throw missingPackage(name, error);
    }
    // Somebody else may have been faster.
    if (host.navigator?.gpu === undefined) put(host, dawn.create([]));
  }
  const gpu = host.navigator!.gpu!;
  gpu[USERS] = (gpu[USERS] ?? 0) + 1;
  let given = false;
  return () => {
    if (given) return false;
    given = true;
    gpu[USERS]!--;
    if (gpu[USERS] !== 0) return false;
    remove(host);
    return true;
  };
}

/** From Node 21 on there is a navigator without a gpu. */
const MADE = Symbol.for('etude.navigator');

function put(host: Host & { [MADE]?: boolean }, gpu: object): void {
  if (host.navigator === undefined) {
    Object.defineProperty(host, 'navigator', { value: {}, configurable: true, writable: true });
    Object.defineProperty(host.navigator, MADE, { value: true });
  }
  Object.defineProperty(host.navigator, 'gpu', { value: gpu, configurable: true, writable: true });
}

function remove(host: Host): void {
  const { navigator } = host;
  if (!navigator) return;
  delete navigator.gpu;
  if (MADE in navigator) delete host.navigator;
}
