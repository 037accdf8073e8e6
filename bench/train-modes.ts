import { messageOf } from '../src/errors.ts';
import { GpuLimitError } from '../src/tensor/index.ts';
import { missingInWords, requestFor, type Mode } from './modes.ts';
import type { Effort } from './timing.ts';
import { benchTrain, type TrainRow } from './train.ts';
import { VerificationError } from './verification-error.ts';
import type { WorkloadShape } from './workload.ts';

/** A training step in one mode, beside the others. */
export interface ModeRow extends TrainRow {
  device: string;
}

export interface TrainModesOptions {
  modes: readonly Mode[];
  shape: WorkloadShape;
  steps?: number;
  effort: Effort;
  /** Told before each mode is measured. */
  onMode?(backend: string): void;
}

/**
 * The training step in every mode that runs here, each verified before it is timed.
 * @returns the rows, and a line for each mode that is missing, does not hold the model, or was found wrong
 */
export async function benchTrainModes(options: TrainModesOptions): Promise<{ rows: ModeRow[]; notes: string[] }> {
  const { modes, shape, steps, effort, onMode } = options;
  const rows: ModeRow[] = [];
  const notes = missingInWords(modes);
  for (const mode of modes.filter(({ missing }) => missing === undefined)) {
    onMode?.(mode.backend);
    try {
      rows.push({ ...(await benchTrain({ ...requestFor(mode), shape, steps, effort })), device: mode.device });
    } catch (error) {
      // The others can be measured all the same.
      if (!(error instanceof VerificationError || error instanceof GpuLimitError)) throw error;
      notes.push(`Not measured: ${mode.backend}: ${messageOf(error)}`);
    }
  }
  return { rows, notes };
}
