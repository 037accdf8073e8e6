import { UsageError } from '../../errors.ts';

/**
 * Reads `every=100`: how many steps lie between two looks into a network that is being trained.
 * @throws UsageError
 */
export function parseWatch(given: string): number {
  const [, steps] = /^every=([1-9]\d{0,8})$/.exec(given.trim()) ?? [];
  if (steps === undefined) {
    throw new UsageError('Expected every=N, such as every=100: the number of training steps between two snapshots.');
  }
  return Number(steps);
}
