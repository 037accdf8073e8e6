import { UsageError } from '../../errors.ts';
import { isMeter } from '../../midi/beats.ts';
import type { Meter } from '../../midi/types.ts';
import { READINGS } from '../reading-options.ts';

/** Whose mistakes to repeat: those of the tutorial in generating, those of pretty_midi in reading the primer. */
export interface Compat {
  tutorial: boolean;
  reading: (typeof READINGS)[number] | undefined;
}

/** @throws UsageError */
export function parseCompat(given: string): Compat {
  const words = given.split(',').map((word) => word.trim());
  const readings = words.filter((word) => word !== 'tutorial');
  const reading = READINGS.find((word) => word === readings[0]);
  if (readings.length <= 1 && words.length <= 2 && reading === readings[0] && new Set(words).size === words.length) {
    return { tutorial: words.includes('tutorial'), reading };
  }
  throw new UsageError(
    'Expected tutorial, pretty_midi or none; or tutorial and one of the others with a comma between.',
  );
}

/** `3/4`. @throws UsageError */
export function parseMeter(given: string): Meter {
  const meter = given.split('/').map(Number);
  if (isMeter(meter)) return meter;
  throw new UsageError('Expected a time signature such as 3/4 or 6/8.');
}
