import { headNames, parseCodings, type CodecSpec } from '../midi/index.ts';
import type { Settings } from './settings.ts';

/**
 * What settings say about a codec: all but what is fitted.
 * @throws UsageError when they do not go together
 */
export function codingsOf({
  pitch,
  step,
  duration,
  velocity,
  embedding,
  order,
  ends,
}: Settings): Omit<CodecSpec, 'bins'> {
  const heads = headNames({ velocity });
  return parseCodings({
    pitch,
    step,
    duration,
    velocity,
    ...(embedding !== null && { embedding }),
    // One order serves with and without loudness.
    ...(order !== null && { order: order.split(',').filter((name) => name !== 'velocity' || heads.includes(name)) }),
    // How long pieces are is fitted.
    ...(ends && { ends: { notes: 0 } }),
  });
}
