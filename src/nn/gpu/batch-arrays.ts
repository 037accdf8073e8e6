import { UsageError } from '../../errors.ts';
import { ShapeError, type Random } from '../../tensor/index.ts';
import type { Batch } from '../batch.ts';
import {
  assertLength,
  assertUsable,
  expectedCategory,
  expectedFeature,
  expectedTarget,
  type Expected,
} from '../input-checks.ts';
import type { SequenceShape } from '../cells/cell.ts';
import { headSize } from '../spec.ts';
import type { GpuLayout } from './layout.ts';

/** A batch as the kernels see it. */
export interface BatchArrays {
  /** [T, B, categories + features]; a category is the number of its row in the pack. */
  entries: Float32Array;
  /** [seen, B, heads] */
  targets: Float32Array;
}

/**
 * Lays out a batch and checks it.
 * @throws ShapeError when it has another size, other steps, or arrays of other lengths
 * @throws InputError when a class does not exist, or a number is not finite
 */
export function batchArrays(layout: GpuLayout, batch: Batch): BatchArrays {
  const { spec, shape, seen, entries: width } = layout;
  const rows = shape.batchSize * shape.steps;
  if (batch.steps !== shape.steps || batch.size !== shape.batchSize) {
    throw new ShapeError(
      `network: laid out for ${shape.batchSize} sequences of ${shape.steps} steps, got ${batch.size} of ${batch.steps}.`,
    );
  }
  if (batch.lengths || batch.asked || batch.weights) {
    throw new UsageError(
      'The GPU engine cannot train on sequences of several lengths or weights yet; backend "simd" can.',
    );
  }
  if (batch.carry) throw new UsageError('The GPU engine does not carry states over windows yet; backend "simd" does.');
  const entries = new Float32Array(rows * width);
  let row = 0;
  spec.inputs.categories.forEach(({ size }, k) => {
    const classes = checked(batch.categories[k], rows, [expectedCategory(spec, k)], shape);
    for (let at = 0; at < rows; at++) entries[at * width + k] = row + classes[at];
    row += size;
  });
  const [C, F] = [spec.inputs.categories.length, spec.inputs.features.length];
  if (F > 0) {
    const columns = spec.inputs.features.map((_, f) => expectedFeature(spec, f));
    const features = checked(batch.features, rows * F, columns, shape);
    for (let at = 0; at < rows; at++) {
      for (let f = 0; f < F; f++) entries[at * width + C + f] = features[at * F + f];
    }
  }
  const targets = new Float32Array(seen * shape.batchSize * spec.heads.length);
  spec.heads.forEach((head, k) => {
    const values = checked(
      batch.targets?.[head.name],
      seen * shape.batchSize,
      [{ ...expectedTarget(head), ignorable: undefined }],
      shape,
    );
    for (let at = 0; at < values.length; at++) targets[at * spec.heads.length + k] = values[at];
  });
  return { entries, targets };
}

/** Draws the masks of all layers for one training step, in the order of `Dropout`: [T, B, layers · H]. */
export function drawMasks({ spec, shape }: GpuLayout, random: Random): Float32Array {
  const { layers, hiddenSize: H, dropout } = spec.lstm;
  const rows = shape.steps * shape.batchSize;
  const masks = new Float32Array(rows * layers * H);
  const keep = 1 / (1 - dropout);
  const threshold = dropout * 2 ** 32;
  for (let layer = 0; layer < layers; layer++) {
    for (let row = 0; row < rows; row++) {
      const at = row * layers * H + layer * H;
      for (let j = 0; j < H; j++) masks[at + j] = random.bits() < threshold ? 0 : keep;
    }
  }
  return masks;
}

/** What the heads are, [heads, 5], and which head each of their columns belongs to, [Q]; see `HeadConstants`. */
export function headArrays({ spec, heads, shape, seen }: GpuLayout): { heads: Float32Array; columns: Float32Array } {
  const rows = seen * shape.batchSize;
  const described = spec.heads.flatMap((head, k) => {
    const scalar = head.kind === 'scalar';
    return [
      heads.starts[k],
      headSize(head),
      Number(scalar),
      scalar ? head.positivePressure : 0,
      head.lossWeight / rows,
    ];
  });
  const columns = spec.heads.flatMap((head, k) => Array<number>(headSize(head)).fill(k));
  return { heads: Float32Array.from(described), columns: Float32Array.from(columns) };
}

/** Arrays behind one another; a single one is given back as it is. */
export function concat(arrays: readonly Float32Array[]): Float32Array {
  if (arrays.length === 1) return arrays[0];
  const whole = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.length;
  }
  return whole;
}

/** The numbers themselves, when there are as many as there should be and a network can take them all. */
function checked(
  source: ArrayLike<number> | undefined,
  length: number,
  columns: Expected[],
  { batchSize }: SequenceShape,
): ArrayLike<number> {
  assertLength(source, length, columns[0]);
  assertUsable(source!, columns, batchSize);
  return source!;
}
