import { EtudeError } from '../errors.ts';

/** The sizes of a tensor's axes, outermost first. An empty shape is a scalar. */
export type Shape = readonly number[];

/** Tensors whose sizes do not fit together, or a size that is no size. */
export class ShapeError extends EtudeError {
  override name = 'ShapeError';
}

/** The number of elements of `shape`: the product of its sizes, 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** `[64, 25, 3]`, as it stands in error messages and summaries. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** @throws ShapeError unless every size of `shape` is a whole number of at least 0. */
export function assertValidShape(shape: Shape, where: string): void {
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < 0) {
      throw new ShapeError(
        `${where}: ${formatShape(shape)} is no shape; every size must be a whole number, 0 or more.`,
      );
    }
  }
}

/**
 * Compares a shape with the one an operation needs.
 *
 * @param where the operation and the operand, for instance `matmul: b`
 * @param hint what the caller can do about a difference
 * @throws ShapeError that names both shapes
 */
export function assertShape(where: string, actual: Shape, expected: Shape, hint = ''): void {
  if (actual.length === expected.length && actual.every((n, axis) => n === expected[axis])) return;
  throw new ShapeError(`${where}: expected ${formatShape(expected)}, got ${formatShape(actual)}.${hint && ` ${hint}`}`);
}
