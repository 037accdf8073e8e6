import { formatCount } from '../text/words.ts';

/** What one of two checkpoints is called: `step 1,200`, or its file where that does not know how long it was trained. */
export function checkpointName({ path, step }: { path: string; step: number | null }): string {
  return step === null ? path : `training step ${formatCount(step)}`;
}
