import { DataError } from '../../src/errors.ts';
import type { Results } from './figures.ts';
import { readmeSection } from './readme.ts';
import { SECTIONS } from './tables.ts';

/** Puts the README's performance section between its markers; a README without them stays as it is. */
export function withReadmeSection(readme: string, results: Results): string {
  return replaceBetween(readme, 'performance', readmeSection(results)) ?? readme;
}

/**
 * Puts every table of docs/performance.md between its markers.
 * @throws DataError when one of them has no place
 */
export function withTables(page: string, results: Results): string {
  return Object.entries(SECTIONS).reduce((text, [name, write]) => {
    const replaced = replaceBetween(text, `results:${name}`, write(results));
    if (replaced === undefined) throw new DataError(`docs/performance.md: the markers "results:${name}" are missing.`);
    return replaced;
  }, page);
}

/** The text with what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->` replaced; undefined without them. */
export function replaceBetween(text: string, name: string, content: string): string | undefined {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) return undefined;
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}
