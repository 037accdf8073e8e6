import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeWorkload } from '../peers/workload-file.ts';
import type { Row } from '../results.ts';
import type { Effort } from '../timing.ts';
import { FIRST_STEPS, shapeInWords } from '../train.ts';
import type { WorkloadShape } from '../workload.ts';

/** A training step of PyTorch with cuDNN on the same GPU. */
export interface TorchRow extends Row, WorkloadShape {
  /** `PyTorch 2.5.1, cuDNN 90100, TF32` */
  variant: string;
  device: string;
  /** At the steps of FIRST_STEPS, to be compared with those of the other rows. */
  losses: number[];
}

/** What torch_gpu.py prints, a line for each variant. */
type Printed = Pick<TorchRow, 'variant' | 'device' | 'losses' | 'medianMs' | 'p10Ms' | 'p90Ms' | 'samples'>;

/** How far its first two losses may be from ours: TF32 keeps three digits. */
const TOLERANCE = 2e-3;

/**
 * Measures PyTorch, where python3 has it and it finds a GPU; else a note says why not. What trains something else than our
 * engines do is left out, and a note says so.
 *
 * @param folder for the workload's files
 * @param losses what our engines gave at the first two steps
 */
export function measureTorch(
  folder: string,
  shape: WorkloadShape,
  { seconds, samples }: Effort,
  losses: readonly number[],
): { rows: TorchRow[]; notes: string[] } {
  const script = join(import.meta.dirname, 'torch_gpu.py');
  const missing = (why: string) => ({ rows: [], notes: [`PyTorch was not measured: ${why}.`] });
  if (!existsSync(script)) return missing(`${script} is not there`);
  writeWorkload(folder, shape, FIRST_STEPS);
  const { status, stdout, stderr, error } = spawnSync('python3', [script, folder, String(seconds), String(samples)], {
    encoding: 'utf8',
  });
  if (status !== 0) return missing(error?.message ?? stderr.trim().split('\n').at(-1) ?? 'it failed');
  const rows = stdout.trim().split('\n').map((line): TorchRow => {
    const printed = JSON.parse(line) as Printed;
    return { ...printed, ...shape, id: `training step, ${shapeInWords(shape)}, ${printed.variant}` };
  }); // prettier-ignore
  const same = (row: TorchRow): boolean => losses.every((loss, step) => Math.abs(row.losses[step] - loss) <= TOLERANCE);
  const wrong = rows.filter((row) => !same(row));
  return {
    rows: rows.filter(same),
    notes: wrong.map(({ variant, losses }) => `${variant} trains something else: its losses are ${losses.join(', ')}.`),
  };
}
