import type { Floats, Kernels, Tensor } from '../../../tensor/index.ts';
import type { CellKind } from '../../cells/kinds.ts';
import type { HeldRows } from '../ablation.ts';
import { ProbeCell, type CellGradients, type CellSequence, type StatefulRows } from './probe-cell.ts';

/** The LSTM, step by step; its formulas stand in `cells/lstm.ts`. */
export class LstmProbe extends ProbeCell {
  protected readonly recurrentKernel: Tensor;

  /** @param get the parameters of the layer by their names */
  constructor(kernels: Kernels, size: number, get: (part: string) => Tensor, kind: CellKind = 'lstm') {
    super(kind, kernels, size, get('bias'));
    this.recurrentKernel = get('recurrent_kernel');
  }

  forward(rows: StatefulRows, held: readonly HeldRows[] = []): void {
    const { kernels } = this;
    const { gates, hPrev, cPrev, c, tanhC, h, z } = rows;
    kernels.matmul(gates, hPrev, this.recurrentKernel);
    if (z) kernels.copy(z, gates);
    kernels.lstmCell(gates, cPrev, c, tanhC, h);
    for (const each of held) holdLstm(rows, each);
  }

  /** In one call, as a layer of a `Network` runs. */
  override forwardSequence({ rows: { gates, tanhC }, states: [h, c] }: CellSequence): void {
    const [slots, B, H] = h.shape;
    const steps = slots - 1;
    this.kernels.lstmForward(
      gates.reshape([steps, B, this.columns]),
      h,
      c,
      tanhC!.reshape([steps, B, H]),
      this.recurrentKernel,
    );
  }

  backward({ gates, cPrev, tanhC }: StatefulRows, { dh, dc, dInput }: CellGradients): void {
    const { kernels } = this;
    kernels.lstmCellBackward(dInput, dc!, dh, gates, cPrev, tanhC);
    kernels.fill(dh, 0);
    kernels.matmulBackwardA(dh, dInput, this.recurrentKernel);
  }

  /** dc + dh ∘ o ∘ (1 - tanh²c). */
  override cellGradient(
    to: Float64Array,
    row: number,
    { gates, tanhC }: StatefulRows,
    { dh, dc }: CellGradients,
  ): void {
    const H = this.size;
    const [out, cell, gate, squashed] = [dh.data, dc!.data, gates.data, tanhC.data];
    const [at, o] = [row * H, row * 4 * H + 3 * H];
    for (let j = 0; j < H; j++) {
      const t = squashed[at + j];
      to[j] = cell[at + j] + out[at + j] * gate[o + j] * (1 - t * t);
    }
  }
}

/**
 * Overwrites what is held, and what in the same step follows from it.
 * @param outputGate what the output gate of row `row`, unit `unit` is with this c, where it depends on it
 */
export function holdLstm(
  { gates, cPrev, c, tanhC, h }: StatefulRows,
  { held, from, to }: HeldRows,
  outputGate?: (row: number, unit: number, c: number) => number,
): void {
  const H = h.columns;
  const [gate, before, cell, squashed, out] = [gates.data, cPrev.data, c.data, tanhC.data, h.data];
  for (let row = from; row < to; row++) {
    for (const j of held.units) {
      const at = row * H + j;
      const i0 = row * 4 * H + j;
      const changes = holdCell(gate, before, cell, row, j, held);
      const opens = held.gates[3 * H + j];
      if (changes) {
        squashed[at] = Math.tanh(cell[at]);
        if (outputGate) gate[i0 + 3 * H] = outputGate(row, j, cell[at]);
      }
      if (!Number.isNaN(opens)) gate[i0 + 3 * H] = opens;
      if (changes || !Number.isNaN(opens)) out[at] = gate[i0 + 3 * H] * squashed[at];
      if (!Number.isNaN(held.h[j])) out[at] = held.h[j];
    }
  }
}

/** Overwrites what is held of the gates i, f and g and of c, and c as it follows from them. @returns whether any of them is */
export function holdCell(
  gate: Floats,
  before: ArrayLike<number>,
  cell: Floats,
  row: number,
  unit: number,
  held: HeldRows['held'],
): boolean {
  const H = held.size;
  const i0 = row * 4 * H + unit;
  let changes = !Number.isNaN(held.c[unit]);
  for (let k = 0; k < 3; k++) {
    const value = held.gates[k * H + unit];
    if (Number.isNaN(value)) continue;
    gate[i0 + k * H] = value;
    changes = true;
  }
  if (!changes) return false;
  const at = row * H + unit;
  const computed = gate[i0 + H] * before[at] + gate[i0] * gate[i0 + 2 * H];
  cell[at] = Number.isNaN(held.c[unit]) ? computed : held.c[unit];
  return true;
}
