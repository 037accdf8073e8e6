import { nodeModule, nodeProcess } from '../../node-module.ts';
import type { SimdVariant } from './exports.ts';

/**
 * The best variant that this engine compiles, or undefined where there is no SIMD at all. Needs none of our modules for that:
 * a page loads only the one that it takes.
 *
 * Node 20 has relaxed SIMD behind a V8 flag, which is set here; it holds for the whole process, and for workers that are
 * started afterwards.
 */
export function bestSimdVariant(): SimdVariant | undefined {
  // Taken away by `node --jitless`, and in browsers by policies and lockdown modes.
  if (typeof WebAssembly === 'undefined') return undefined;
  allowRelaxedSimd();
  if (WebAssembly.validate(moduleOf(RELAXED_BODY))) return 'relaxed';
  return WebAssembly.validate(moduleOf(PLAIN_BODY)) ? 'plain' : undefined;
}

/** Sets V8's flag for relaxed SIMD where it is one, which is in Node 20 only; elsewhere nothing happens. */
export function allowRelaxedSimd(): void {
  if (!nodeProcess()?.versions.node.startsWith('20.')) return;
  nodeModule('node:v8')?.setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/** The first V8 that joins fused operations; Node 22 has the flag, but not that. */
const JOINING_V8 = 13.6;

/** Why the wide build cannot do here what it is for; undefined where it can. */
export function wideObstacle(): string | undefined {
  const host = nodeProcess();
  if (!host) return 'the wide build is for Node, whose V8 can be told to join pairs of operations';
  const { node, v8, bun } = host.versions;
  // It gives the number of a V8, for programs that ask for one.
  if (bun !== undefined) return 'the wide build is for V8, which Bun does not have';
  if (host.arch !== 'x64') return `V8 joins pairs of operations on x64 only, and this is ${host.arch}`;
  if (parseFloat(v8) < JOINING_V8) return `V8 joins fused operations from Node 24 on, and this is Node ${node}`;
  return typeof WebAssembly === 'undefined' ? 'there is no WebAssembly here' : undefined;
}

/** i32x4.splat of 0, the operand of both. */
const SPLAT = [0x41, 0x00, 0xfd, 0x11];
/** f32x4.relaxed_madd of three zeros. */
const RELAXED_BODY = [...SPLAT, ...SPLAT, ...SPLAT, 0xfd, 0x85, 0x02];
/** f32x4.add of two zeros. */
const PLAIN_BODY = [...SPLAT, ...SPLAT, 0xfd, 0xe4, 0x01];

/** A module with one function, () -> v128, of these instructions. */
function moduleOf(body: readonly number[]): Uint8Array<ArrayBuffer> {
  const size = body.length + 2;
  // prettier-ignore
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic and version
    0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, // one type: () -> v128
    0x03, 0x02, 0x01, 0x00, // one function of it
    0x0a, size + 2, 0x01, size, 0x00, ...body, 0x0b, // its code, without locals
  ]);
}
