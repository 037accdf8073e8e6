import type { KernelThis, Matrix } from './kernel-this.ts';

/** Twice what it is given, [rows, columns]: as small a kernel as there can be, to see what runs. */
export function twice(this: KernelThis, values: Matrix): number {
  return 2 * values[this.thread.y][this.thread.x];
}
