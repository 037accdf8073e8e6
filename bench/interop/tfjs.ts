// How far exported models in TensorFlow.js, and imported ones here, are from where they came: node scripts/bench.mjs interop/tfjs [--out bench/results/interop-tfjs.json]
import { parseArgs } from 'node:util';
import { runMain } from '../run-main.ts';
import { isInTfjs, measureExport, measureImport } from './measure-tfjs.ts';
import { BOTH_WAYS, ONE_WAY } from './models.ts';
import { report, type Measured } from './report.ts';
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
    if (isInTfjs(spec)) exported.push({ model, difference: await measureExport(tf, spec) });
  }
  report({ exported, imported: await measureImport(SEED) }, { tfjs: tf.version.tfjs }, values.out);
});
