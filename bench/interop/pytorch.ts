// How far exported models in PyTorch, and imported ones here, are from where they came: node scripts/bench.mjs interop/pytorch [--out bench/results/interop-pytorch.json]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatTable } from '../../src/text/table.ts';
import { describeMachine } from '../machine.ts';
import { significant } from '../results.ts';
import { runMain } from '../run-main.ts';
import { isShared, measureExport, measureImport, pytorchHere, type Measured } from './measure-pytorch.ts';
import { BOTH_WAYS, ONE_WAY } from './models.ts';

const { values } = parseArgs({ options: { out: { type: 'string' } } });

/** Of the networks that PyTorch makes. */
const SEED = 7;

await runMain(async () => {
  const pytorch = pytorchHere();
  if (pytorch === undefined) {
    console.log('Nothing is measured: PyTorch is not here (apt-get install python3-torch).');
    return;
  }
  const specs = Object.fromEntries(Object.entries({ ...ONE_WAY, ...BOTH_WAYS }).filter(([, spec]) => isShared(spec)));
  const exported = rounded(await measureExport(specs));
  const imported = rounded(await measureImport(SEED));
  const columns = [{ title: 'model' }, { title: 'difference' }];
  const rows = [...exported, ...imported].map(({ model, difference }) => [model, difference.toExponential(1)]);
  console.log(formatTable(columns, rows, String));
  const largest = { exported: worstOf(exported), imported: worstOf(imported) };
  console.log(`largest: ${largest.exported.toExponential(1)} exported, ${largest.imported.toExponential(1)} imported`);
  if (values.out === undefined) return;
  const { node, etude } = describeMachine();
  writeFileSync(values.out, `${JSON.stringify({ node, etude, pytorch, largest, exported, imported }, null, 2)}\n`);
});

function rounded(measured: Measured[]): Measured[] {
  return measured.map(({ model, difference }) => ({ model, difference: significant(difference) }));
}

function worstOf(measured: readonly Measured[]): number {
  return Math.max(...measured.map(({ difference }) => difference));
}
