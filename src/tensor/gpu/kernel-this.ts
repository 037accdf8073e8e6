/**
 * What a kernel sees as `this`. gpu.js translates a kernel's source text, so that a kernel may touch nothing but its
 * arguments, `this` and `Math`: no captured variable, no nested function, no other function. Arrays are indexed
 * [z][y][x], and `thread` says which number of the output this invocation computes.
 */
export interface KernelThis<Constants = Record<string, never>> {
  readonly thread: { readonly x: number; readonly y: number; readonly z: number };
  /** Written into the code as numbers, so that loops have known bounds. */
  readonly constants: Readonly<Constants>;
}

/** [z][y][x], as kernels see any array of three axes. */
export type Cube = number[][][];
/** [y][x]. */
export type Matrix = number[][];
