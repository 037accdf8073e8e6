import { UsageError } from '../../errors.ts';
import {
  canRecall,
  evaluateModel,
  evaluateOnGrid,
  evaluateWholePieces,
  generatePieces,
  prepareTable,
  type MusicModel,
} from '../../music/index.ts';
import type { NoteTable } from '../../midi/index.ts';
import type { InTurns } from '../../nn/index.ts';
import { createKernels } from '../../tensor/index.ts';
import * as describe from '../../music/evaluation/describe.ts';
import { generatedJson, wholeJson, type Results } from '../../music/evaluation/results.ts';
import { describeQuality } from '../../music/evaluation/quality.ts';
import { counted } from '../../text/words.ts';
import { cacheFolder } from '../cache-folder.ts';
import type { ActionOf, Call } from '../command.ts';
import { choosePieces, countTrained } from '../evaluate/choose-pieces.ts';
import { InterruptedError } from '../exit-codes.ts';
import { formatBytes } from '../files.ts';
import { finiteJson } from '../finite-json.ts';
import { warnOfLeftOut } from '../left-out.ts';
import type { evaluate as words } from '../model-commands-table.ts';
import { besideStdout, checkOutput, outputName, writeOutput } from '../output.ts';
import { createProgress } from '../progress.ts';
import { limitsOf, withReading } from '../reading-options.ts';
import { readMusicModel } from '../run-folder.ts';
import type { Terminal } from '../terminal.ts';
import { readMusic } from '../train/read-music.ts';
import { perplexity } from '../train/verdict.ts';

type Options = Call<(typeof words)['options']>['options'];

/** `etude evaluate`: how well a model predicts music, and how much what it generates is like it. */
export const evaluate: ActionOf<typeof words> = async ({ args: [path, ...sources], options, terminal }) => {
  const { split, cache, out, force } = options;
  if (out !== undefined) checkOutput(out, { force }, terminal);
  const model = readMusicModel(path);
  if (readsWhole(options)) refuseNumbers(model);
  const signal = terminal.interrupts('stopping');
  const cacheDir = cacheFolder(cache, terminal.io.env);
  // All of the files: what the training took of them is known by their digests.
  const corpus = await readMusic(
    {
      sources,
      settings: { ...withReading(model.settings, options), files: null },
      limits: limitsOf(options),
      listLeftOut: options.listLeftOut,
      cacheDir,
      signal,
    },
    terminal,
  );
  const { pieces, side, words: on } = choosePieces(model, corpus.pieces, split);
  const trainedOn = countTrained(model, pieces);
  if (trainedOn > 0) {
    terminal.warn(
      `The model was trained on ${trainedOn} of these ${counted(pieces.length, 'piece')}: it may have memorised them.`,
    );
  }
  terminal.say(`Evaluating on ${on} …`);
  const results: Results = { model: path, on };
  const tables = pieces.map((piece) => prepareTable(piece, model.settings));
  const work = { model, tables, names: pieces.map(({ name }) => name), options, terminal, signal };
  if (readsWhole(options)) results.whole = await readWhole(work);
  else {
    const found = await evaluateModel(model, pieces, options, options.windows);
    if (signal.aborted) throw new InterruptedError(NO_RESULT);
    const skipped = found.tooShort.map((short) => ({ path: short, reason: 'no window fits into it' }));
    warnOfLeftOut(terminal, { skipped, missing: [] }, options.listLeftOut);
    results.windows = { ...found, heads: found.heads.map((head) => ({ ...head, perplexity: perplexity(head) })) };
  }
  if (options.generate !== undefined) results.generated = await generate(work, options.generate);
  const json = jsonOf(results, { split: side, pieces: pieces.length, trainedOn });
  if (terminal.json) terminal.printJson(json);
  else printResults(results, besideStdout([out], terminal));
  if (out === undefined) return;
  const bytes = writeOutput(out, await contentOf(out, results, json), { force }, terminal);
  terminal.say(`wrote ${outputName(out)} (${formatBytes(bytes)})`);
};

const NO_RESULT = 'interrupted; there is no result.';

/** A strength of the memory says that there is a piece to remember. */
function readsWhole({ pieces, recall }: Options): boolean {
  return pieces || recall !== undefined;
}

function refuseNumbers({ codec }: MusicModel): void {
  if (canRecall(codec)) return;
  throw new UsageError(
    'evaluate: --pieces adds up nats, and this model predicts times as numbers, whose squared errors are none. Leave out --pieces and --recall: ' +
      'windows of every model can be evaluated. A model trained with --step bins --duration bins has classes.',
  );
}

interface Work {
  model: MusicModel;
  /** The pieces as the model hears them. */
  tables: readonly NoteTable[];
  names: readonly string[];
  options: Options;
  terminal: Terminal;
  signal: AbortSignal;
}

async function readWhole({ model, tables, options, terminal, signal }: Work): Promise<Results['whole']> {
  const { notes, recall = 0, backend } = options;
  const total = tables.reduce((sum, { length }) => sum + Math.min(length, notes ?? Infinity), 0);
  const kernels = createKernels(backend, { lasting: true });
  const asked = { notes, recall, kernels };
  const work = (turns: InTurns) => evaluateWholePieces(model, tables, { ...asked, ...turns });
  const whole = await watched({ total, unit: 'note', label: 'Reading' }, signal, terminal, work);
  if (!options.grid) return { ...whole, recall };
  const exactly = (turns: InTurns) => evaluateOnGrid(model, tables, { ...asked, ...turns });
  const exact = await watched({ total, unit: 'note', label: 'On the grid' }, signal, terminal, exactly);
  return { ...whole, recall, exact };
}

async function generate(
  { model, tables, names, options, terminal, signal }: Work,
  count: number,
): Promise<Results['generated']> {
  const {
    notesEach,
    seed,
    temperature,
    timeTemperature,
    stepTemperature: step,
    durationTemperature: duration,
  } = options;
  const { generateRecall: strength, recallBudget: budget, backend } = options;
  const recall = { ...(strength !== undefined && { recall: strength }), ...(budget !== undefined && { budget }) };
  const kernels = () => createKernels(backend);
  const sampling = { temperature, timeTemperature, temperatures: { step, duration }, topK: 0, topP: 1 };
  const asked = { count, notes: notesEach, seed, ...sampling, recall, kernels };
  const work = (turns: InTurns) => generatePieces(model, tables, { ...asked, ...turns });
  return {
    ...(await watched({ total: count, unit: 'piece', label: 'Generating' }, signal, terminal, work)),
    notesEach,
    names,
  };
}

/** Shows how far long work is, and lets Ctrl-C end it. */
async function watched<T>(
  { total, unit, label }: { total: number; unit: string; label: string },
  signal: AbortSignal,
  terminal: Terminal,
  work: (turns: InTurns) => Promise<T>,
): Promise<T> {
  const progress = createProgress(terminal, { unit });
  progress.start(total, label);
  try {
    const result = await work({ signal, onProgress: (part) => progress.update(Math.round(part * total)) }); // prettier-ignore
    progress.update(total);
    progress.finish();
    return result;
  } catch (thrown) {
    if (signal.aborted) throw new InterruptedError(NO_RESULT);
    throw thrown;
  } finally {
    progress.abandon();
  }
}

function jsonOf(
  { model, windows, whole, generated }: Results,
  about: Record<string, unknown>,
): Record<string, unknown> {
  return {
    model,
    ...about,
    ...(windows && {
      windows: windows.windows,
      loss: windows.loss,
      heads: windows.heads,
      note: windows.note,
      engine: windows.engineName,
    }),
    ...(whole && { whole: wholeJson(whole) }),
    ...(generated && { generated: generatedJson(generated) }),
  };
}

function printResults(results: Results, terminal: Terminal): void {
  const { windows, whole, generated, on } = results;
  const { bold } = terminal.colors;
  if (windows) {
    terminal.print(describe.windowsTable(windows, bold));
    terminal.print(`Weighted loss ${windows.loss.toFixed(4)}; ${counted(windows.windows, 'window')}, ${windows.engineName}.`); // prettier-ignore
    terminal.print(describeQuality({ ...windows, music: `of ${on}` }));
  }
  if (whole) {
    terminal.print(describe.wholeTable(whole, bold));
    terminal.print(`\n${describe.positionsTable(whole, 'model', bold)}`);
    if (whole.note.memory !== undefined) {
      terminal.print(`\nWith memory\n${describe.positionsTable(whole, 'memory', bold)}`);
    }
    terminal.print(`\n${describe.describeWhole(whole)}`);
    if (whole.note.baseline === null) terminal.print(describe.NO_FREQUENCIES);
  }
  if (generated) {
    terminal.print(`\n${describe.figureTable(generated.comparison.figures, bold)}`);
    terminal.print(describe.describeComparison(generated));
  }
}

/** The numbers, or the page that shows them. */
async function contentOf(out: string, results: Results, json: Record<string, unknown>): Promise<string> {
  if (/\.json$/i.test(out)) return `${finiteJson(json)}\n`;
  const { evaluationPage } = await import('../../pages/report/evaluation-page.ts');
  return evaluationPage(results);
}
