import { formatShape, ShapeError } from './shape.ts';
import type { IndexTensor, Tensor } from './tensor.ts';

/** The checks that every implementation of Kernels makes of its operands before it touches a number. */

/** @throws ShapeError unless all tensors have as many elements as the first */
export function sameSize(operation: string, first: Tensor, ...others: Tensor[]): void {
  for (const other of others) {
    if (other.size !== first.size)
      fail(operation, `expected ${formatShape(first.shape)}, got ${formatShape(other.shape)}`);
  }
}

/** @returns [M, K, N] of `out[M, N] = a[M, K] · b[K, N]`; axes behind the first count as one */
export function matmul(operation: string, a: Tensor, b: Tensor, out: Tensor): [m: number, k: number, n: number] {
  const [m, k, n] = [a.rows, a.columns, b.columns];
  if (b.rows !== k || out.rows !== m || out.columns !== n) {
    fail(operation, `${formatShape(a.shape)} · ${formatShape(b.shape)} does not give ${formatShape(out.shape)}`);
  }
  return [m, k, n];
}

/** Checks `matrix[M, N]` against `bias[N]`. */
export function bias(operation: string, matrix: Tensor, bias: Tensor): void {
  if (matrix.columns !== bias.size || bias.size === 0) {
    fail(
      operation,
      `rows of ${formatShape(matrix.shape)} need a bias of ${matrix.columns}, got ${formatShape(bias.shape)}`,
    );
  }
}

/** @returns [M, V, N] of `out[M, N]`, `table[V, N]` and `indices[M]` */
export function embedding(
  operation: string,
  out: Tensor,
  table: Tensor,
  indices: IndexTensor,
): [number, number, number] {
  if (out.columns !== table.columns || out.rows !== indices.size) {
    fail(
      operation,
      `${indices.size} indices into ${formatShape(table.shape)} give [${indices.size}, ${table.columns}], not ${formatShape(out.shape)}`,
    );
  }
  return [out.rows, table.rows, table.columns];
}

/** @returns [rows, H] of `gates[B, 4H]` and the states `[B, H]` */
export function lstmCell(operation: string, gates: Tensor, states: Tensor[]): [rows: number, hidden: number] {
  const hidden = gates.columns / 4;
  for (const state of states) {
    if (state.rows !== gates.rows || state.columns !== hidden) {
      fail(
        operation,
        `gates ${formatShape(gates.shape)} need states [${gates.rows}, ${hidden}], got ${formatShape(state.shape)}`,
      );
    }
  }
  return [gates.rows, hidden];
}

/** What a sequence's operations work on; `h` and `c` have one slot along time more than there are steps. */
interface SequenceStates {
  h?: Tensor;
  c: Tensor;
  tanhC: Tensor;
  dh?: Tensor;
  dc?: Tensor;
}

/** @returns [T, B, H] of `gates[T, B, 4H]`, the recurrent kernel `[H, 4H]` and the states */
export function lstmSequence(
  operation: string,
  gates: Tensor,
  kernel: Tensor,
  { h, c, tanhC, dh, dc }: SequenceStates,
): [steps: number, rows: number, hidden: number] {
  const [steps, rows, width] = gates.shape;
  const hidden = width / 4;
  const fits =
    kernel.rows === hidden &&
    kernel.columns === width &&
    hasShape(c, steps + 1, rows, hidden) &&
    hasShape(tanhC, steps, rows, hidden) &&
    (!h || hasShape(h, steps + 1, rows, hidden)) &&
    (!dh || hasShape(dh, steps, rows, hidden)) &&
    (!dc || (dc.rows === rows && dc.columns === hidden));
  if (!fits) {
    const found = Object.entries({ kernel, h, c, tanhC, dh, dc })
      .filter(([, tensor]) => tensor)
      .map(([name, tensor]) => `${name} ${formatShape(tensor!.shape)}`);
    fail(
      operation,
      `gates ${formatShape(gates.shape)} need kernel [H, 4H], h and c [T + 1, B, H], tanhC and dh [T, B, H], dc [B, H], ` +
        `got ${found.join(', ')}`,
    );
  }
  return [steps, rows, hidden];
}

function hasShape({ shape }: Tensor, a: number, b: number, c: number): boolean {
  return shape.length === 3 && shape[0] === a && shape[1] === b && shape[2] === c;
}

/** @returns [rows, classes] of two equal matrices and one target a row */
export function classes(
  operation: string,
  a: Tensor,
  b: Tensor,
  targets: IndexTensor,
): [rows: number, classes: number] {
  sameSize(operation, a, b);
  if (a.rows !== targets.size) fail(operation, `${formatShape(a.shape)} needs ${a.rows} targets, got ${targets.size}`);
  return [a.rows, a.columns];
}

function fail(operation: string, what: string): never {
  throw new ShapeError(`${operation}: ${what}.`);
}
