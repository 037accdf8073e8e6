// What the arithmetic and the memory of a core can give, for WebAssembly: loops that do nothing else. In the build with
// relaxed SIMD a multiply-add is one fused instruction, in the other it is two.
//
// Twelve sums do not wait for one another: a core that begins two vector operations a cycle, each of which takes four, is kept
// busy by eight, and by twelve where a multiplication and an addition follow one another. With x and y they fit into the 15
// registers that x86-64 leaves to WebAssembly.

/** The multiply-adds of four numbers that a round of `vectorRounds` does. */
export const VECTOR_OPERATIONS: i32 = 12;

/** `rounds` times s = s * x + y for each of twelve vectors; returns their sum, so that no compiler can leave it out. */
export function vectorRounds(rounds: i32, factor: f32, summand: f32): f32 {
  const x = f32x4.splat(factor);
  const y = f32x4.splat(summand);
  let a = x, b = x, c = x, d = x, e = x, f = x; // prettier-ignore
  let g = y, h = y, i = y, j = y, k = y, l = y; // prettier-ignore
  for (; rounds > 0; rounds--) {
    a = madd(a, x, y);
    b = madd(b, x, y);
    c = madd(c, x, y);
    d = madd(d, x, y);
    e = madd(e, x, y);
    f = madd(f, x, y);
    g = madd(g, x, y);
    h = madd(h, x, y);
    i = madd(i, x, y);
    j = madd(j, x, y);
    k = madd(k, x, y);
    l = madd(l, x, y);
  }
  a = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  return f32x4.extract_lane(f32x4.add(a, f32x4.add(f32x4.add(i, j), f32x4.add(k, l))), 0);
}

/** The multiply-adds of eight numbers that a round of `wideRounds` does. */
export const WIDE_OPERATIONS: i32 = 12;

/**
 * The loop of `vectorRounds` over pairs of vectors, which V8 joins into AVX2 and FMA under --experimental-wasm-revectorize. It begins from
 * pairs of adjacent stores, the upper half first, and follows their inputs back to pairs of loads (docs/simd.md): so the sums, 384 bytes
 * from `at` on, come from memory and go back there.
 */
export function wideRounds(at: usize, rounds: i32, factor: f32, summand: f32): void {
  const x = f32x4.splat(factor);
  const y = f32x4.splat(summand);
  let a0 = v128.load(at, 0), a1 = v128.load(at, 16); // prettier-ignore
  let b0 = v128.load(at, 32), b1 = v128.load(at, 48); // prettier-ignore
  let c0 = v128.load(at, 64), c1 = v128.load(at, 80); // prettier-ignore
  let d0 = v128.load(at, 96), d1 = v128.load(at, 112); // prettier-ignore
  let e0 = v128.load(at, 128), e1 = v128.load(at, 144); // prettier-ignore
  let f0 = v128.load(at, 160), f1 = v128.load(at, 176); // prettier-ignore
  let g0 = v128.load(at, 192), g1 = v128.load(at, 208); // prettier-ignore
  let h0 = v128.load(at, 224), h1 = v128.load(at, 240); // prettier-ignore
  let i0 = v128.load(at, 256), i1 = v128.load(at, 272); // prettier-ignore
  let j0 = v128.load(at, 288), j1 = v128.load(at, 304); // prettier-ignore
  let k0 = v128.load(at, 320), k1 = v128.load(at, 336); // prettier-ignore
  let l0 = v128.load(at, 352), l1 = v128.load(at, 368); // prettier-ignore
  for (; rounds > 0; rounds--) {
    a0 = madd(a0, x, y);
    a1 = madd(a1, x, y);
    b0 = madd(b0, x, y);
    b1 = madd(b1, x, y);
    c0 = madd(c0, x, y);
    c1 = madd(c1, x, y);
    d0 = madd(d0, x, y);
    d1 = madd(d1, x, y);
    e0 = madd(e0, x, y);
    e1 = madd(e1, x, y);
    f0 = madd(f0, x, y);
    f1 = madd(f1, x, y);
    g0 = madd(g0, x, y);
    g1 = madd(g1, x, y);
    h0 = madd(h0, x, y);
    h1 = madd(h1, x, y);
    i0 = madd(i0, x, y);
    i1 = madd(i1, x, y);
    j0 = madd(j0, x, y);
    j1 = madd(j1, x, y);
    k0 = madd(k0, x, y);
    k1 = madd(k1, x, y);
    l0 = madd(l0, x, y);
    l1 = madd(l1, x, y);
  }
  v128.store(at, a1, 16);
  v128.store(at, a0, 0);
  v128.store(at, b1, 48);
  v128.store(at, b0, 32);
  v128.store(at, c1, 80);
  v128.store(at, c0, 64);
  v128.store(at, d1, 112);
  v128.store(at, d0, 96);
  v128.store(at, e1, 144);
  v128.store(at, e0, 128);
  v128.store(at, f1, 176);
  v128.store(at, f0, 160);
  v128.store(at, g1, 208);
  v128.store(at, g0, 192);
  v128.store(at, h1, 240);
  v128.store(at, h0, 224);
  v128.store(at, i1, 272);
  v128.store(at, i0, 256);
  v128.store(at, j1, 304);
  v128.store(at, j0, 288);
  v128.store(at, k1, 336);
  v128.store(at, k0, 320);
  v128.store(at, l1, 368);
  v128.store(at, l0, 352);
}

/** The multiply-adds of single numbers that a round of `scalarRounds` does. */
export const SCALAR_OPERATIONS: i32 = 12;

/** The same with single numbers. */
export function scalarRounds(rounds: i32, x: f32, y: f32): f32 {
  let a = x, b = x, c = x, d = x, e = x, f = x; // prettier-ignore
  let g = y, h = y, i = y, j = y, k = y, l = y; // prettier-ignore
  for (; rounds > 0; rounds--) {
    a = a * x + y;
    b = b * x + y;
    c = c * x + y;
    d = d * x + y;
    e = e * x + y;
    f = f * x + y;
    g = g * x + y;
    h = h * x + y;
    i = i * x + y;
    j = j * x + y;
    k = k * x + y;
    l = l * x + y;
  }
  return a + b + c + d + (e + f + g + h) + (i + j + k + l);
}

/** The bytes of a turn of `readRounds`. */
export const READ_BYTES: i32 = 96;

/**
 * Reads `bytes` bytes from `from` on, a multiple of READ_BYTES, `rounds` times, and returns the sum of some of the numbers.
 * Six sums and not eight: V8 moves all loads of a turn to its beginning, and sixteen vectors do not fit into its registers.
 */
export function readRounds(rounds: i32, from: usize, bytes: usize): f32 {
  let a = f32x4.splat(0), b = a, c = a, d = a, e = a, f = a; // prettier-ignore
  const end = from + bytes;
  for (; rounds > 0; rounds--) {
    for (let at = from; at < end; at += READ_BYTES) {
      a = f32x4.add(a, v128.load(at));
      b = f32x4.add(b, v128.load(at, 16));
      c = f32x4.add(c, v128.load(at, 32));
      d = f32x4.add(d, v128.load(at, 48));
      e = f32x4.add(e, v128.load(at, 64));
      f = f32x4.add(f, v128.load(at, 80));
    }
  }
  return f32x4.extract_lane(f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(e, f)), 0);
}

function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}
