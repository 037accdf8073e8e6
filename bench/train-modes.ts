import { messageOf } from '../src/errors.ts';
import { GpuLimitError } from '../src/tensor/index.ts';
import { missingInWords, requestFor, type Mode } from './modes.ts';
import type { Effort } from './timing.ts';
import { TooSlowError } from './too-slow-error.ts';
import { benchTrain, type TrainRow } from './train.ts';
import { VerificationError } from './verification-error.ts';
import type { Watcher } from './watcher.ts';
import type { WorkloadShape } from './workload.ts';

/** A training step in one mode, beside the others. */
export interface ModeRow extends TrainRow {
  device: string;
}

export interface TrainModesOptions extends Pick<Watcher<ModeRow>, 'onStage' | 'onRow'> {
  modes: readonly Mode[];
  shape: WorkloadShape;
  steps?: number;
  effort: Effort;
}

/** A mode whose steps take longer is left out, not waited for. */
const LONGEST_STEP = 30;

/**
 * The training step in every mode that runs here, each verified before it is timed.
 * @returns the rows, and a line for each mode that is missing, does not hold the model, would take too long, or was found wrong
 */
export async function benchTrainModes(options: TrainModesOptions): Promise<{ rows: ModeRow[]; notes: string[] }> {
  const { modes, shape, steps, effort, onStage, onRow } = options;
  const rows: ModeRow[] = [];
  const notes = missingInWords(modes);
  for (const mode of modes.filter(({ missing }) => missing === undefined)) {
    try {
      const measured = await benchTrain({
        ...requestFor(mode),
        shape,
        steps,
        effort,
        longestStep: LONGEST_STEP,
        onStage,
      });
      const row = { ...measured, device: mode.device };
      rows.push(row);
      onRow?.(row);
    } catch (error) {
      // The others can be measured all the same.
      if (![VerificationError, GpuLimitError, TooSlowError].some((kind) => error instanceof kind)) throw error;
      notes.push(`Not measured: ${mode.backend}: ${messageOf(error)}`);
    }
  }
  return { rows, notes };
}
