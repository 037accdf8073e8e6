import type { Floats, Kernels, Tensor } from '../../../tensor/index.ts';
import { sigmoid } from '../../../tensor/reference/lstm-cell.ts';
import type { HeldRows } from '../ablation.ts';
import { holdLstm, LstmProbe } from './lstm.ts';
import type { CellGradients, CellSequence, StatefulRows } from './probe-cell.ts';

/** The LSTM with peepholes, step by step; its formulas stand in `cells/lstm-peephole.ts`. */
export class PeepholeProbe extends LstmProbe {
  readonly #peephole: Tensor;

  /** @param get the parameters of the layer by their names */
  constructor(kernels: Kernels, size: number, get: (part: string) => Tensor) {
    super(kernels, size, get, 'lstm-peephole');
    this.#peephole = get('peephole');
  }

  override forward(rows: StatefulRows, held: readonly HeldRows[] = []): void {
    const { kernels, size: H } = this;
    const { gates, hPrev, cPrev, c, tanhC, h, z } = rows;
    kernels.matmul(gates, hPrev, this.recurrentKernel);
    // The kernel adds the peepholes' part and overwrites the sum at once.
    const sums = z || held.length > 0 ? gates.data.slice() : undefined;
    kernels.peepholeCell(gates, this.#peephole, cPrev, c, tanhC, h);
    if (z) this.#preActivations(z.data, sums!, cPrev.data, c.data);
    const outputGate = (row: number, unit: number, cell: number): number =>
      sigmoid(sums![row * 4 * H + 3 * H + unit] + this.#peephole.data[2 * H + unit] * cell);
    for (const each of held) holdLstm(rows, each, outputGate);
  }

  override forwardSequence(sequence: CellSequence): void {
    this.forwardSteps(sequence);
  }

  override backward({ gates, cPrev, tanhC }: StatefulRows, { dh, dc, dInput }: CellGradients): void {
    const { kernels } = this;
    kernels.copy(dInput, gates);
    kernels.peepholeCellBackward(dInput, this.#peephole, dc!, dh, cPrev, tanhC);
    kernels.fill(dh, 0);
    kernels.matmulBackwardA(dh, dInput, this.recurrentKernel);
  }

  /** That of the LSTM, and what comes through the peephole of the output gate: dh ∘ tanh c ∘ o(1-o) ∘ p_o. */
  override cellGradient(to: Float64Array, row: number, rows: StatefulRows, gradients: CellGradients): void {
    super.cellGradient(to, row, rows, gradients);
    const H = this.size;
    const [out, gate, squashed, peephole] = [gradients.dh.data, rows.gates.data, rows.tanhC.data, this.#peephole.data];
    for (let j = 0; j < H; j++) {
      const o = gate[row * 4 * H + 3 * H + j];
      to[j] += out[row * H + j] * squashed[row * H + j] * o * (1 - o) * peephole[2 * H + j];
    }
  }

  /** z = the sums, and of i, f and o what the peepholes add to them. */
  #preActivations(z: Floats, sums: Floats, before: Floats, after: Floats): void {
    const H = this.size;
    const p = this.#peephole.data;
    z.set(sums);
    for (let at = 0; at < after.length; at++) {
      const j = at % H;
      const i0 = 4 * (at - j) + j;
      z[i0] += p[j] * before[at];
      z[i0 + H] += p[H + j] * before[at];
      z[i0 + 3 * H] += p[2 * H + j] * after[at];
    }
  }
}
