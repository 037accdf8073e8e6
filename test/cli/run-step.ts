import { readCheckpoint } from '../../src/cli/run-folder.ts';

/** How many training steps the newest checkpoint of a run stands after. */
export const stepOf = (run: string): number => readCheckpoint(run, 'last').training!.trainer.step;
