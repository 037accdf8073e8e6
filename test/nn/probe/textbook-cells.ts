import type { CellKind } from '../../../src/nn/index.ts';

/** What one step of a layer leaves, by unit; gates by their names. */
export interface TextbookStep {
  z: Record<string, number[]>;
  gates: Record<string, number[]>;
  c?: number[];
  tanhC?: number[];
  h: number[];
}

/** What enters a step. */
interface StepInput {
  x: readonly number[];
  hPrev: readonly number[];
  cPrev: readonly number[];
}

const sigma = (z: number): number => 1 / (1 + Math.exp(-z));
const add = (first: readonly number[], ...others: (readonly number[])[]): number[] =>
  others.reduce((sum: readonly number[], other) => sum.map((value, j) => value + other[j]), first).slice();
const times = (a: readonly number[], b: readonly number[]): number[] => a.map((value, j) => value * b[j]);

/** v · W for a matrix of `columns` columns. */
function product(v: readonly number[], matrix: ArrayLike<number>, columns: number): number[] {
  const out = new Array<number>(columns).fill(0);
  for (let k = 0; k < v.length; k++) {
    if (v[k] === 0) continue;
    for (let j = 0; j < columns; j++) out[j] += v[k] * matrix[k * columns + j];
  }
  return out;
}

function layerNorm(values: readonly number[]): number[] {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return values.map((value) => (value - mean) / Math.sqrt(variance + 1e-5));
}

/**
 * One step of a cell by the formulas of docs/cells.md.
 * @param of the parameters of the layer by their names
 * @param nudge changes the cell before anybody reads it
 */
export function textbookStep(
  cell: CellKind,
  of: (part: string) => ArrayLike<number>,
  input: StepInput,
  nudge: (c: number[]) => number[] = (c) => c,
): TextbookStep {
  if (cell === 'rnn') return rnnStep(of, input);
  return cell.startsWith('gru') ? gruStep(cell, of, input) : lstmStep(cell, of, input, nudge);
}

function lstmStep(
  cell: CellKind,
  of: (part: string) => ArrayLike<number>,
  { x, hPrev, cPrev }: StepInput,
  nudge: (c: number[]) => number[],
): TextbookStep {
  const H = hPrev.length;
  const list = (part: string): number[] => Array.from(of(part));
  const [fromInput, fromState] = [product(x, of('kernel'), 4 * H), product(hPrev, of('recurrent_kernel'), 4 * H)];
  const sums =
    cell === 'lstm-norm'
      ? add(
          times(list('input_gain'), layerNorm(fromInput)),
          times(list('recurrent_gain'), layerNorm(fromState)),
          list('bias'),
        )
      : add(fromInput, fromState, list('bias'));
  const p = cell === 'lstm-peephole' ? list('peephole') : new Array<number>(3 * H).fill(0);
  const block = (values: readonly number[], k: number): number[] => values.slice(k * H, (k + 1) * H);
  const z: TextbookStep['z'] = {
    i: add(block(sums, 0), times(block(p, 0), cPrev)),
    f: add(block(sums, 1), times(block(p, 1), cPrev)),
    g: block(sums, 2),
  };
  const [i, f, g] = [z.i.map(sigma), z.f.map(sigma), z.g.map(Math.tanh)];
  const c = nudge(add(times(f, cPrev), times(i, g)));
  z.o = add(block(sums, 3), times(block(p, 2), c));
  const o = z.o.map(sigma);
  const shown = cell === 'lstm-norm' ? add(times(list('cell_gain'), layerNorm(c)), list('cell_bias')) : c;
  const tanhC = shown.map(Math.tanh);
  return { z, gates: { i, f, g, o }, c, tanhC, h: times(o, tanhC) };
}

function gruStep(cell: CellKind, of: (part: string) => ArrayLike<number>, { x, hPrev }: StepInput): TextbookStep {
  const H = hPrev.length;
  const fromInput = add(product(x, of('kernel'), 3 * H), Array.from(of('bias')));
  const fromState = product(hPrev, of('recurrent_kernel'), 2 * H);
  const z: TextbookStep['z'] = {
    r: add(fromInput.slice(0, H), fromState.slice(0, H)),
    z: add(fromInput.slice(H, 2 * H), fromState.slice(H)),
  };
  const [r, update] = [z.r.map(sigma), z.z.map(sigma)];
  const candidate =
    cell === 'gru'
      ? times(r, add(product(hPrev, of('candidate_kernel'), H), Array.from(of('candidate_bias'))))
      : product(times(r, hPrev), of('candidate_kernel'), H);
  z.n = add(fromInput.slice(2 * H), candidate);
  const n = z.n.map(Math.tanh);
  return {
    z,
    gates: { r, z: update, n },
    h: n.map((value, j) => (1 - update[j]) * value + update[j] * hPrev[j]),
  };
}

function rnnStep(of: (part: string) => ArrayLike<number>, { x, hPrev }: StepInput): TextbookStep {
  const H = hPrev.length;
  const z = add(product(x, of('kernel'), H), product(hPrev, of('recurrent_kernel'), H), Array.from(of('bias')));
  return { z: { h: z }, gates: {}, h: z.map(Math.tanh) };
}
