import { digits } from '../../src/text/numbers.ts';
import { markdownTable, type Results } from './figures.ts';
import { replaceBetween } from './sections.ts';

/** Puts the table of docs/simd.md between its markers; a page without them stays as it is. */
export function withSimdTable(page: string, results: Results): string {
  return replaceBetween(page, 'results:simd', simdTable(results)) ?? page;
}

/** What joining gives, an operation a line, at the first shape that was measured: a training step's own. */
export function simdTable(results: Results): string {
  const rows = results['kernels-node24']?.rows ?? [];
  const first = rows.filter(({ operation }, index) => rows.findIndex((row) => row.operation === operation) === index);
  const lines = first.flatMap(({ operation, shape }) => {
    const [narrow, wide] = ['simd (relaxed)', 'simd (wide)'].map((backend) =>
      rows.find((row) => row.operation === operation && row.shape === shape && row.backend === backend),
    );
    if (!narrow || !wide) return [];
    const times = [narrow, wide].map(({ medianMs }) => digits(medianMs * 1000));
    return [[`\`${operation} ${shape}\``, ...times, digits(wide.medianMs / narrow.medianMs)]];
  });
  if (lines.length === 0) return 'Not measured yet.';
  return markdownTable(['one thread, Node 24', 'relaxed, us', 'wide, us', 'wide / relaxed'], lines);
}
