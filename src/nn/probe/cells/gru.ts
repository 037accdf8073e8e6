import type { Kernels, Tensor } from '../../../tensor/index.ts';
import type { CellKind } from '../../cells/kinds.ts';
import type { HeldRows } from '../ablation.ts';
import { ProbeCell, type CellGradients, type CellRows } from './probe-cell.ts';
import { holdOutput } from './rnn.ts';

/** What a step of GRU keeps beside what all cells do. */
interface GruRows extends CellRows {
  /** hPrev·Un + cn, which the reset gate multiplies; where it stands before the product, what it gives, r ∘ hPrev: [R, H]. */
  inner: Tensor;
  /** What is added to the input's part of the candidate, [R, H]. */
  candidate: Tensor;
  /** hPrev·U of the gates r and z, [R, 2H]. */
  recurrent: Tensor;
}

/** What the way back needs. */
interface GruScratch extends CellGradients {
  /** dL/dhPrev, [R, H]. */
  dPrevious: Tensor;
  /** dL/d(recurrent), [R, 2H]. */
  dRecurrent: Tensor;
  /** dL/d(output of the candidate's kernel), [R, H]. */
  dCandidate: Tensor;
  /** dL/d(what the reset gate gave), [R, H]. */
  dReset: Tensor;
}

/** What both kinds of GRU have in common; they differ in what the reset gate multiplies. */
abstract class GruProbe extends ProbeCell {
  protected readonly candidateKernel: Tensor;
  readonly #recurrentKernel: Tensor;

  /** @param get the parameters of the layer by their names */
  constructor(kind: CellKind, kernels: Kernels, size: number, get: (part: string) => Tensor) {
    super(kind, kernels, size, get('bias'));
    this.#recurrentKernel = get('recurrent_kernel');
    this.candidateKernel = get('candidate_kernel');
  }

  protected override kept(rows: number): Record<string, Tensor> {
    return { inner: this.tensor(rows), candidate: this.tensor(rows), recurrent: this.tensor(rows, 2 * this.size) };
  }

  protected override scratch(rows: number): Record<string, Tensor> {
    const [dPrevious, dCandidate, dReset] = Array.from({ length: 3 }, () => this.tensor(rows));
    return { dPrevious, dCandidate, dReset, dRecurrent: this.tensor(rows, 2 * this.size) };
  }

  /**
   * The gates r and z: σ of the input's and the state's part.
   * @param by what the reset gate multiplies
   * @param product its product, [R, H]
   */
  protected openGates(
    { gates, recurrent, hPrev, z }: GruRows,
    by: Tensor,
    product: Tensor,
    held: readonly HeldRows[],
  ): void {
    const { kernels, size: H } = this;
    kernels.fill(recurrent, 0);
    kernels.matmul(recurrent, hPrev, this.#recurrentKernel);
    if (z) addBlock(z, gates, recurrent, 0, 2 * H);
    kernels.gruGates(gates, recurrent, by, product);
    for (const each of held) holdGates(gates, by, product, each);
  }

  /** The candidate n = tanh(its input's part + `candidate`) and the output. */
  protected giveOutput({ gates, candidate, hPrev, h, z }: GruRows, held: readonly HeldRows[]): void {
    if (z) addBlock(z, gates, candidate, 2 * this.size, this.size);
    this.kernels.gruOutput(gates, candidate, hPrev, h);
    for (const each of held) {
      holdCandidate(gates, hPrev, h, each);
      holdOutput(h, each);
    }
  }

  /** Adds what goes back through r and z, and makes dL/dhPrev the dL/dh of the step before. */
  protected leave({ dh, dPrevious, dRecurrent }: GruScratch): void {
    this.kernels.matmulBackwardA(dPrevious, dRecurrent, this.#recurrentKernel);
    this.kernels.copy(dh, dPrevious);
  }
}

/** The GRU whose reset gate stands behind the product, step by step; its formulas stand in `cells/gru.ts`. */
export class GruAfterProbe extends GruProbe {
  readonly #candidateBias: Tensor;

  constructor(kernels: Kernels, size: number, get: (part: string) => Tensor) {
    super('gru', kernels, size, get);
    this.#candidateBias = get('candidate_bias');
  }

  forward(rows: GruRows, held: readonly HeldRows[] = []): void {
    this.recall(rows);
    this.openGates(rows, rows.inner, rows.candidate, held);
    this.giveOutput(rows, held);
  }

  override recall({ inner, hPrev }: GruRows): void {
    this.kernels.affine(inner, this.#candidateBias, hPrev, this.candidateKernel);
  }

  backward({ gates, hPrev, inner }: GruRows, gradients: GruScratch): void {
    const { kernels } = this;
    const { dh, dInput, dPrevious, dRecurrent, dCandidate, dReset } = gradients;
    kernels.copy(dInput, gates);
    kernels.fill(dPrevious, 0);
    kernels.fill(dCandidate, 0);
    kernels.gruOutputBackward(dInput, dReset, dPrevious, dh, hPrev);
    kernels.gruGatesBackward(dInput, dRecurrent, dCandidate, dReset, inner);
    kernels.matmulBackwardA(dPrevious, dCandidate, this.candidateKernel);
    this.leave(gradients);
  }
}

/** The GRU whose reset gate stands before the product, step by step; its formulas stand in `cells/gru.ts`. */
export class GruBeforeProbe extends GruProbe {
  constructor(kernels: Kernels, size: number, get: (part: string) => Tensor) {
    super('gru-before', kernels, size, get);
  }

  forward(rows: GruRows, held: readonly HeldRows[] = []): void {
    const { kernels } = this;
    const { inner, candidate, hPrev } = rows;
    this.openGates(rows, hPrev, inner, held);
    kernels.fill(candidate, 0);
    kernels.matmul(candidate, inner, this.candidateKernel);
    this.giveOutput(rows, held);
  }

  backward({ gates, hPrev }: GruRows, gradients: GruScratch): void {
    const { kernels } = this;
    const { dh, dInput, dPrevious, dRecurrent, dCandidate, dReset } = gradients;
    kernels.copy(dInput, gates);
    kernels.fill(dPrevious, 0);
    kernels.gruOutputBackward(dInput, dCandidate, dPrevious, dh, hPrev);
    kernels.fill(dReset, 0);
    kernels.matmulBackwardA(dReset, dCandidate, this.candidateKernel);
    kernels.gruGatesBackward(dInput, dRecurrent, dPrevious, dReset, hPrev);
    this.leave(gradients);
  }
}

/** Columns `first` to `first + width` of `to` [R, 3H] become those of `gates` and `part` [R, width] together. */
function addBlock(to: Tensor, gates: Tensor, part: Tensor, first: number, width: number): void {
  const [sums, own, other] = [to.data, gates.data, part.data];
  for (let row = 0; row < to.rows; row++) {
    const at = row * to.columns + first;
    for (let j = 0; j < width; j++) sums[at + j] = own[at + j] + other[row * width + j];
  }
}

/** Overwrites what is held of r and z, and the product of r. */
function holdGates(gates: Tensor, by: Tensor, product: Tensor, { held, from, to }: HeldRows): void {
  const H = held.size;
  const [gate, factor, after] = [gates.data, by.data, product.data];
  for (let row = from; row < to; row++) {
    for (const j of held.units) {
      const [r, z] = [held.gates[j], held.gates[H + j]];
      if (!Number.isNaN(r)) {
        gate[row * 3 * H + j] = r;
        after[row * H + j] = r * factor[row * H + j];
      }
      if (!Number.isNaN(z)) gate[row * 3 * H + H + j] = z;
    }
  }
}

/** Overwrites what is held of n, and the output that follows: (1 - z) ∘ n + z ∘ hPrev. */
function holdCandidate(gates: Tensor, hPrev: Tensor, h: Tensor, { held, from, to }: HeldRows): void {
  const H = held.size;
  const [gate, before, out] = [gates.data, hPrev.data, h.data];
  for (let row = from; row < to; row++) {
    for (const j of held.units) {
      const n = held.gates[2 * H + j];
      if (Number.isNaN(n)) continue;
      const z = gate[row * 3 * H + H + j];
      gate[row * 3 * H + 2 * H + j] = n;
      out[row * H + j] = (1 - z) * n + z * before[row * H + j];
    }
  }
}
