import type { WeightGradient } from './kernels.ts';
import { formatShape, ShapeError } from './shape.ts';
import type { IndexTensor, Tensor } from './tensor.ts';

/**
 * The checks that every implementation of Kernels makes of its operands before it touches a number. Those that a generated note
 * passes give nothing back and take no lists: they must not allocate.
 */

/** @throws ShapeError unless all tensors have as many elements as the first */
export function sameSize(operation: string, first: Tensor, ...others: Tensor[]): void {
  for (const other of others) {
    if (other.size !== first.size)
      fail(operation, `expected ${formatShape(first.shape)}, got ${formatShape(other.shape)}`);
  }
}

/** Checks `out[M, N] = a[M, K] · b[K, N]`; axes behind the first count as one. */
export function matmul(operation: string, a: Tensor, b: Tensor, out: Tensor): void {
  if (b.rows !== a.columns || out.rows !== a.rows || out.columns !== b.columns) {
    fail(operation, `${formatShape(a.shape)} · ${formatShape(b.shape)} does not give ${formatShape(out.shape)}`);
  }
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

/** Checks `dBias[N]`, `dOut[M, N]`, and for each product `db[K, N]` and `a[M, K]`. */
export function affineBackward(dBias: Tensor, dOut: Tensor, products: readonly WeightGradient[]): void {
  bias('affineBackward', dOut, dBias);
  for (const { db, a, zeroRows = 0 } of products) {
    matmul('affineBackward', a, db, dOut);
    if (!(Number.isInteger(zeroRows) && zeroRows >= 0 && zeroRows <= a.rows)) {
      fail('affineBackward', `${zeroRows} of ${a.rows} rows cannot be zeros`);
    }
  }
}

/** Checks `out[M, N]`, `table[V, N]` and `indices[M]`. */
export function embedding(operation: string, out: Tensor, table: Tensor, indices: IndexTensor): void {
  if (out.columns !== table.columns || out.rows !== indices.size) {
    fail(
      operation,
      `${indices.size} indices into ${formatShape(table.shape)} give [${indices.size}, ${table.columns}], not ${formatShape(out.shape)}`,
    );
  }
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

/** Checks `peephole[3H]` against `gates[B, 4H]`. */
export function peephole(operation: string, gates: Tensor, peephole: Tensor): void {
  const size = (gates.columns / 4) * 3;
  if (peephole.size === size) return;
  fail(operation, `gates ${formatShape(gates.shape)} need ${size} peepholes, got ${formatShape(peephole.shape)}`);
}

/** Checks two matrices `[M, N]` of layer normalisation, its `gain[N]`, another of that length, and `inverse[M]`. */
export function layerNorm(operation: string, a: Tensor, b: Tensor, gain: Tensor, other: Tensor, inverse: Tensor): void {
  const { rows, columns } = a;
  if (isMatrix(b, rows, columns) && gain.size === columns && other.size === columns && inverse.size === rows) return;
  const found = [b, gain, other, inverse].map(({ shape }) => formatShape(shape)).join(', ');
  fail(
    operation,
    `${formatShape(a.shape)} needs another of its shape, a gain (and bias) of ${columns} and a factor for each of ${rows} rows, got ${found}`,
  );
}

/** Checks `gates[B, 3H]` and three states `[B, H]`, as every step of a GRU has them. */
export function gru(operation: string, gates: Tensor, a: Tensor, b: Tensor, c: Tensor): void {
  const [rows, hidden] = [gates.rows, gates.columns / 3];
  if (isMatrix(a, rows, hidden) && isMatrix(b, rows, hidden) && isMatrix(c, rows, hidden)) return;
  const found = [a, b, c].map(({ shape }) => formatShape(shape)).join(', ');
  fail(operation, `gates ${formatShape(gates.shape)} need states [${rows}, ${hidden}], got ${found}`);
}

/** Checks `gates[B, 3H]` against what the states give for two of them, `recurrent[B, 2H]`. */
export function gruRecurrent(operation: string, gates: Tensor, recurrent: Tensor): void {
  const width = (gates.columns / 3) * 2;
  if (isMatrix(recurrent, gates.rows, width)) return;
  fail(
    operation,
    `gates ${formatShape(gates.shape)} need [${gates.rows}, ${width}], got ${formatShape(recurrent.shape)}`,
  );
}

function isMatrix(tensor: Tensor, rows: number, columns: number): boolean {
  return tensor.rows === rows && tensor.columns === columns;
}

/** Checks `gates[T, B, 4H]` against the recurrent kernel `[H, 4H]` and the states, which have a slot along time more. */
export function lstmForward(gates: Tensor, kernel: Tensor, h: Tensor, c: Tensor, tanhC: Tensor): void {
  const fits = sequenceFits(gates, kernel, c, tanhC) && hasShape(h, c.shape[0], c.shape[1], c.shape[2]);
  if (!fits) failSequence('lstmForward', gates, { kernel, h, c, tanhC });
}

/** The same for the way back, with `dh[T, B, H]` and `dc[B, H]`. */
export function lstmBackward(gates: Tensor, kernel: Tensor, dh: Tensor, dc: Tensor, c: Tensor, tanhC: Tensor): void {
  const fits =
    sequenceFits(gates, kernel, c, tanhC) &&
    hasShape(dh, tanhC.shape[0], tanhC.shape[1], tanhC.shape[2]) &&
    dc.rows === tanhC.shape[1] &&
    dc.columns === tanhC.shape[2];
  if (!fits) failSequence('lstmBackward', gates, { kernel, dh, dc, c, tanhC });
}

function sequenceFits({ shape }: Tensor, kernel: Tensor, c: Tensor, tanhC: Tensor): boolean {
  const hidden = shape[2] / 4;
  return (
    kernel.rows === hidden &&
    kernel.columns === shape[2] &&
    hasShape(c, shape[0] + 1, shape[1], hidden) &&
    hasShape(tanhC, shape[0], shape[1], hidden)
  );
}

function failSequence(operation: string, gates: Tensor, operands: Record<string, Tensor>): never {
  const found = Object.entries(operands).map(([name, { shape }]) => `${name} ${formatShape(shape)}`);
  fail(
    operation,
    `gates ${formatShape(gates.shape)} need kernel [H, 4H], h and c [T + 1, B, H], tanhC and dh [T, B, H], dc [B, H], ` +
      `got ${found.join(', ')}`,
  );
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
