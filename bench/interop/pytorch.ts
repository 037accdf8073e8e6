// How far exported models in PyTorch, and imported ones here, are from where they came: node scripts/bench.mjs interop/pytorch [--out bench/results/interop-pytorch.json]
import { parseArgs } from 'node:util';
import { runMain } from '../run-main.ts';
import { isShared, measureExport, measureImport, pytorchHere } from './measure-pytorch.ts';
import { BOTH_WAYS, ONE_WAY } from './models.ts';
import { report } from './report.ts';

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
  const exported = await measureExport(specs);
  report({ exported, imported: await measureImport(SEED) }, { pytorch }, values.out);
});
