import { benchGenerate } from '../../../bench/generate.ts';
import { digits, figure, type BenchCall, type BenchReport } from './report.ts';
import { oneBackend, shapeOf } from './train.ts';

const SECONDS = 1.5;
/** Enough notes that one byte a note would show. */
const HEAP_NOTES = 100_000;

/** `etude bench generate` */
export function generate({ options }: BenchCall): Promise<BenchReport> {
  const { seconds = SECONDS } = options;
  const shape = shapeOf(options);
  const rows = benchGenerate({
    backend: oneBackend(options),
    shape,
    effort: { seconds, samples: 3 },
    heapNotes: HEAP_NOTES,
  });
  const words = {
    stateful: 'engine, carrying its state',
    window: `engine, a window of ${shape.seqLength} for each note`,
    'with sampling': 'with sampling and bookkeeping',
  };
  const columns = [
    { title: 'One note' },
    { title: 'Backend' },
    figure('us'),
    figure('10 % - 90 %'),
    figure('heap, bytes'),
  ];
  return Promise.resolve({
    rows,
    tables: [
      {
        columns,
        rows: rows.map(({ path, backend, microseconds, p10Ms, p90Ms, heapBytesPerNote }) => [
          words[path],
          backend,
          digits(microseconds),
          `${digits(p10Ms * 1000)} - ${digits(p90Ms * 1000)}`,
          digits(Math.round(heapBytesPerNote)),
        ]),
      },
    ],
    notes: [],
  });
}
