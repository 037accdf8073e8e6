import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { loadCorpus, OTHER_INSTRUMENTS, parseInstrumentChoice, type Corpus } from '../../midi/node.ts';
import type { ReadLimits } from '../../midi/index.ts';
import { leastNotes, variationOf, type PreparedData, type Settings } from '../../music/index.ts';
import { DataError } from '../../errors.ts';
import { DATA_SETS } from '../data/data-sets.ts';
import { InterruptedError } from '../exit-codes.ts';
import { warnOfLeftOut } from '../left-out.ts';
import { createProgress } from '../progress.ts';
import { printable, quoted } from '../../text/table.ts';
import type { Terminal } from '../terminal.ts';
import { counted, formatCount } from '../../text/words.ts';

/** Which music to read, and how. */
export interface MusicRequest {
  sources: readonly string[];
  settings: Pick<
    Settings,
    'files' | 'instrument' | 'compat' | 'charset' | 'allowDamaged' | 'seqLength' | 'ends' | 'carryState'
  >;
  /** Whether every file that is left out is named; undefined where the command has no option for it. */
  listLeftOut?: boolean;
  /** What a file may cost. */
  limits?: ReadLimits;
  /** Keeps readings between runs; nothing is kept unless given. */
  cacheDir?: string;
  signal?: AbortSignal;
}

/**
 * Reads a corpus with a progress bar, and says which files were left out.
 * @throws InterruptedError when the signal was aborted; DataError when nothing can serve
 */
export async function readMusic(
  { sources, settings, listLeftOut, limits, cacheDir, signal }: MusicRequest,
  terminal: Terminal,
): Promise<Corpus> {
  sources.forEach(checkFetched);
  const progress = createProgress(terminal, { unit: 'file' });
  let begun = false;
  const onProgress = (done: number, total: number): void => {
    if (!begun) progress.start(total, 'Reading');
    begun = true;
    progress.update(done);
  };
  try {
    const corpus = await loadCorpus(sources, {
      files: settings.files ?? undefined,
      instrument: parseInstrumentChoice(settings.instrument),
      compat: settings.compat ?? undefined,
      charset: settings.charset ?? undefined,
      ...limits,
      minNotes: leastNotes(settings),
      allowDamaged: settings.allowDamaged,
      cacheDir,
      signal,
      onProgress,
    });
    progress.abandon();
    warnOfLeftOut(terminal, corpus, listLeftOut);
    if (settings.instrument === 'first') sayOthers(terminal, corpus);
    if (corpus.cacheProblem !== undefined) terminal.warn(`The cache cannot be used: ${corpus.cacheProblem}`);
    return corpus;
  } catch (thrown) {
    progress.abandon();
    if (signal?.aborted)
      throw new InterruptedError(
        `interrupted while reading the music; ${cacheDir === undefined ? 'nothing' : 'nothing but the cache'} was written.`,
      );
    throw thrown;
  }
}

/** @throws DataError for the folder of a known data set that is not there, with what fetches it */
function checkFetched(source: string): void {
  const known = DATA_SETS.find(({ folder }) => folder === basename(source));
  if (known === undefined || existsSync(source)) return;
  throw new DataError(`${source} does not exist. Fetch it with: etude data ${known.name} --out ${quoted(source)}`);
}

/** Says that there is more in the files than the instrument that was taken. */
function sayOthers(terminal: Terminal, { pieces }: Corpus): void {
  const more = pieces.filter(({ problems }) => problems.some(({ code }) => code === OTHER_INSTRUMENTS)).length;
  if (more === 0) return;
  const which = more === pieces.length ? (more === 1 ? 'The file has' : 'All files have') : `${formatCount(more)} of ${counted(pieces.length, 'file')} have`; // prettier-ignore
  terminal.say(`${which} several instruments, of which the first is read; all together: --instrument all.`);
}

/** Says which pieces are drums, taken because there was nothing else: a model would learn their keys as those of a piano. */
export function warnOfDrums(
  { instrument }: Pick<Settings, 'instrument'>,
  { pieces }: Corpus,
  terminal: Terminal,
): void {
  if (instrument !== 'first') return;
  const drums = pieces.filter(({ problems }) => problems.some(({ code }) => code === 'only-drums'));
  if (drums.length === 0) return;
  const rest = drums.length > 1 ? ` and ${formatCount(drums.length - 1)} more have` : ' has';
  terminal.warn(
    `${printable(drums[0].path)}${rest} drums only, whose keys are taken for those of a piano. ` +
      'Leave such files out, or train on drums alone with --instrument drums.',
  );
}

/** What was read, in a line or two: pieces, notes, and how many files were left out. */
export function describeCorpus({ pieces, skipped, missing, duplicates }: Corpus): string {
  const notes = pieces.reduce((sum, { table }) => sum + table.length, 0);
  const leftOut = [
    [skipped.length, 'left out'],
    [duplicates.length, 'the same as another'],
    [missing.length, 'missing'],
  ] as const;
  const rest = leftOut.filter(([count]) => count > 0).map(([count, what]) => `, ${formatCount(count)} ${what}`);
  return `${counted(pieces.length, 'piece')}, ${counted(notes, 'note')}${rest.join('')}`;
}

/** How the pieces were divided, and into how many windows. */
export function describeSplit(data: PreparedData, settings: Settings): string[] {
  const { seqLength, carryState } = settings;
  const { transpose, tempo } = variationOf(settings, data.time);
  const moves = [
    ...(transpose > 0 ? [`up to ${counted(transpose, 'semitone')}`] : []),
    ...(tempo > 0 ? [`up to ${Number((100 * tempo).toPrecision(3))} % of its tempo`] : []),
  ];
  const varied =
    moves.length > 0
      ? `, each ${carryState ? 'piece ' : ''}moved anew by ${moves.join(' and ')} whenever it is used`
      : '';
  const carried = carryState ? ', each going on from the one before' : '';
  const train =
    `${counted(data.trainPieces.length, 'piece')} to learn from: ` +
    `${counted(data.train.size, 'window')} of ${counted(seqLength, 'note')}${carried}${varied}` +
    (data.tooShort.length > 0 ? `; ${counted(data.tooShort.length, 'piece')} too short for one` : '');
  if (!data.validation) return [train, 'nothing is held back to validate on'];
  const how = {
    'data set': 'as the data set says',
    'random pieces': 'drawn at random',
    'end of each piece': 'the end of the piece',
    'nothing held back': '',
  }[data.splitBy];
  const held = `${counted(data.validationPieces.length, 'piece')} held back to validate on (${how}): ${counted(data.validation.size, 'window')}`;
  return [train, held];
}
