import { UsageError } from '../../errors.ts';
import { keptBy, parameterCount, summarise, type ModelSpec, type SummaryDimension } from '../../nn/index.ts';
import { optimizerFor, parseSettings, resolveSettings, type Settings } from '../../music/index.ts';
import type { ActionOf } from '../command.ts';
import type { summary as words } from '../command-table.ts';
import { modelSpecWithoutData } from '../preset-model.ts';
import { modelFile, readCheckpoint } from '../run-folder.ts';
import { formatTable } from '../../text/table.ts';
import { counted, formatCount } from '../../text/words.ts';

/** `etude summary`: the layers of a model, as Keras shows them. */
export const summary: ActionOf<typeof words> = async ({ args: [model], options: { preset }, terminal }) => {
  const { title, architecture, settings, notes } = describe(model, preset);
  const layers = summarise(architecture);
  const total = parameterCount(architecture);
  const training = settings && trainingMemory(settings, total);
  if (terminal.json) {
    terminal.printJson({ model: title, layers, parameters: total, ...(training && { training }), spec: architecture });
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
  if (training) {
    const { optimizer, numbers, bytes } = training;
    terminal.print(
      `Training with ${optimizer}: ${counted(numbers.length, 'number')} for each parameter (${numbers.join(', ')}), ${counted(bytes, 'byte')} on one thread`,
    );
  }
  for (const note of notes) terminal.say(note);
};

interface Described {
  title: string;
  architecture: ModelSpec;
  /** How it is, or was, trained; unknown of models that are not of music. */
  settings?: Settings;
  notes: string[];
}

function describe(model: string | undefined, preset: string | undefined): Described {
  if ((model === undefined) === (preset === undefined)) {
    throw new UsageError('summary: give either a MODEL (a run folder or a checkpoint) or --preset NAME.');
  }
  if (model !== undefined) {
    const { spec, extra } = readCheckpoint(model);
    return { title: modelFile(model), architecture: spec, settings: settingsIn(extra), notes: [] };
  }
  const settings = resolveSettings(preset!);
  const usesBins = settings.step === 'bins' || settings.duration === 'bins';
  const notes = usesBins
    ? [`Counted with ${settings.bins} bins; a corpus with fewer rhythms gives a smaller model.`]
    : [];
  return { title: `preset ${preset!}`, architecture: modelSpecWithoutData(settings), settings, notes };
}

/** The settings of a model of music; undefined where there are none, or some that this Etude does not know. */
function settingsIn({ settings }: Record<string, unknown>): Settings | undefined {
  try {
    return parseSettings(settings);
  } catch (thrown) {
    if (thrown instanceof UsageError) return undefined;
    throw thrown;
  }
}

/** The numbers that training holds for each parameter, and the bytes of all of them. */
function trainingMemory(
  settings: Settings,
  parameters: number,
): { optimizer: string; numbers: string[]; bytes: number } {
  const average = settings.ema === null ? [] : ['average'];
  const numbers = ['weight', 'gradient', ...keptBy(optimizerFor(settings)), ...average];
  return { optimizer: settings.optimizer, numbers, bytes: 4 * parameters * numbers.length };
}

function formatShape(shape: readonly SummaryDimension[]): string {
  return `(${shape.join(', ')})`;
}
