import { DataError } from '../../src/errors.ts';
import { counted } from '../../src/text/words.ts';
import { markdownTable } from './figures.ts';
import { replaceBetween } from './sections.ts';

/** Outcomes of some tests. */
export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The tests on one engine or browser: by part of the library, and the files in which some failed. */
export interface PlatformOutcome {
  parts: Record<string, TestCounts>;
  failed: Record<string, { tests: number; first: string }>;
}

/** What scripts/features.mjs writes. */
export interface Features {
  /** By backend, then by operation. */
  operations: Record<string, Record<string, TestCounts>>;
  /** `road` is `same bits`, `same losses`, or what went wrong on the way. */
  engines: Record<string, PlatformOutcome & { road: string }>;
  browsers: Record<string, PlatformOutcome>;
}

/**
 * Puts the tables of FEATURES.md between their markers.
 * @throws DataError when one of them has no place
 */
export function withFeatureTables(page: string, features: Features): string {
  const tables = {
    kernels: operationTable(features, (backend) => !backend.startsWith('gpu-')),
    gpu: operationTable(features, (backend) => backend.startsWith('gpu-')),
    engines: platformTable(features.engines),
    browsers: platformTable(features.browsers),
    failures: failureList({ ...features.engines, ...features.browsers }),
  };
  return Object.entries(tables).reduce((text, [name, table]) => {
    const replaced = replaceBetween(text, `results:${name}`, table);
    if (replaced === undefined) throw new DataError(`FEATURES.md: the markers "results:${name}" are missing.`);
    return replaced;
  }, page);
}

/** An operation a line, a backend a column. */
function operationTable({ operations }: Features, isShown: (backend: string) => boolean): string {
  const backends = Object.keys(operations).filter(isShown);
  const names = [...new Set(backends.flatMap((backend) => Object.keys(operations[backend])))];
  if (names.length === 0) return 'Not tested yet.';
  const lines = names.map((name) => [name, ...backends.map((backend) => outcome(operations[backend][name]))]);
  return markdownTable(['tests that passed', ...backends], lines);
}

/** An engine or a browser a line, a part of the library a column. */
function platformTable(platforms: Record<string, PlatformOutcome & { road?: string }>): string {
  const names = Object.keys(platforms).sort();
  if (names.length === 0) return 'Not tested yet.';
  const parts = [...new Set(names.flatMap((name) => Object.keys(platforms[name].parts)))].sort();
  const walked = names.some((name) => platforms[name].road !== undefined);
  const lines = names.map((name) => {
    const { parts: counts, road } = platforms[name];
    return [name, ...parts.map((part) => outcome(counts[part])), ...(walked ? [road ?? 'not tried'] : [])];
  });
  return markdownTable(['tests that passed', ...parts, ...(walked ? ['the road, beside Node'] : [])], lines);
}

/** `12` when all passed; what was skipped or failed is said. */
function outcome(counts: TestCounts | undefined): string {
  if (!counts) return 'not tested';
  const { passed, failed, skipped } = counts;
  if (passed === 0 && failed === 0) return 'skipped';
  return [`${passed}`, ...(failed > 0 ? [`**${failed} failed**`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', '); // prettier-ignore
}

/** What failed, a file a line, with the first message of its tests. */
function failureList(platforms: Record<string, PlatformOutcome>): string {
  const lines = Object.entries(platforms).flatMap(([name, { failed }]) =>
    Object.entries(failed).map(([file, { tests, first }]) => [
      name,
      `\`${file}\``,
      counted(tests, 'test'),
      cell(first),
    ]),
  );
  if (lines.length === 0) return 'No test failed.';
  return markdownTable(['where', 'file', 'failed', 'the first message'], lines);
}

/** A message as the cell of a table. */
function cell(message: string): string {
  return message.replaceAll('|', '\\|').replaceAll('<', '&lt;').trim();
}
