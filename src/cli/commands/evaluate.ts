import { DataError } from '../../errors.ts';
import type { Piece } from '../../midi/index.ts';
import { evaluateModel, type HeadEvaluation, type MusicModel } from '../../music/index.ts';
import { cacheFolder } from '../cache-folder.ts';
import type { ActionOf } from '../command.ts';
import { InterruptedError } from '../exit-codes.ts';
import { warnOfLeftOut } from '../left-out.ts';
import type { evaluate as words } from '../model-commands-table.ts';
import { limitsOf, withReading } from '../reading-options.ts';
import { readMusicModel } from '../run-folder.ts';
import { formatTable } from '../table.ts';
import { readMusic } from '../train/read-music.ts';
import { describeQuality, perplexity } from '../train/verdict.ts';
import { counted } from '../../words.ts';

type Side = 'all' | 'train' | 'validation' | 'test';

/** `etude evaluate`: how well a model predicts music. */
export const evaluate: ActionOf<typeof words> = async ({ args: [path, ...sources], options, terminal }) => {
  const { split, windows, cache, backend, threads } = options;
  const model = readMusicModel(path);
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
  const { pieces, side, words: which } = choosePieces(model, corpus.pieces, split);
  const trainedOn = countTrained(model, pieces);
  if (trainedOn > 0) {
    terminal.warn(
      `The model was trained on ${trainedOn} of these ${counted(pieces.length, 'piece')}: it may have memorised them.`,
    );
  }
  terminal.say(`Evaluating on ${which} …`);
  const evaluation = await evaluateModel(model, pieces, { backend, threads }, windows);
  if (signal.aborted) throw new InterruptedError('interrupted; there is no result.');
  const skipped = evaluation.tooShort.map((path) => ({ path, reason: 'no window fits into it' }));
  warnOfLeftOut(terminal, { skipped, missing: [] }, options.listLeftOut);
  const heads = evaluation.heads.map((head) => ({ ...head, perplexity: perplexity(head) }));
  if (terminal.json) {
    const { windows: seen, loss, engineName } = evaluation;
    terminal.printJson({
      model: path,
      split: side,
      pieces: pieces.length,
      trainedOn,
      windows: seen,
      loss,
      heads,
      engine: engineName,
    });
    return;
  }
  terminal.print(headTable(heads, terminal.colors.bold));
  terminal.print(
    `Weighted loss ${evaluation.loss.toFixed(4)}; ${counted(evaluation.windows, 'window')}, ${evaluation.engineName}.`,
  );
  terminal.print(describeQuality({ ...evaluation, music: `of ${which}` }));
};

interface Chosen {
  pieces: Piece[];
  side: Side | 'untrained';
  words: string;
}

/**
 * The pieces of one side. Data with a split of their own are divided by it; others by what the model remembers of its
 * training.
 * @throws DataError when there are none
 */
function choosePieces(model: MusicModel, pieces: readonly Piece[], split: Side | undefined): Chosen {
  const own = pieces.some((piece) => piece.split !== undefined);
  const chosen = pieces.filter((piece) => isOn(split ?? (own ? 'validation' : 'untrained'), model, piece, own));
  if (chosen.length === 0 && split === undefined && !own) {
    return {
      pieces: [...pieces],
      side: 'all',
      words: `all ${counted(pieces.length, 'piece')}: the model knows every one`,
    };
  }
  if (chosen.length === 0) {
    const by = own ? 'by the split of the data' : 'by what the model remembers of its training';
    throw new DataError(
      `none of the ${counted(pieces.length, 'piece')} is on the side "${split ?? 'validation'}", ${by}. Try --split all.`,
    );
  }
  const side = split ?? (own ? 'validation' : 'untrained');
  const words = {
    all: counted(chosen.length, 'piece'),
    untrained: `${counted(chosen.length, 'piece')} that it was not trained on`,
    train: `the ${counted(chosen.length, 'piece')} of the training side`,
    validation: `the ${counted(chosen.length, 'piece')} of the validation side`,
    test: `the ${counted(chosen.length, 'piece')} of the test side`,
  }[side];
  return { pieces: chosen, side, words };
}

function isOn(side: Side | 'untrained', { data }: MusicModel, { split, digest }: Piece, own: boolean): boolean {
  if (side === 'all') return true;
  const trained = data.train.includes(digest);
  const validated = data.validation.includes(digest);
  if (side === 'untrained') return !trained;
  if (own) return (split ?? 'train') === side;
  return { train: trained, validation: validated && !trained, test: !trained && !validated }[side];
}

function countTrained({ data }: MusicModel, pieces: readonly Piece[]): number {
  const trained = new Set(data.train);
  return pieces.filter(({ digest }) => trained.has(digest)).length;
}

function headTable(
  heads: readonly (HeadEvaluation & { perplexity: number | null })[],
  style: (line: string) => string,
) {
  const right = { align: 'right' as const };
  const columns = [
    { title: 'Head' },
    { title: 'Loss', ...right },
    { title: 'Without context', ...right },
    { title: 'Perplexity', ...right },
    { title: 'Unit' },
  ];
  const rows = heads.map(({ name, loss, baseline, perplexity: among, unit }) => [
    name,
    loss.toFixed(4),
    baseline.toFixed(4),
    among === null ? '' : among.toFixed(2),
    unit,
  ]);
  return formatTable(columns, rows, style);
}
