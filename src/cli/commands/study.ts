import { musicModel, type MusicModel } from '../../music/index.ts';
import { openStudy, type OpenStudy, type StudyData, type StudyRequest } from '../../study/index.ts';
import { cacheFolder } from '../cache-folder.ts';
import type { ActionOf, Call } from '../command.ts';
import { finiteJson } from '../finite-json.ts';
import { formatBytes } from '../files.ts';
import { servePage } from '../local-server/serve-page.ts';
import { besideStdout, checkOutput, outputName, writeOutput } from '../output.ts';
import { createProgress } from '../progress.ts';
import { limitsOf, withReading } from '../reading-options.ts';
import { hasNewest, readCheckpoint, readMusicModel } from '../run-folder.ts';
import type { study as words } from '../study-table.ts';
import { describeStudy } from '../study/describe-study.ts';
import { readSong } from '../study/read-song.ts';
import { servedStudy } from '../study/served-study.ts';
import { STUDY_PORT } from '../study/study-port.ts';
import type { Terminal } from '../terminal.ts';
import { describeCorpus, readMusic } from '../train/read-music.ts';

type Options = Call<(typeof words)['options']>['options'];

/** `etude study`: what happens inside a model as it reads a song. */
export const study: ActionOf<typeof words> = async ({ args: [path, songPath], options, terminal }) => {
  const { out, force, units, layer, from, at, seed, backend, compare, match, threshold } = options;
  if (out !== undefined) checkOutput(out, { force }, terminal);
  const model = withWholeHistory(path, readMusicModel(path));
  const song = readSong(songPath, model, options, terminal);
  const corpus = await readCorpus(options, model, terminal);
  const studied = await withProgress(terminal, (onProgress) =>
    openStudy({
      model,
      path,
      song,
      backend,
      seed,
      units,
      layer,
      from,
      at,
      corpus,
      compare: compare === undefined ? undefined : { path: compare, model: readAsTrained(compare) },
      match: match && { ...match, threshold },
      onProgress,
    }),
  );
  const { data } = studied;
  if (terminal.json) terminal.printJson(data);
  else besideStdout([out], terminal).print(describeStudy(data, terminal.colors));
  if (out !== undefined) {
    const bytes = writeOutput(out, await contentOf(out, data), { force }, terminal);
    terminal.say(`wrote ${outputName(out)} (${formatBytes(bytes)})`);
  }
  if (options.serve) await serveStudy(studied, options, terminal);
};

/** The best weights of a run know the epochs up to theirs; the newest know what came after, by which overfitting is told. */
function withWholeHistory(path: string, model: MusicModel): MusicModel {
  if (!hasNewest(path)) return model;
  const { history } = musicModel(readCheckpoint(path, 'last'));
  const same = JSON.stringify(history.slice(0, model.history.length)) === JSON.stringify(model.history);
  return same ? { ...model, history } : model;
}

/** Shows the page until Ctrl-C. */
async function serveStudy(studied: OpenStudy, options: Options, terminal: Terminal): Promise<void> {
  const page = servedStudy(studied, await import('../../pages/study/study-page.ts'));
  const whenTaken = 'Choose another with --port.';
  await servePage({ ...page, command: 'etude study', usualPort: STUDY_PORT, whenTaken }, options, terminal);
}

/** The model of a checkpoint with its own weights: those of `last` are the newest, not the best that it carries beside. */
function readAsTrained(path: string): MusicModel {
  const checkpoint = readCheckpoint(path);
  return musicModel({ ...checkpoint, training: checkpoint.training && { ...checkpoint.training, best: undefined } });
}

/** The numbers, or the page that shows them. */
async function contentOf(out: string, data: StudyData): Promise<string> {
  if (/\.json$/i.test(out)) return `${finiteJson(data)}\n`;
  const { studyPage } = await import('../../pages/study/study-page.ts');
  return studyPage(data);
}

async function readCorpus(options: Options, model: MusicModel, terminal: Terminal): Promise<StudyRequest['corpus']> {
  const { data, cache } = options;
  if (data === undefined) return undefined;
  const cacheDir = cacheFolder(cache, terminal.io.env);
  // All of the files: a study is no training.
  const corpus = await readMusic(
    {
      sources: [data],
      settings: { ...withReading(model.settings, options), files: null },
      limits: limitsOf(options),
      cacheDir,
    },
    terminal,
  );
  terminal.say(describeCorpus(corpus));
  return { name: data, pieces: corpus.pieces };
}

/** Shows each stage of the work while it lasts. */
async function withProgress<T>(
  terminal: Terminal,
  work: (onProgress: StudyRequest['onProgress']) => Promise<T>,
): Promise<T> {
  const progress = createProgress(terminal);
  let stage: string | undefined;
  try {
    return await work((name, done, total) => {
      if (name !== stage) {
        progress.abandon();
        progress.start(total, name);
      }
      stage = name;
      progress.update(done);
    });
  } finally {
    progress.abandon();
  }
}
