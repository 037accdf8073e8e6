import { headSize, parameterSpecs, type ModelSpec, type NamedArrays, type Sequence } from '../../../src/nn/index.ts';
import { sizeOf } from '../../../src/tensor/index.ts';
import { mulberry32 } from '../../support/generators.ts';

/** Weights for a model, biases too, uniform in [-size, size). */
export function randomWeights(spec: ModelSpec, seed: number, size = 1): NamedArrays {
  const random = mulberry32(seed + 1);
  return Object.fromEntries(
    parameterSpecs(spec).map(({ name, shape }) => [
      name,
      Float32Array.from({ length: sizeOf(shape) }, () => size * (2 * random() - 1)),
    ]),
  );
}

/** A sequence of noise with targets. Its features are exact in float32. */
export function randomSequence(spec: ModelSpec, length: number, seed: number): Sequence {
  const random = mulberry32(seed + 2);
  const classes = (size: number) => Int32Array.from({ length }, () => Math.floor(random() * size));
  const numbers = (count: number) => Float32Array.from({ length: count }, () => 2 * random() - 1);
  return {
    length,
    categories: spec.inputs.categories.map(({ size }) => classes(size)),
    features: numbers(length * spec.inputs.features.length),
    targets: Object.fromEntries(
      spec.heads.map((head) => [head.name, head.kind === 'categorical' ? classes(headSize(head)) : numbers(length)]),
    ),
  };
}
