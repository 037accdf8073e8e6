import { UsageError } from '../../errors.ts';
import type { HeadSpec } from '../spec.ts';
import { categorical } from './categorical.ts';
import { gaussian, mixture } from './likelihood.ts';
import type { Loss } from './loss.ts';
import { absolute, binary, huber, squared } from './pointwise.ts';
import { quantile } from './quantile.ts';

/** Losses of one's own by the names that heads call them. */
export type OwnLosses = Readonly<Record<string, Loss>>;

/**
 * The loss of a head.
 * @throws UsageError where the head has a loss of one's own that was not given, or that reads other outputs than the head has
 */
export function lossOf(head: HeadSpec, own: OwnLosses = {}): Loss {
  if (head.kind === 'categorical') return categorical(head.size, head);
  if (head.kind === 'scalar') return squared(1, head.positivePressure);
  const { size, loss } = head;
  switch (loss.kind) {
    case 'squared':
      return squared(size, loss.positivePressure);
    case 'absolute':
      return absolute(size);
    case 'huber':
      return huber(size, loss.delta);
    case 'binary':
      return binary(size);
    case 'quantile':
      return quantile(size, loss.levels);
    case 'gaussian':
      return gaussian(size);
    case 'mixture':
      return mixture(size, loss.components);
    case 'own':
      return ownLoss(head.name, size, loss, own);
  }
}

function ownLoss(head: string, size: number, { name, outputs }: { name: string; outputs: number }, own: OwnLosses): Loss {
  if (!Object.hasOwn(own, name)) {
    const known = Object.keys(own).join(', ') || 'none';
    throw new UsageError(`heads ${head}: its loss "${name}" is not one of Etude's; give it as losses: { ${name} }. Given: ${known}.`);
  }
  const loss = own[name];
  if (loss.outputs === outputs && loss.targets === size) return loss;
  throw new UsageError(
    `heads ${head}: it has ${outputs} outputs for ${size} numbers, and its loss "${name}" reads ${loss.outputs} for ${loss.targets}.`,
  );
} // prettier-ignore
