import { benchGenerate } from '../../../bench/generate.ts';
import { REFERENCE, type WorkloadShape } from '../../../bench/workload.ts';
import { digits } from '../../text/numbers.ts';
import { figure, words } from '../../text/table.ts';
import type { Live } from './live.ts';
import type { BenchCall, BenchReport } from './report.ts';
import { oneBackend, shapeOf } from './what-is-measured.ts';

const SECONDS = 1.5;
/** Enough notes of the reference workload that one byte a note would show; fewer where each takes longer, but at least so many. */
const HEAP_NOTES = { reference: 100_000, least: 2_000 };
/** So many times longer than SIMD the plain kernels take. */
const PLAIN_SLOWNESS = 20;

/** `etude bench generate` */
export function generate({ options }: BenchCall, live: Live): Promise<BenchReport> {
  const { seconds = SECONDS } = options;
  const shape = shapeOf(options);
  const backend = oneBackend(options);
  const paths = {
    stateful: 'engine, carrying its state',
    window: `engine, a window of ${shape.seqLength} for each note`,
    'with sampling': 'with sampling and bookkeeping',
  };
  live.table([
    words('One note', paths.window.length),
    words('Backend', 14),
    figure('us', 5),
    figure('10 % - 90 %', 13),
    figure('heap, bytes'),
  ]);
  const rows = benchGenerate({
    backend,
    shape,
    effort: { seconds, samples: 3 },
    heapNotes: heapNotesOf(shape, backend),
    onStage: (stage) => { live.stage(stage); }, // prettier-ignore
    onBegin: (path) => { live.detail(path); }, // prettier-ignore
    onRow: (row) => {
      const { path, backend, microseconds, p10Ms, p90Ms, heapBytesPerNote } = row;
      const spread = `${digits(p10Ms * 1000)} - ${digits(p90Ms * 1000)}`;
      live.row(row, [paths[path], backend, digits(microseconds), spread, digits(Math.round(heapBytesPerNote))]);
    },
  });
  return Promise.resolve({ rows, notes: [] });
}

function heapNotesOf({ hiddenSize, layers }: WorkloadShape, backend: string): number {
  const work = (layers * hiddenSize ** 2) / (REFERENCE.layers * REFERENCE.hiddenSize ** 2);
  const slowness = work * (backend === 'reference' ? PLAIN_SLOWNESS : 1);
  return Math.round(Math.max(HEAP_NOTES.least, HEAP_NOTES.reference / Math.max(1, slowness)));
}
