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
