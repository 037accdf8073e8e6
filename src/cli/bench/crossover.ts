import { BATCH_SIZES, benchCrossover, HIDDEN_SIZES, type CrossoverRow } from '../../../bench/crossover.ts';
import { listModes, requestFor, type Mode } from '../../../bench/modes.ts';
import { REFERENCE } from '../../../bench/workload.ts';
import { UsageError } from '../../errors.ts';
import type { CrossoverPoint } from '../../nn/gpu/knowledge.ts';
import { modeOf, type GpuBackend } from '../../tensor/gpu/modes.ts';
import { digits } from '../../text/numbers.ts';
import { figure, words } from '../../text/table.ts';
import { counted } from '../../text/words.ts';
import { cacheFolder } from '../cache-folder.ts';
import { forgetGpuKnowledge, writeGpuKnowledge } from '../gpu-knowledge.ts';
import type { Live } from './live.ts';
import { patienceFor, type BenchCall, type BenchReport } from './report.ts';

const SECONDS = 0.5;

/** `etude bench crossover`, which is also `etude bench --crossover`. */
export async function crossover({ options, terminal }: BenchCall, live: Live): Promise<BenchReport> {
  const { backend = 'gpu', seconds = SECONDS, layers = REFERENCE.layers, seqLength = REFERENCE.seqLength } = options;
  const cacheDir = cacheFolder(options.cache, terminal.io.env);
  live.stage('Looking for a GPU');
  const found = chooseGpu(backend, await listModes());
  if (typeof found === 'string') {
    if (cacheDir !== undefined) forgetGpuKnowledge(cacheDir);
    return { rows: [], notes: [`${found} --backend auto stays simd.`] };
  }
  live.table(COLUMNS);
  const { rows, frontier, engine } = await benchCrossover({
    gpu: requestFor(found),
    layers,
    seqLength,
    effort: { seconds, samples: 2, patience: patienceFor(seconds) },
    onStage: (stage) => { live.stage(stage); }, // prettier-ignore
    onBegin: (size) => { live.detail(size); }, // prettier-ignore
    onRow: (row) => { live.row(row, cells(row)); }, // prettier-ignore
  });
  const knowledge = { backend: found.backend as GpuBackend, device: found.device, frontier };
  const file = cacheDir === undefined ? undefined : writeGpuKnowledge(cacheDir, knowledge);
  return {
    rows,
    extra: { engine, ...knowledge },
    notes: [
      `Measured with ${engine}, ${layers === 1 ? 'one layer' : `${layers} layers`}, ${counted(seqLength, 'step')}.`,
      frontierInWords(frontier),
      file === undefined ? 'Nothing was remembered: there is no cache folder.' : `Remembered for --backend auto in ${file}.`, // prettier-ignore
    ],
  };
}

/** The mode to measure, or a sentence why there is none. */
export function chooseGpu(backend: string, modes: readonly Mode[]): Mode | string {
  const ofGpu = modes.filter((mode) => mode.backend.startsWith('gpu-'));
  if (backend === 'gpu') {
    // Beside real GPUs SwiftShader and the processor are not asked: they lose.
    const real = ofGpu.find(({ missing, software }) => missing === undefined && !software);
    const why = ofGpu.slice(0, 3).map((mode) => `${mode.backend}: ${mode.missing ?? `${mode.device} is no GPU but a program`}`); // prettier-ignore
    return real ?? `No GPU to be used here (${why.join('; ')}).`;
  }
  const mode = ofGpu.find((candidate) => candidate.backend === backend);
  if (!mode) throw new UsageError(`--backend ${backend}: the crossover is looked for with gpu or gpu-MODE.`);
  return mode.missing === undefined ? mode : `${modeOf(backend as GpuBackend)} does not run here: ${mode.missing}.`;
}

const COLUMNS = [figure('batch'), figure('units H'), figure('SIMD, ms'), figure('GPU, ms', 8), words('faster', 4)];

function cells({ batchSize, hiddenSize, simdMs, gpuMs }: CrossoverRow): string[] {
  return [String(batchSize), String(hiddenSize), digits(simdMs), digits(gpuMs), gpuMs < simdMs ? 'GPU' : 'SIMD'];
}

/** Where the GPU wins, in a sentence. */
export function frontierInWords(frontier: readonly CrossoverPoint[]): string {
  if (frontier.length === 0) {
    return `SIMD is faster up to ${HIDDEN_SIZES.at(-1)} units and batches of ${BATCH_SIZES.at(-1)}: --backend auto stays simd.`;
  }
  const corners = frontier.filter(({ hiddenSize }, index) => hiddenSize !== frontier[index - 1]?.hiddenSize);
  const each = corners.map(({ batchSize, hiddenSize }) => `${hiddenSize} units with batches of ${batchSize}`);
  return `The GPU wins from ${each.join(', from ')} on: --backend auto takes it there.`;
}
