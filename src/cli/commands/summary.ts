import { UsageError } from '../../errors.ts';
import { parameterCount, type ModelSpec } from '../../nn/index.ts';
import { summarise, type SummaryDimension } from '../../nn/index.ts';
import { resolveSettings } from '../../music/index.ts';
import type { ActionOf } from '../command.ts';
import type { summary as words } from '../command-table.ts';
import { modelSpecWithoutData } from '../preset-model.ts';
import { modelFile, readCheckpoint } from '../run-folder.ts';
import { formatTable } from '../../text/table.ts';
import { counted, formatCount } from '../../text/words.ts';

/** `etude summary`: the layers of a model, as Keras shows them. */
export const summary: ActionOf<typeof words> = async ({ args: [model], options: { preset }, terminal }) => {
  const { title, architecture, notes } = describe(model, preset);
  const layers = summarise(architecture);
  const total = parameterCount(architecture);
  if (terminal.json) {
    terminal.printJson({ model: title, layers, parameters: total, spec: architecture });
    return;
  }
  const rows = layers.map((row) => [
    `${row.name} (${row.type})`,
    formatShape(row.outputShape),
    formatCount(row.parameters),
    row.from ?? '',
    row.note ?? '',
  ]);
  const columns = [
    { title: 'Layer (type)' },
    { title: 'Output shape' },
    { title: 'Parameters', align: 'right' as const },
    { title: 'From' },
    { title: '' },
  ];
  terminal.print(`Model: ${title}`);
  terminal.print(formatTable(columns, rows, terminal.colors.bold));
  terminal.print(`Total: ${counted(total, 'parameter')}, ${counted(total * 4, 'byte')} of float32`);
  for (const note of notes) terminal.say(note);
};

interface Described {
  title: string;
  architecture: ModelSpec;
  notes: string[];
}

function describe(model: string | undefined, preset: string | undefined): Described {
  if ((model === undefined) === (preset === undefined)) {
    throw new UsageError('summary: give either a MODEL (a run folder or a checkpoint) or --preset NAME.');
  }
  if (model !== undefined) {
    return { title: modelFile(model), architecture: readCheckpoint(model).spec, notes: [] };
  }
  const settings = resolveSettings(preset!);
  const usesBins = settings.step === 'bins' || settings.duration === 'bins';
  const notes = usesBins
    ? [`Counted with ${settings.bins} bins; a corpus with fewer rhythms gives a smaller model.`]
    : [];
  return { title: `preset ${preset!}`, architecture: modelSpecWithoutData(settings), notes };
}

function formatShape(shape: readonly SummaryDimension[]): string {
  return `(${shape.join(', ')})`;
}
