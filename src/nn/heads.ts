import type { IndexTensor, Kernels, Tensor } from '../tensor/index.ts';
import type { ParameterSet } from './parameters.ts';
import { headSize, type HeadSpec } from './spec.ts';

/**
 * A Dense layer and its loss: `out = hidden · kernel + bias`, then either softmax cross-entropy or the squared error with
 * positive pressure. Losses are means over the rows (nats, or squared units of the feature).
 */
export class Head {
  readonly spec: HeadSpec;
  /** Logits [N, size] or predictions [N, 1], written by `forward`. */
  readonly out: Tensor;
  /** What the rows should have been: class indices, or numbers. The caller fills them before `loss`. */
  readonly targetClasses?: IndexTensor;
  readonly targetValues?: Tensor;

  readonly #kernels: Kernels;
  readonly #wholeRows: number;
  readonly #hidden: Tensor;
  readonly #kernel: Tensor;
  readonly #bias: Tensor;
  readonly #probabilities?: Tensor;
  readonly #training?: { dOut: Tensor; dHidden: Tensor; dKernel: Tensor; dBias: Tensor };

  /**
   * @param hidden [N, H], what the LSTM gives
   * @param training where gradients go; without it the head only runs forward
   * @param wholeRows the rows of the whole batch, over which losses are means: N, or more when this is a part of a batch
   */
  constructor(
    kernels: Kernels,
    spec: HeadSpec,
    hidden: Tensor,
    parameters: ParameterSet,
    training?: { dHidden: Tensor; gradients: ParameterSet },
    wholeRows = hidden.rows,
  ) {
    const { arena } = kernels;
    const size = headSize(spec);
    this.spec = spec;
    this.#wholeRows = wholeRows;
    this.#kernels = kernels;
    this.#hidden = hidden;
    this.#kernel = parameters.get(`heads.${spec.name}.kernel`);
    this.#bias = parameters.get(`heads.${spec.name}.bias`);
    this.out = arena.tensor([hidden.rows, size]);
    if (spec.kind === 'categorical') {
      this.targetClasses = arena.indices([hidden.rows]);
      this.#probabilities = arena.tensor([hidden.rows, size]);
    } else {
      this.targetValues = arena.tensor([hidden.rows, 1]);
    }
    if (training) {
      this.#training = {
        dOut: arena.tensor([hidden.rows, size]),
        dHidden: training.dHidden,
        dKernel: training.gradients.get(`heads.${spec.name}.kernel`),
        dBias: training.gradients.get(`heads.${spec.name}.bias`),
      };
    }
  }

  /** Writes `out`. */
  forward(): void {
    this.#kernels.affine(this.out, this.#bias, this.#hidden, this.#kernel);
  }

  /** The mean loss over the rows (of a part of a batch: its share of the mean over all), unweighted. `forward` must have run and the targets must be set. */
  loss(): number {
    const { spec, out } = this;
    const sum =
      spec.kind === 'categorical'
        ? this.#kernels.softmaxCrossEntropy(this.#probabilities!, out, this.targetClasses!)
        : this.#kernels.mseWithPositivePressure(out, this.targetValues!, spec.positivePressure);
    return sum / this.#wholeRows;
  }

  /** Adds the gradient of `lossWeight` times the mean loss to `dHidden` and the head's parameters. After `loss`. */
  backward(): void {
    const kernels = this.#kernels;
    const { spec, out } = this;
    const { dOut, dHidden, dKernel, dBias } = this.#training!;
    const scale = spec.lossWeight / this.#wholeRows;
    kernels.fill(dOut, 0);
    if (spec.kind === 'categorical') {
      kernels.softmaxCrossEntropyBackward(dOut, this.#probabilities!, this.targetClasses!, scale);
    } else {
      kernels.mseWithPositivePressureBackward(dOut, out, this.targetValues!, spec.positivePressure, scale);
    }
    kernels.affineBackward(dBias, dOut, [{ db: dKernel, a: this.#hidden }]);
    kernels.matmulBackwardA(dHidden, dOut, this.#kernel);
  }
}
