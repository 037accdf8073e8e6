import { writeFileSync } from 'node:fs';
import { formatTable } from '../../src/text/table.ts';
import { describeMachine } from '../machine.ts';
import { significant } from '../results.ts';

/** A model by its name, and the largest difference between what another program says and what we say, relative to numbers above 1. */
export interface Measured {
  model: string;
  difference: number;
}

/**
 * Prints what was measured of models that went out and came in, and writes it into a result file if one is named.
 * @param version of the other program, under its name
 */
export function report(measured: { exported: Measured[]; imported: Measured[] }, version: Record<string, string>, out?: string): void {
  const [exported, imported] = [measured.exported, measured.imported].map(rounded);
  const columns = [{ title: 'model' }, { title: 'difference' }];
  const rows = [...exported, ...imported].map(({ model, difference }) => [model, difference.toExponential(1)]);
  console.log(formatTable(columns, rows, String));
  const largest = { exported: worstOf(exported), imported: worstOf(imported) };
  console.log(`largest: ${largest.exported.toExponential(1)} exported, ${largest.imported.toExponential(1)} imported`);
  if (out === undefined) return;
  const { node, etude } = describeMachine();
  writeFileSync(out, `${JSON.stringify({ node, etude, ...version, largest, exported, imported }, null, 2)}\n`);
} // prettier-ignore

function rounded(measured: readonly Measured[]): Measured[] {
  return measured.map(({ model, difference }) => ({ model, difference: significant(difference) }));
}

function worstOf(measured: readonly Measured[]): number {
  return Math.max(...measured.map(({ difference }) => difference));
}
