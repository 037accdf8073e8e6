import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  CELLS,
  checkGradients,
  parameterCount,
  parameterSpecs,
  type Checkpoint,
  type GradientCheckOptions,
  type GradientCheckRow,
  type ModelSpec,
} from '../../nn/index.ts';
import { preparePiece, resolveSettings, windowsOf, type MusicModel } from '../../music/index.ts';
import { Random, sizeOf } from '../../tensor/index.ts';
import { UsageError } from '../../errors.ts';
import { assertFinite, BROKEN_MODEL } from '../../finite.ts';
import { cacheFolder } from '../cache-folder.ts';
import type { ActionOf, Call } from '../command.ts';
import type { gradcheck as words } from '../command-table.ts';
import { EXIT } from '../exit-codes.ts';
import { flagName } from '../options.ts';
import { modelSpecWithoutData } from '../preset-model.ts';
import { createProgress } from '../progress.ts';
import { modelFile, readCheckpoint, readMusicModel, runPaths } from '../run-folder.ts';
import { formatTable } from '../../text/table.ts';
import { readMusic } from '../train/read-music.ts';
import { readRunConfig } from '../train/run-config.ts';
import { counted, formatCount } from '../../text/words.ts';

/** The largest relative error that passes. */
const TOLERANCE = 1e-6;

type GradcheckCall = Call<(typeof words)['options']>;

/** What is checked: a network, weights and numbers, and how to call it. */
interface Subject {
  spec: ModelSpec;
  check: Pick<GradientCheckOptions, 'batchSize' | 'steps' | 'parameters' | 'batch'>;
  /** A line for people. */
  words: string;
  json: { model: string | null; preset: string | null; pieces: number; windows: number };
}

/** `etude gradcheck`: every gradient of a model beside its numeric difference. */
export const gradcheck: ActionOf<typeof words> = async (call) => {
  const { args, options, terminal } = call;
  const { samples, seed } = options;
  const { spec, check, words, json } = args.length > 0 ? await givenModel(call) : smallModel(call);
  terminal.say(`${words}, float64, seed ${seed}.`);
  const progress = createProgress(terminal, { unit: 'number' });
  let compared = 0;
  progress.start(countCompared(spec, samples), 'Comparing');
  const onCompared = (): void => { progress.update(++compared); }; // prettier-ignore
  const rows = checkGradients(spec, { ...check, seed, samples, onCompared });
  progress.abandon();
  const advice = json.model === null ? 'This is a bug in Etude; please report it with the seed.' : BROKEN_MODEL;
  assertFinite(rows, 'The comparison', advice);
  const worst = rows.reduce((most, { error }) => Math.max(most, error), 0);
  const passed = worst <= TOLERANCE;
  if (terminal.json) terminal.printJson({ passed, tolerance: TOLERANCE, worst, ...json, seed, rows });
  else terminal.print(formatRows(rows, terminal.colors.bold));
  const verdict = `largest relative error ${worst.toExponential(1)}, allowed ${TOLERANCE.toExponential(0)}`;
  if (passed) terminal.say(terminal.chatterColors.green(`All gradients agree: ${verdict}.`));
  else terminal.error(`gradients do not agree: ${verdict}. This is a bug in Etude; please report it with the seed.`);
  return passed ? EXIT.ok : EXIT.failure;
};

/** A model like a preset, with random weights and numbers. */
function smallModel({ options }: GradcheckCall): Subject {
  const { preset = 'tutorial', cell = 'lstm', layers = 2, hiddenSize = 5, steps = 4, batch } = options;
  const { embedding, headHidden } = resolveSettings(preset);
  // As narrow as the layers, where there are such.
  const narrow = { embedding: embedding && hiddenSize, headHidden: Math.min(headHidden, hiddenSize) };
  const spec = modelSpecWithoutData(resolveSettings(preset, { cell, layers, hiddenSize, ...narrow }));
  return {
    spec,
    check: { batchSize: batch, steps },
    words:
      `Checking a model like ${preset}: ${layers} ${CELLS[cell].title} of ${hiddenSize}, ${counted(parameterCount(spec), 'parameter')}, ` +
      `${counted(batch, 'sequence')} of ${counted(steps, 'step')}`,
    json: { model: null, preset, pieces: 0, windows: batch },
  };
}

/** A model from a file: one of music on windows of music, any other on random numbers. */
function givenModel(call: GradcheckCall): Subject | Promise<Subject> {
  refuseForeign(call.options);
  const [path] = call.args;
  const checkpoint = readCheckpoint(path);
  return 'codec' in checkpoint.extra ? trainedModel(call) : plainModel(call, checkpoint);
}

/** The weights of a model that is not of music: what it reads is made up. */
function plainModel({ args: [path, ...music], options }: GradcheckCall, { spec, parameters }: Checkpoint): Subject {
  if (music.length > 0) throw new UsageError(`gradcheck: ${path} is no model of music, and reads none: it is checked on random numbers. Leave ${music[0]} out.`); // prettier-ignore
  const { steps = 4, batch } = options;
  return {
    spec,
    check: { batchSize: batch, steps, parameters },
    words: `Checking ${modelFile(path)}, which has no codec for music, on random numbers: ${counted(parameterCount(spec), 'parameter')}, ${counted(batch, 'sequence')} of ${counted(steps, 'step')}`, // prettier-ignore
    json: { model: path, preset: null, pieces: 0, windows: batch },
  };
}

/** A trained model on windows of music. */
async function trainedModel(call: GradcheckCall): Promise<Subject> {
  const { args, options, terminal } = call;
  const { batch, seed } = options;
  const [path, ...music] = args;
  const model = readMusicModel(path);
  const { spec, parameters, codec, preset } = model;
  const { steps = model.settings.seqLength } = options;
  const sources = music.length > 0 ? music : sourcesOfRun(path);
  const settings = { ...musicSettings(model, music), seqLength: steps };
  const { pieces } = await readMusic(
    { sources, settings, cacheDir: cacheFolder(undefined, terminal.io.env) },
    terminal,
  );
  const windows = windowsOf(
    codec,
    spec,
    pieces.map((piece) => preparePiece(piece, settings)),
    steps,
  );
  const random = Random.stream(seed, 'windows');
  const numbers = Array.from({ length: batch }, () => random.integer(windows.size));
  const filled = windows.createBatch(batch, spec.lossOn);
  windows.fill(filled, numbers);
  return {
    spec,
    check: { batchSize: batch, steps, parameters, batch: filled },
    words:
      `Checking ${modelFile(path)}: ${counted(parameterCount(spec), 'parameter')}, ` +
      `${counted(batch, 'window')} of ${counted(steps, 'note')} from ${counted(pieces.length, 'piece')}`,
    json: { model: path, preset, pieces: pieces.length, windows: batch },
  };
}

/** @throws UsageError for what only describes a model that is made up */
function refuseForeign({ preset, cell, layers, hiddenSize }: GradcheckCall['options']): void {
  const given = Object.entries({ preset, cell, layers, hiddenSize }).find(([, value]) => value !== undefined);
  if (given)
    throw new UsageError(`gradcheck MODEL does not take ${flagName(given[0])}: it describes a model that is made up.`);
}

/** All files of other music; of the run's own as many as it took. */
function musicSettings({ settings }: MusicModel, music: readonly string[]): MusicModel['settings'] {
  return music.length > 0 ? { ...settings, files: null } : settings;
}

/**
 * Where the music of a run lies.
 * @throws UsageError when nothing beside the model says it; DataError when its config.json cannot be read
 */
function sourcesOfRun(path: string): string[] {
  const { config } = runPaths(dirname(modelFile(path)));
  if (existsSync(config)) return readRunConfig(config).sources;
  throw new UsageError(`gradcheck: no ${config} says what ${path} was trained on; name some music: etude gradcheck ${path} MUSIC.`); // prettier-ignore
}

/** How many numbers will be compared. */
function countCompared(spec: ModelSpec, samples: number): number {
  return parameterSpecs(spec).reduce((sum, { shape }) => sum + Math.min(samples, sizeOf(shape)), 0);
}

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
