// Compares two result files of a benchmark: node scripts/bench.mjs compare OLD.json NEW.json
import { EtudeError, UsageError } from '../src/errors.ts';
import { formatTable } from '../src/cli/table.ts';
import { compareResults, type Change } from './comparison.ts';
import { readResult } from './results.ts';

/** Prints what changed, and returns the exit code: 1 when something got slower beyond the noise. */
function main(paths: readonly string[]): number {
  if (paths.length !== 2) throw new UsageError('compare: give two result files, the older one first.');
  const { changes, missing, warnings } = compareResults(readResult(paths[0]), readResult(paths[1]));
  const columns = ['', 'old ms', 'new ms', 'ratio', 'noise'].map((title, column) => ({
    title,
    align: column === 0 ? ('left' as const) : ('right' as const),
  }));
  const rows = changes.map(cells);
  console.log(formatTable([...columns, { title: '' }], rows));
  for (const line of [...warnings, ...missing.map((id) => `Only in one of the files: ${id}`)]) console.error(line);
  const slower = changes.filter(({ verdict }) => verdict === 'slower');
  console.error(
    slower.length === 0
      ? `Nothing of ${changes.length} got slower beyond the noise.`
      : `${slower.length} of ${changes.length} got slower beyond the noise.`,
  );
  return slower.length === 0 ? 0 : 1;
}

function cells({ id, oldMs, newMs, ratio, noise, verdict }: Change): string[] {
  const ms = (value: number): string => value.toPrecision(3);
  return [id, ms(oldMs), ms(newMs), ratio.toFixed(2), `± ${(noise * 100).toFixed(0)} %`, verdict];
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (thrown) {
  if (!(thrown instanceof EtudeError)) throw thrown;
  console.error(thrown.message);
  process.exitCode = thrown instanceof UsageError ? 2 : 1;
}
