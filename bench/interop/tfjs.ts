// How far exported models in TensorFlow.js, and imported ones here, are from where they came: node scripts/bench.mjs interop/tfjs [--out bench/results/interop-tfjs.json]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatTable } from '../../src/text/table.ts';
import { describeMachine } from '../machine.ts';
import { significant } from '../results.ts';
import { runMain } from '../run-main.ts';
import { isInTfjs, measureExport, measureImport, type Measured } from './measure-tfjs.ts';
import { BOTH_WAYS, ONE_WAY } from './models.ts';
import { tfjsHere } from './tfjs-model.ts';

const { values } = parseArgs({ options: { out: { type: 'string' } } });

/** Of the networks that TensorFlow.js makes. */
const SEED = 7;

await runMain(async () => {
  const tf = await tfjsHere();
  if (tf === undefined) {
    console.log('Nothing is measured: TensorFlow.js is not here (npm ci --ignore-scripts --prefix bench/peers).');
    return;
  }
  const exported: Measured[] = [];
  for (const [model, spec] of Object.entries({ ...ONE_WAY, ...BOTH_WAYS })) {
    if (isInTfjs(spec)) exported.push({ model, difference: significant(await measureExport(tf, spec)) });
  }
  const imported = (await measureImport(SEED)).map(({ model, difference }) => ({ model, difference: significant(difference) })); // prettier-ignore
  const columns = [{ title: 'model' }, { title: 'difference' }];
  const rows = [...exported, ...imported].map(({ model, difference }) => [model, difference.toExponential(1)]);
  console.log(formatTable(columns, rows, String));
  const largest = { exported: worstOf(exported), imported: worstOf(imported) };
  console.log(`largest: ${largest.exported.toExponential(1)} exported, ${largest.imported.toExponential(1)} imported`);
  if (values.out === undefined) return;
  const { node, etude } = describeMachine();
  const result = { node, etude, tfjs: tf.version.tfjs, largest, exported, imported };
  writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
});

function worstOf(measured: readonly Measured[]): number {
  return Math.max(...measured.map(({ difference }) => difference));
}
