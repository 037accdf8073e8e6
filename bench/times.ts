import { digits } from '../src/text/numbers.ts';
import { figure, type Column } from '../src/text/table.ts';
import type { Row } from './results.ts';

/** The times of a row: median, and from where to where the middle of the samples goes. */
export function times({ medianMs, p10Ms, p90Ms }: Row): string[] {
  return [digits(medianMs), `${digits(p10Ms)} - ${digits(p90Ms)}`];
}

/** What stands over them. */
export const TIME_COLUMNS: readonly Column[] = [figure('ms', 7), figure('10 % - 90 %', 17)];
