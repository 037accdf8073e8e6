import { checkGradients, parameterCount, type GradientCheckRow } from '../../nn/index.ts';
import { resolveSettings } from '../../music/index.ts';
import type { ActionOf } from '../command.ts';
import type { gradcheck as words } from '../command-table.ts';
import { EXIT } from '../exit-codes.ts';
import { modelSpecWithoutData } from '../preset-model.ts';
import { formatCount, formatTable } from '../table.ts';

/** The largest relative error that passes. */
const TOLERANCE = 1e-6;

/** `etude gradcheck`: every gradient of a small model beside its numeric difference. */
export const gradcheck: ActionOf<typeof words> = async ({ options, terminal }) => {
  const { preset, layers, hiddenSize, steps, batch, samples, seed } = options;
  const model = modelSpecWithoutData(resolveSettings(preset, { layers, hiddenSize }));
  terminal.say(
    `Checking a model like ${preset}: ${layers} LSTM of ${hiddenSize}, ${formatCount(parameterCount(model))} parameters, ` +
      `${batch} sequences of ${steps} steps, float64, seed ${seed}.`,
  );
  const rows = checkGradients(model, { batchSize: batch, steps, seed, samples });
  const worst = rows.reduce((most, { error }) => (error <= most ? most : error), 0);
  // Written so that NaN fails.
  const passed = worst <= TOLERANCE;
  if (terminal.json) terminal.printJson({ passed, tolerance: TOLERANCE, worst, rows });
  else terminal.print(formatRows(rows, terminal.colors.bold));
  const verdict = `largest relative error ${worst.toExponential(1)}, allowed ${TOLERANCE.toExponential(0)}`;
  if (passed) terminal.say(terminal.chatterColors.green(`All gradients agree: ${verdict}.`));
  else terminal.error(`gradients do not agree: ${verdict}. This is a defect of Etude; please report it with the seed.`);
  return passed ? EXIT.ok : EXIT.failure;
};

function formatRows(rows: readonly GradientCheckRow[], style: (line: string) => string): string {
  const right = { align: 'right' as const };
  const columns = [
    { title: 'Parameter' },
    { title: 'Checked', ...right },
    { title: 'Relative error', ...right },
    { title: 'Backward pass', ...right },
    { title: 'Difference', ...right },
    { title: '' },
  ];
  const cells = rows.map(({ name, checked, error, analytic, numeric }) => [
    name,
    formatCount(checked),
    error.toExponential(1),
    analytic.toExponential(6),
    numeric.toExponential(6),
    error <= TOLERANCE ? 'ok' : 'WRONG',
  ]);
  return formatTable(columns, cells, style);
}
