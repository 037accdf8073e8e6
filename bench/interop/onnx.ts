// How far an exported model in onnxruntime is from Etude: node scripts/bench.mjs interop/onnx [--out bench/results/interop-onnx.json]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { env } from 'onnxruntime-web';
import { messageOf } from '../../src/errors.ts';
import { formatTable } from '../../src/text/table.ts';
import { describeMachine } from '../machine.ts';
import { significant } from '../results.ts';
import { runMain } from '../run-main.ts';
import { measureOnnx, type Differences } from './measure-onnx.ts';
import { BOTH_WAYS, ONE_WAY } from './models.ts';
import { onnxruntimeNode } from './onnxruntime-node.ts';

const { values } = parseArgs({ options: { out: { type: 'string' } } });

await runMain(async () => {
  const models: ({ model: string } & Differences)[] = [];
  for (const [model, spec] of Object.entries({ ...ONE_WAY, ...BOTH_WAYS })) {
    const found = Object.entries(await measureOnnx(spec)).map(([kind, value]: [string, number]) => [kind, significant(value)]);
    models.push({ model, ...(Object.fromEntries(found) as unknown as Differences) });
  }
  const largest = worstOf(models);
  const node = await measureNode();
  const columns = ['model', 'whole sequences', 'step by step', 'beside our stepper'].map((title) => ({ title }));
  const cell = (value: number | undefined): string => value?.toExponential(1) ?? '';
  const rows = models.map(({ model, batch, steps, stepper }) => [model, ...[batch, steps, stepper].map(cell)]);
  console.log(formatTable(columns, rows, String));
  console.log(`largest: ${largest.toExponential(1)}`);
  if (node) console.log(`largest in onnxruntime-node ${node.onnxruntime}: ${node.largest.toExponential(1)}`);
  if (values.out === undefined) return;
  const machine = describeMachine();
  const result = { node: machine.node, etude: machine.etude, onnxruntime: env.versions.web, largest, native: node, models };
  writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
}); // prettier-ignore

/** The same models in onnxruntime as it runs natively in Node; nothing where that cannot be had. */
async function measureNode(): Promise<{ onnxruntime: string; largest: number } | undefined> {
  const found = await onnxruntimeNode().catch((thrown: unknown) => {
    console.log(`Not measured in onnxruntime-node: ${messageOf(thrown).split('\n')[0]}`);
  });
  if (!found) return undefined;
  const models: Differences[] = [];
  for (const spec of Object.values({ ...ONE_WAY, ...BOTH_WAYS })) models.push(await measureOnnx(spec, found.runtime));
  return { onnxruntime: found.version, largest: significant(worstOf(models)) };
}

function worstOf(models: readonly Differences[]): number {
  return Math.max(...models.flatMap(({ batch, steps = 0, stepper = 0 }) => [batch, steps, stepper]));
}
