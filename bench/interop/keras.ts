// How far imported models of Keras are from what Keras's definitions say: node scripts/bench.mjs interop/keras [--out bench/results/interop-keras.json]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { importKeras } from '../../src/interop/node.ts';
import { formatTable } from '../../src/text/table.ts';
import { describeMachine } from '../machine.ts';
import { significant } from '../results.ts';
import { runMain } from '../run-main.ts';
import { cases, kerasFile, saidBy, type KerasCase } from './keras-cases.ts';
import { largestDifference } from './ours.ts';

const { values } = parseArgs({ options: { out: { type: 'string' } } });

await runMain(async () => {
  const imported: { model: string; difference: number }[] = [];
  for (const network of cases) imported.push({ model: network.name, difference: significant(await measure(network)) });
  const largest = Math.max(...imported.map(({ difference }) => difference));
  const rows = imported.map(({ model, difference }) => [model, difference.toExponential(1)]);
  console.log(formatTable([{ title: 'model' }, { title: 'difference' }], rows, String));
  console.log(`largest: ${largest.toExponential(1)}`);
  if (values.out === undefined) return;
  const { node, etude } = describeMachine();
  writeFileSync(values.out, `${JSON.stringify({ node, etude, largest, imported }, null, 2)}\n`);
});

/** Over all heads of a network, relative to numbers above 1. */
async function measure(network: KerasCase): Promise<number> {
  const said = saidBy(await importKeras(kerasFile(`${network.name}.keras`)), network);
  const differences = Object.entries(network.heads).map(([name, expected]) =>
    largestDifference(said[name].flat(2), expected.flat(2)),
  );
  return Math.max(...differences);
}
