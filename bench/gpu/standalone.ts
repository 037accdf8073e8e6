// The benchmark of the GPU as one file, to be carried to a machine with one; scripts/gpu-bundle.mjs makes the bundle.
//   node etude-gpu-bench.mjs [--seconds X] [--out FILE] [--small]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { digits } from '../../src/text/numbers.ts';
import { formatTable } from '../../src/text/table.ts';
import { watchLoad } from '../machine.ts';
import { listModes, type Mode } from '../modes.ts';
import { formatResult, resultFile } from '../results.ts';
import { stepTable } from '../step-table.ts';
import { shapeInWords } from '../train.ts';
import { benchTrainModes, type ModeRow } from '../train-modes.ts';
import { LARGE, REFERENCE, type WorkloadShape } from '../workload.ts';
import { benchGpuKernels, type GpuKernelRow } from './bench-gpu-kernels.ts';
import { measureTorch, type TorchRow } from './torch.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, out: { type: 'string' }, small: { type: 'boolean', default: false } },
});
/** Enough to run every line, and too little to mean anything. */
const TINY_SHAPE: WorkloadShape = { batchSize: 8, seqLength: 6, hiddenSize: 16, layers: 2 };
const shapes = values.small ? [TINY_SHAPE] : [REFERENCE, LARGE];
const seconds = Number(values.seconds ?? (values.small ? 0 : 5));
const folder = mkdtempSync(join(tmpdir(), 'etude-gpu-'));
const load = watchLoad();
const modes = await listModes();
const rows: (ModeRow | GpuKernelRow | TorchRow)[] = [];
const notes = new Set<string>();
for (const shape of shapes) {
  const chosen = modes.map((mode) => unlessHopeless(mode, shape));
  const onStage = (words: string): void => console.error(`${shapeInWords(shape)}: ${words}`);
  const effort = { seconds, samples: values.small ? 2 : 10 };
  const kernels = await benchGpuKernels({
    modes: chosen,
    shape,
    effort: { ...effort, seconds: seconds / 5 },
    onBegin: onStage,
  });
  const steps = await benchTrainModes({ modes: chosen, shape, effort, onStage });
  const torch = measureTorch(folder, shape, effort, steps.rows[0].losses.slice(0, 2));
  for (const note of [...kernels.notes, ...steps.notes, ...torch.notes]) notes.add(note);
  rows.push(...kernels.rows, ...steps.rows, ...torch.rows);
  report(shape, kernels.rows, steps.rows, torch.rows);
}
rmSync(folder, { recursive: true });
for (const note of notes) console.log(note);
const result = formatResult(resultFile('gpu', rows, load(), { notes: [...notes] }));
if (values.out === undefined) console.log(result);
else writeFileSync(values.out, result);

/** At the large shape the processor takes minutes for a step unless it does it with our SIMD kernels. */
function unlessHopeless(mode: Mode, { hiddenSize }: WorkloadShape): Mode {
  const slow = mode.software && mode.backend !== 'simd-relaxed';
  return slow && mode.missing === undefined && hiddenSize === LARGE.hiddenSize ? { ...mode, missing: 'too slow for a model of this size' } : mode; // prettier-ignore
}

function report(shape: WorkloadShape, kernels: GpuKernelRow[], steps: ModeRow[], torch: TorchRow[]): void {
  console.log(`\n${shapeInWords(shape)}\n`);
  const columns = ['kernel', 'mode', 'ms', 'GFLOP/s'].map((title) => ({ title }));
  const cells = kernels.map(({ operation, backend, medianMs, gflops }) => [operation, backend, digits(medianMs), digits(gflops)]); // prettier-ignore
  console.log(formatTable(columns, cells));
  const table = stepTable(steps);
  console.log(`\n${formatTable(table.columns, table.rows)}\n`);
  for (const { variant, device, medianMs } of torch) {
    console.log(`${variant} on ${device}: ${digits(medianMs)} ms a step`);
    for (const step of steps.filter(({ backend }) => backend.startsWith('gpu.js web'))) {
      console.log(`  ${step.backend} takes ${digits(step.medianMs / medianMs)} times as long`);
    }
  }
}
