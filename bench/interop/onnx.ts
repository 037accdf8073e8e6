// How far an exported model in onnxruntime is from Etude: node scripts/bench.mjs interop/onnx [--out bench/results/interop-onnx.json]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { env } from 'onnxruntime-web';
import { formatTable } from '../../src/text/table.ts';
import { describeMachine } from '../machine.ts';
import { significant } from '../results.ts';
import { runMain } from '../run-main.ts';
import { measureOnnx, type Differences } from './measure-onnx.ts';
import { BOTH_WAYS, ONE_WAY } from './models.ts';

const { values } = parseArgs({ options: { out: { type: 'string' } } });

await runMain(async () => {
  const models: ({ model: string } & Differences)[] = [];
  for (const [model, spec] of Object.entries({ ...ONE_WAY, ...BOTH_WAYS })) {
    const found = Object.entries(await measureOnnx(spec)).map(([kind, value]: [string, number]) => [kind, significant(value)]);
    models.push({ model, ...(Object.fromEntries(found) as unknown as Differences) });
  }
  const largest = Math.max(...models.flatMap(({ batch, steps = 0, stepper = 0 }) => [batch, steps, stepper]));
  const columns = ['model', 'whole sequences', 'step by step', 'beside our stepper'].map((title) => ({ title }));
  const cell = (value: number | undefined): string => value?.toExponential(1) ?? '';
  const rows = models.map(({ model, batch, steps, stepper }) => [model, ...[batch, steps, stepper].map(cell)]);
  console.log(formatTable(columns, rows, String));
  console.log(`largest: ${largest.toExponential(1)}`);
  if (values.out === undefined) return;
  const { node, etude } = describeMachine();
  const result = { node, etude, onnxruntime: env.versions.web, largest, models };
  writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
}); // prettier-ignore
