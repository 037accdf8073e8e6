import { Random } from '../../tensor/random.ts';
import type { SimdKernels } from '../../tensor/simd/kernels.ts';
import { Network } from '../network.ts';
import type { ParameterSet } from '../parameters.ts';
import type { ModelSpec } from '../spec.ts';
import type { PartShape } from './protocol.ts';

/** One thread's part of every batch: its networks, laid out for its share of the sequences. */
export class Part {
  readonly shape: PartShape;
  readonly training: Network;
  readonly evaluation: Network;
  readonly gradients: ParameterSet;
  readonly #kernels: SimdKernels;
  readonly #dropout = new Random([1, 0, 0, 0]);

  constructor(
    kernels: SimdKernels,
    spec: ModelSpec,
    shape: PartShape,
    parameters: ParameterSet,
    gradients: ParameterSet,
  ) {
    const { steps, train, evaluate } = shape;
    this.shape = shape;
    this.#kernels = kernels;
    this.gradients = gradients;
    this.training = new Network(kernels, spec, { batchSize: train.count, steps }, parameters, {
      training: { gradients, dropout: this.#dropout },
      wholeBatch: train.of,
    });
    this.evaluation = new Network(kernels, spec, { batchSize: evaluate.count, steps }, parameters, {
      lossOn: spec.evaluateOn ?? 'last',
      wholeBatch: evaluate.of,
    });
    // What a part takes must not depend on what it is asked for first: the next part's memory begins behind it.
    const losses = new Float64Array(spec.heads.length);
    kernels.rehearse(() => {
      for (const goesOn of [true, false]) {
        this.train(losses, goesOn);
        this.evaluate(losses, goesOn);
      }
    });
  }

  /** Sets the stream from which dropout draws, to four words of which the last is not 0. */
  seed(words: Int32Array): void {
    this.#dropout.restore([words[0] >>> 0, words[1] >>> 0, words[2] >>> 0, words[3] >>> 0]);
  }

  /**
   * Forward and back over the loaded sequences: writes this part's gradient and its share of the losses.
   * @param goesOn whether they begin with the states that stand in the network, or with zeros
   */
  train(losses: Float64Array, goesOn = false): void {
    begin(this.training, goesOn);
    this.#kernels.fill(this.gradients.flat, 0);
    this.training.forward();
    losses.set(this.training.losses());
    this.training.backward();
  }

  /** Forward over the sequences loaded for evaluation. */
  evaluate(losses: Float64Array, goesOn = false): void {
    begin(this.evaluation, goesOn);
    this.evaluation.forward();
    losses.set(this.evaluation.losses());
  }
}

function begin(network: Network, goesOn: boolean): void {
  if (goesOn) network.keepState();
  else network.resetState();
}
