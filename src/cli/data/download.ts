import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { DataError } from '../../errors.ts';
import { counted, formatCount, formatSeconds } from '../../text/words.ts';
import { formatBytes, outputError, type WriteBytes } from '../files.ts';
import { connectionFailure, DownloadError, statusFailure } from './download-error.ts';
import { forgetPart, readPart, rememberPart, type Part, type PartState } from './part-state.ts';
import { request, type Answer } from './request.ts';

/** A file to be fetched, and where to. */
export interface Download extends Part {
  /** Bytes of the file where they are known: a server that offers another number has another file. */
  bytes?: number;
  /** No file may be larger. */
  atMostBytes: number;
}

export interface DownloadOptions {
  signal?: AbortSignal;
  /** Told the bytes that are there; `total` is undefined where the server does not say. */
  onProgress?: (done: number, total: number | undefined) => void;
  /** Told why it is tried again. */
  onRetry?: (why: string) => void;
  /** Milliseconds without a byte after which a connection counts as broken. @default 30 s */
  stallMs?: number;
  /** Milliseconds before the first new attempt; twice as many before each further one. @default 1 s */
  retryMs?: number;
  /** Tests pass one that runs out of space. */
  write?: WriteBytes;
}

/** New attempts in a row of which none brought what is worth mentioning. */
const ATTEMPTS = 5;
const WORTH_MENTIONING = 1 << 20;

/**
 * Fetches a file into `part`, going on from what is there of it. A connection that breaks or stalls is tried again, a few times.
 * The digest is not looked at here.
 *
 * @throws DownloadError, FileError, the signal's reason; what was fetched stays in `part`
 */
export async function download(file: Download, options: DownloadOptions = {}): Promise<void> {
  const { signal, onRetry, retryMs = 1000 } = options;
  const atFirst = sizeOf(file.part);
  let [failures, before] = [0, atFirst];
  for (;;) {
    try {
      await attempt(file, options);
      return;
    } catch (thrown) {
      signal?.throwIfAborted();
      if (!(thrown instanceof DownloadError)) throw thrown;
      const now = sizeOf(file.part);
      if (now - before >= WORTH_MENTIONING) failures = 0;
      before = now;
      // A network that worked a moment ago may come back.
      const mayPass = thrown.mayPass || (thrown.code === 'no-connection' && now > atFirst);
      if (!mayPass || ++failures > ATTEMPTS) throw thrown;
      const pause = retryMs * 2 ** (failures - 1);
      onRetry?.(`${thrown.message} Trying again in ${formatSeconds(pause / 1000)}.`);
      await wait(pause, undefined, { signal });
    }
  }
}

/** Bytes of a file; 0 where there is none. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

async function attempt(file: Download, options: DownloadOptions): Promise<void> {
  const state = readPart(file);
  const have = state === undefined ? 0 : sizeOf(file.part);
  if (have > 0 && have === (file.bytes ?? state?.total)) return;
  const answer = await request(file.url, { from: have, validator: state?.validator }, options);
  try {
    await take(answer, { file, options, have, state });
  } finally {
    answer.close();
  }
}

interface Attempt {
  file: Download;
  options: DownloadOptions;
  /** Bytes that are there. */
  have: number;
  state: PartState | undefined;
}

/** Does with an answer what it calls for. */
async function take(answer: Answer, { file, options, have, state }: Attempt): Promise<void> {
  const { status, range } = answer;
  if (status === 416 && have > 0) {
    // All of it is there, or it is no part of what the server has.
    if (range?.total === have && file.bytes === undefined) return;
    startAnew(file);
    throw new DownloadError('broken', file, 'the server has no such part of the file.', { mayPass: true });
  }
  const goesOn = status === 206 && have > 0;
  if (status !== 200 && !goesOn) throw statusFailure(file, status);
  if (goesOn && (range?.start !== have || changed(state, answer, range.total))) {
    startAnew(file);
    throw new DownloadError('broken', file, 'the server sent another part of the file than it was asked for, or of another file.', { mayPass: true }); // prettier-ignore
  }
  const total = goesOn ? range?.total : answer.length;
  checkSize(total, file);
  if (!goesOn) {
    startAnew(file);
    rememberPart(file, { validator: answer.validator, total });
  }
  await append(answer, { file, options, have: goesOn ? have : 0, total });
}

/** Whether the server has another file by now than the part is of. */
function changed(state: PartState | undefined, answer: Answer, total: number | undefined): boolean {
  const differs = (one: unknown, other: unknown): boolean =>
    one !== undefined && other !== undefined && one !== other;
  return differs(state?.validator, answer.validator) || differs(state?.total, total);
}

function startAnew(file: Download): void {
  rmSync(file.part, { force: true });
  forgetPart(file);
}

function checkSize(total: number | undefined, file: Download): void {
  if (total === undefined) return;
  if (file.bytes !== undefined && total !== file.bytes) throw anotherFile(counted(total, 'byte'), file);
  if (total > file.atMostBytes) throw tooLarge(file);
}

function anotherFile(offered: string, file: Download): DownloadError {
  return new DownloadError('changed', file, `the server offers a file of ${offered}; expected are ${formatCount(file.bytes!)}. It is not the file that Etude knows; a newer version of Etude may know it.`); // prettier-ignore
}

function tooLarge(file: Download): DownloadError {
  if (file.bytes !== undefined) return anotherFile(`more than ${counted(file.bytes, 'byte')}`, file);
  return new DownloadError('too-large', file, `the file is larger than ${formatBytes(file.atMostBytes)}, which is the limit; --max-bytes N raises it.`); // prettier-ignore
}

interface Appending extends Omit<Attempt, 'state'> {
  total: number | undefined;
}

/** Writes what comes behind what is there. */
async function append(answer: Answer, { file, options, have, total }: Appending): Promise<void> {
  const { onProgress, write = writeSync } = options;
  const { part, atMostBytes } = file;
  const writing = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      throw outputError(part, thrown, total ?? have);
    }
  };
  const open = writing(() => openSync(part, 'a'));
  let done = have;
  try {
    onProgress?.(done, total);
    for await (const chunk of answer.chunks()) {
      if (done + chunk.length > atMostBytes) throw tooLarge(file);
      for (let written = 0; written < chunk.length;) written += writing(() => write(open, chunk, written));
      done += chunk.length;
      onProgress?.(done, total);
    }
  } catch (thrown) {
    throw thrown instanceof DataError ? thrown : connectionFailure(file, thrown, done);
  } finally {
    closeSync(open);
  }
  const short = total ?? file.bytes;
  if (short !== undefined && done < short) throw connectionFailure(file, undefined, done);
}
