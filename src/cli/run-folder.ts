import { readFileSync, readdirSync, rmSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { DataError, messageOf } from '../errors.ts';
import { musicModel, type MusicModel } from '../music/index.ts';
import { CheckpointError, decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../nn/index.ts';
import {
  FileError,
  UNFINISHED_FILE,
  checkOutputFile,
  makeFolder,
  writeFileAtomic,
  type OutputOptions,
} from './files.ts';
import { isOfLock } from './run-lock.ts';

/** What stands where in the folder that `etude train` writes. */
export const RUN_FILES = {
  /** Preset, settings, data, versions: all that led to this run. */
  config: 'config.json',
  /** One JSON object a line: epochs and what happened between them. */
  log: 'log.jsonl',
  /** What `--watch` saw, one JSON object a line. */
  watch: 'watch.jsonl',
  /** The weights with the lowest watched loss. */
  best: 'best.safetensors',
  /** The newest state, to resume from. */
  last: 'last.safetensors',
  /** Music drawn from the model on the way. */
  samples: 'samples',
  generatedMidi: 'generated.mid',
  generatedAudio: 'generated.wav',
  report: 'report.html',
} as const;

/** The paths of a run's files. */
export type RunPaths = Record<keyof typeof RUN_FILES, string> & { folder: string };

export function runPaths(folder: string): RunPaths {
  const paths = Object.entries(RUN_FILES).map(([key, name]) => [key, join(folder, name)]);
  return { ...Object.fromEntries(paths), folder } as RunPaths;
}

/**
 * Whether `folder` is a place for a run, whatever is in it: a folder that may be written, or none yet. Changes nothing.
 * @throws FileError
 */
export function checkRunPlace(folder: string): void {
  const there = statOf(folder);
  if (there && !there.isDirectory()) {
    throw new FileError('not-a-folder', folder, 'this is a file; a run needs a folder. Choose another --out.');
  }
  checkOutputFile(join(folder, RUN_FILES.config), { force: true });
}

/**
 * Whether a run may begin in `folder`: it is not there, is empty (but for a lock), or may be replaced. Changes nothing.
 * @throws FileError
 */
export function checkRunFolder(folder: string, { force = false }: OutputOptions = {}): void {
  checkRunPlace(folder);
  if (!force && statOf(folder) && readdirSync(folder).some((name) => !isOfLock(name))) {
    const isRun = hasModel(folder) || statOf(join(folder, RUN_FILES.config))?.isFile();
    const what = isRun ? 'a run is already there' : 'the folder is not empty';
    const resume = isRun ? ', or continue it with "etude train --resume"' : '';
    throw new FileError('exists', folder, `${what}. Choose another --out, pass --force to replace it${resume}.`);
  }
}

/** Whether a run folder holds a checkpoint. */
export function hasModel(folder: string): boolean {
  return [RUN_FILES.last, RUN_FILES.best].some((name) => statOf(join(folder, name))?.isFile());
}

/** Whether it is a run folder that holds the newest state. */
export function hasNewest(folder: string): boolean {
  return statOf(join(folder, RUN_FILES.last))?.isFile() ?? false;
}

/** Makes the folder of a run and the one for its samples, and removes what a killed process had begun to write there. */
export function createRunFolder(folder: string): RunPaths {
  const paths = runPaths(folder);
  makeFolder(paths.samples);
  for (const name of readdirSync(folder)) {
    if (isUnfinished(name)) rmSync(join(folder, name), { force: true });
  }
  return paths;
}

function isUnfinished(name: string): boolean {
  const [, target] = UNFINISHED_FILE.exec(name) ?? [];
  return target !== undefined && (Object.values<string>(RUN_FILES).includes(target) || isOfLock(target));
}

/**
 * The checkpoint file that MODEL means: the file itself, or of a run folder its best weights, or its newest where no epoch
 * was finished.
 * @throws DataError when there is none
 */
export function modelFile(model: string, prefer: 'best' | 'last' = 'best'): string {
  const there = statOf(model);
  if (!there) {
    throw new DataError(
      `${model}: there is no such file or folder; expected a run folder of "etude train" or a checkpoint.`,
    );
  }
  if (!there.isDirectory()) return model;
  const names = prefer === 'best' ? [RUN_FILES.best, RUN_FILES.last] : [RUN_FILES.last];
  const found = names.map((name) => join(model, name)).find((path) => statOf(path)?.isFile());
  if (found === undefined) {
    throw new DataError(
      `${model}: no model in this folder; expected ${names.join(' or ')}, as "etude train" writes them.`,
    );
  }
  return found;
}

/**
 * Reads the checkpoint that MODEL means; see {@link modelFile}.
 * @throws DataError when there is none; CheckpointError, with the path in front, when it is none of ours or damaged
 */
export function readCheckpoint(model: string, prefer: 'best' | 'last' = 'best'): Checkpoint {
  const path = modelFile(model, prefer);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (thrown) {
    throw new DataError(`${path}: cannot be read: ${messageOf(thrown)}.`, { cause: thrown });
  }
  try {
    return decodeCheckpoint(bytes);
  } catch (thrown) {
    throw withPath(path, thrown);
  }
}

/**
 * Reads the model of music that MODEL means.
 * @throws DataError when there is none; CheckpointError, with the path in front, when it is none of music or damaged
 */
export function readMusicModel(model: string): MusicModel {
  const checkpoint = readCheckpoint(model);
  try {
    return musicModel(checkpoint);
  } catch (thrown) {
    throw withPath(modelFile(model), thrown);
  }
}

function withPath(path: string, thrown: unknown): unknown {
  return thrown instanceof CheckpointError
    ? new CheckpointError(`${path}: ${thrown.message}`, { cause: thrown })
    : thrown;
}

/** Writes a checkpoint in the place of the one before it, whole or not at all. */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): number {
  return writeFileAtomic(path, encodeCheckpoint(checkpoint), { force: true });
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (thrown) {
    // ENOTDIR, EACCES: what cannot be looked at is not there for us; writing or reading it will say more.
    if (thrown instanceof Error && 'code' in thrown) return undefined;
    throw thrown;
  }
}
