import { benchGenerate } from '../../../bench/generate.ts';
import type { Live } from './live.ts';
import { digits, figure, words, type BenchCall, type BenchReport } from './report.ts';
import { oneBackend, shapeOf } from './train.ts';

const SECONDS = 1.5;
/** Enough notes that one byte a note would show. */
const HEAP_NOTES = 100_000;

/** `etude bench generate` */
export function generate({ options }: BenchCall, live: Live): Promise<BenchReport> {
  const { seconds = SECONDS } = options;
  const shape = shapeOf(options);
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
    backend: oneBackend(options),
    shape,
    effort: { seconds, samples: 3 },
    heapNotes: HEAP_NOTES,
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
