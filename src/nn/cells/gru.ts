import type { Tensor } from '../../tensor/index.ts';
import { Cell, rowsOf, type CellArguments } from './cell.ts';

/** What both kinds of GRU keep, and the products that they share; they differ in what the reset gate is applied to. */
abstract class GruLayer extends Cell {
  protected readonly recurrentKernel: Tensor;
  protected readonly candidateKernel: Tensor;
  protected readonly gateRows: readonly Tensor[];
  protected readonly hRows: readonly Tensor[];
  protected readonly dhRows: readonly Tensor[];
  /** What the reset gate multiplies, or the product: one of them enters the candidate's kernel, or comes from it. [T, B, H]. */
  protected readonly inner: Tensor;
  protected readonly innerRows: readonly Tensor[];
  /** The states' part of the gates r and z, [B, 2H]. */
  protected readonly recurrent: Tensor;
  /** Something that is needed within a step, [B, H]. */
  protected readonly scratch: Tensor;
  /** For the way back. */
  protected readonly back?: GruGradients;

  constructor(...args: CellArguments) {
    super('gru', ...args);
    const [kernels, , shape, , parameters, gradients] = args;
    const { layer } = this;
    const { arena } = kernels;
    const { batchSize: B, steps: T } = shape;
    this.recurrentKernel = parameters.get(`${layer}.recurrent_kernel`);
    this.candidateKernel = parameters.get(`${layer}.candidate_kernel`);
    const H = this.candidateKernel.rows;
    this.gateRows = rowsOf(this.gates);
    this.hRows = rowsOf(this.h);
    this.dhRows = this.dh ? rowsOf(this.dh) : [];
    this.inner = arena.tensor([T, B, H]);
    this.innerRows = rowsOf(this.inner);
    this.recurrent = arena.tensor([B, 2 * H]);
    this.scratch = arena.tensor([B, H]);
    if (!gradients) return;
    const [dRecurrent, dCandidate] = [arena.tensor([T, B, 2 * H]), arena.tensor([T, B, H])];
    this.back = {
      recurrentKernel: gradients.get(`${layer}.recurrent_kernel`),
      candidateKernel: gradients.get(`${layer}.candidate_kernel`),
      dRecurrent,
      dRecurrentRows: rowsOf(dRecurrent),
      dCandidate,
      dCandidateRows: rowsOf(dCandidate),
      dFirst: arena.tensor([B, H]),
    };
  }

  /** recurrent = h[t] · Wh, the part of the gates r and z that comes from the state. */
  protected projectState(t: number): void {
    this.kernels.fill(this.recurrent, 0);
    if (this.knowsState(t)) this.kernels.matmul(this.recurrent, this.hRows[t], this.recurrentKernel);
  }

  /** Whether the state before step t can be anything but zero. */
  protected knowsState(t: number): boolean {
    return t > 0 || !this.fromZero;
  }

  /** Where dL/dh of the state before step t is added; of that before the first step nobody asks. */
  protected dPrevious(t: number): Tensor {
    return t > 0 ? this.dhRows[t - 1] : this.back!.dFirst;
  }
}

interface GruGradients {
  recurrentKernel: Tensor;
  candidateKernel: Tensor;
  /** dL/d(h·Wh) of r and z at every step, [T, B, 2H], and its steps. */
  dRecurrent: Tensor;
  dRecurrentRows: readonly Tensor[];
  /** dL/d(output of the candidate's kernel) at every step, [T, B, H], and its steps. */
  dCandidate: Tensor;
  dCandidateRows: readonly Tensor[];
  dFirst: Tensor;
}

/**
 * A layer of GRU with the reset gate behind the product, as PyTorch and cuDNN have it (Keras: `reset_after=True`):
 *
 *     r = σ(x·Wr + hPrev·Ur + br)    z = σ(x·Wz + hPrev·Uz + bz)    n = tanh(x·Wn + bn + r ∘ (hPrev·Un + cn))
 *     h = (1 - z) ∘ n + z ∘ hPrev
 *
 * Parameters: `gru.0.kernel` [in, 3H] and `bias` [3H], gates in the order r z n; `recurrent_kernel` [H, 2H] (Ur Uz),
 * `candidate_kernel` [H, H] (Un), `candidate_bias` [H] (cn). PyTorch's second bias of r and z, which adds nothing, is part of
 * the first.
 */
export class GruAfterLayer extends GruLayer {
  readonly #bias: Tensor;
  readonly #dBias?: Tensor;
  /** dL/dr's other factor as it comes from the candidate, [B, H]. */
  readonly #dn?: Tensor;

  constructor(...args: CellArguments) {
    super(...args);
    const [kernels, , , , parameters, gradients] = args;
    this.#bias = parameters.get(`${this.layer}.candidate_bias`);
    this.#dBias = gradients?.get(`${this.layer}.candidate_bias`);
    if (gradients) this.#dn = kernels.arena.tensor(this.scratch.shape);
  }

  forward(): void {
    const { kernels, gateRows, hRows, innerRows, scratch: reset } = this;
    this.projectInput();
    for (let t = 0; t < gateRows.length; t++) {
      this.projectState(t);
      if (this.knowsState(t)) kernels.affine(innerRows[t], this.#bias, hRows[t], this.candidateKernel);
      else kernels.bias(innerRows[t], this.#bias);
      kernels.gruGates(gateRows[t], this.recurrent, innerRows[t], reset);
      kernels.gruOutput(gateRows[t], reset, hRows[t], hRows[t + 1]);
    }
  }

  backward(): void {
    const { kernels, gateRows, hRows, innerRows } = this;
    const { dRecurrent, dRecurrentRows, dCandidate, dCandidateRows, recurrentKernel, candidateKernel } = this.back!;
    const dn = this.#dn!;
    kernels.fill(dCandidate, 0);
    for (let t = gateRows.length - 1; t >= 0; t--) {
      const dPrevious = this.dPrevious(t);
      kernels.gruOutputBackward(gateRows[t], dn, dPrevious, this.dhRows[t], hRows[t]);
      kernels.gruGatesBackward(gateRows[t], dRecurrentRows[t], dCandidateRows[t], dn, innerRows[t]);
      if (t === 0) break;
      kernels.matmulBackwardA(dPrevious, dCandidateRows[t], this.candidateKernel);
      kernels.matmulBackwardA(dPrevious, dRecurrentRows[t], this.recurrentKernel);
    }
    kernels.affineBackward(this.#dBias!, asMatrix(dCandidate), [{ db: candidateKernel, a: this.previous }]);
    kernels.matmulBackwardB(recurrentKernel, this.previous, asMatrix(dRecurrent));
    this.addWeightGradients();
  }
}

/**
 * A layer of GRU with the reset gate before the product, as it was published (Cho et al. 2014; Keras: `reset_after=False`):
 *
 *     n = tanh(x·Wn + bn + (r ∘ hPrev)·Un)
 *
 * and the rest as in {@link GruAfterLayer}; there is no `candidate_bias`.
 */
export class GruBeforeLayer extends GruLayer {
  forward(): void {
    const { kernels, gateRows, hRows, innerRows, scratch: candidate } = this;
    this.projectInput();
    for (let t = 0; t < gateRows.length; t++) {
      this.projectState(t);
      kernels.gruGates(gateRows[t], this.recurrent, hRows[t], innerRows[t]);
      kernels.fill(candidate, 0);
      if (this.knowsState(t)) kernels.matmul(candidate, innerRows[t], this.candidateKernel);
      kernels.gruOutput(gateRows[t], candidate, hRows[t], hRows[t + 1]);
    }
  }

  backward(): void {
    const { kernels, gateRows, hRows, scratch: dReset } = this;
    const { dRecurrent, dRecurrentRows, dCandidate, dCandidateRows, recurrentKernel, candidateKernel } = this.back!;
    for (let t = gateRows.length - 1; t >= 0; t--) {
      const dPrevious = this.dPrevious(t);
      kernels.gruOutputBackward(gateRows[t], dCandidateRows[t], dPrevious, this.dhRows[t], hRows[t]);
      kernels.fill(dReset, 0);
      kernels.matmulBackwardA(dReset, dCandidateRows[t], this.candidateKernel);
      kernels.gruGatesBackward(gateRows[t], dRecurrentRows[t], dPrevious, dReset, hRows[t]);
      if (t > 0) kernels.matmulBackwardA(dPrevious, dRecurrentRows[t], this.recurrentKernel);
    }
    kernels.matmulBackwardB(candidateKernel, asMatrix(this.inner), asMatrix(dCandidate));
    kernels.matmulBackwardB(recurrentKernel, this.previous, asMatrix(dRecurrent));
    this.addWeightGradients();
  }
}

/** All steps of [T, B, N] as a matrix [T * B, N]. */
function asMatrix(tensor: Tensor): Tensor {
  const [T, B, N] = tensor.shape;
  return tensor.reshape([T * B, N]);
}
