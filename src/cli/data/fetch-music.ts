import { createHash } from 'node:crypto';
import { createReadStream, renameSync, rmSync, rmdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { formatCount } from '../../text/words.ts';
import { InterruptedError } from '../exit-codes.ts';
import { FileError, formatBytes, outputError } from '../files.ts';
import { createProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { holdRunFolder } from '../train/hold-folder.ts';
import { ArchiveError } from './archive-error.ts';
import type { Terms } from './data-sets.ts';
import { download, sizeOf, type DownloadOptions } from './download.ts';
import { DownloadError } from './download-error.ts';
import { checkPlace, MANIFEST, writeManifest, type Manifest } from './music-folder.ts';
import type { ArchiveLimits, Watching } from './read-archive.ts';
import { unpack } from './unpack.ts';

/** An archive of music, and the folder that it is to become. */
export interface MusicSource {
  url: string;
  /** Of the archive, in hexadecimal. */
  sha256: string;
  /** Of the archive, where they are known. */
  bytes?: number;
  folder: string;
  limits: ArchiveLimits;
  terms?: Terms;
}

/** Where the music came from: it was there, or an archive of it was, or both had to be fetched. */
export type Origin = 'folder' | 'archive' | 'download';

export interface FetchedMusic {
  from: Origin;
  manifest: Manifest;
}

/** What stands in the folder beside, in which the work is done. */
const ARCHIVE = 'archive.zip';
const PART = 'archive.zip.part';
const UNPACKED = '.unpacked';

/**
 * Sees to it that the music of an archive stands in its folder: does nothing where it does, unpacks an archive that is there, and
 * fetches it otherwise. Nothing is unpacked whose digest is not the expected one, and the folder is whole or not there.
 *
 * @throws FileError, DownloadError, ArchiveError; InterruptedError, after which the same call goes on
 */
export async function fetchMusic(
  source: MusicSource,
  terminal: Terminal,
  options: DownloadOptions = {},
): Promise<FetchedMusic> {
  const manifest = checkPlace(source.folder, source.sha256);
  if (manifest) return { from: 'folder', manifest };
  const work = workFolder(source);
  try {
    return await holdRunFolder(work, terminal, async () => {
      // Another process may have had the lock until now.
      const meanwhile = checkPlace(source.folder, source.sha256);
      if (meanwhile) return { from: 'folder', manifest: meanwhile };
      return await fetchAndUnpack(source, terminal, options);
    });
  } finally {
    removeIfEmpty(work);
  }
}

/** The folder beside that of the music, in which a download grows and is unpacked. */
export function workFolder({ folder }: Pick<MusicSource, 'folder'>): string {
  return `${folder}.download`;
}

/** The file of an archive as its address names it; empty where it has no name. */
export function archiveName(url: string): string {
  try {
    return decodeURIComponent(basename(new URL(url).pathname));
  } catch {
    return '';
  }
}

async function fetchAndUnpack(
  source: MusicSource,
  terminal: Terminal,
  options: DownloadOptions,
): Promise<FetchedMusic> {
  const work = workFolder(source);
  const signal = terminal.interrupts(`stopping; what was fetched is kept in ${work}`);
  try {
    const found = await findArchive(source, signal, terminal);
    const archive = found ?? (await fetchArchive(source, { ...options, signal }, terminal));
    const manifest = await unpackInto(source, archive, signal, terminal);
    for (const name of [ARCHIVE, PART]) rmSync(join(work, name), { force: true });
    return { from: found === undefined ? 'download' : 'archive', manifest };
  } catch (thrown) {
    if (signal.aborted) throw interrupted(source);
    if (thrown instanceof FileError && thrown.code === 'disk-full') {
      terminal.say(`What was fetched is kept in ${work}: run the same command again to resume.`);
    }
    throw thrown;
  }
}

/** Where a reader can put an archive that was fetched by other means. */
function archiveBeside({ folder, url }: MusicSource): string {
  return join(dirname(folder), archiveName(url) || `${basename(folder)}.zip`);
}

/** An archive that is there already, and is the right one: of a run before, or fetched by other means. */
async function findArchive(source: MusicSource, signal: AbortSignal, terminal: Terminal): Promise<string | undefined> {
  const own = join(workFolder(source), ARCHIVE);
  for (const path of [own, archiveBeside(source)]) {
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
    const found = await digestOf(path, signal);
    if (found === source.sha256) {
      terminal.say(`${path} is the archive: nothing has to be fetched.`);
      return path;
    }
    if (path === own) rmSync(path);
    else terminal.warn(`${path} is another file than the archive (its SHA-256 is ${found}); it is left as it is.`);
  }
  return undefined;
}

/** SHA-256 of a file in hexadecimal. */
async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest('hex');
}

/** Fetches the archive, and looks at its digest. @returns its path */
async function fetchArchive(
  source: MusicSource,
  options: DownloadOptions & { signal: AbortSignal },
  terminal: Terminal,
): Promise<string> {
  const { url, sha256, bytes, limits } = source;
  const [part, archive] = [PART, ARCHIVE].map((name) => join(workFolder(source), name));
  const kept = sizeOf(part);
  terminal.say(`Fetching ${url}${bytes === undefined ? '' : ` (${formatBytes(bytes)})`}`);
  if (kept > 0) terminal.say(`${formatBytes(kept)} of it may be here from before.`);
  await showing(terminal, (shown) =>
    download({ url, sha256, bytes, part, atMostBytes: bytes ?? limits.bytes }, { ...options, ...shown }),
  ).catch((thrown: unknown) => {
    throw thrown instanceof DownloadError ? withHints(thrown, source, terminal) : thrown;
  });
  const found = await digestOf(part, options.signal);
  if (found !== sha256) {
    const length = sizeOf(part);
    for (const path of [part, `${part}.json`]) rmSync(path, { force: true });
    throw wrongDigest(source, found, length);
  }
  rmSync(`${part}.json`, { force: true });
  renameSync(part, archive);
  return archive;
}

/** Shows how far a download is, and why it is tried again. */
async function showing(
  terminal: Terminal,
  work: (shown: Pick<DownloadOptions, 'onProgress' | 'onRetry'>) => Promise<void>,
): Promise<void> {
  const progress = createProgress(terminal, { unit: 'byte' });
  let last: { done: number; total?: number } | undefined;
  const onProgress = (done: number, total?: number): void => {
    // What begins anew, too, is a stage of its own.
    if (last === undefined || last.total !== total || done < last.done) progress.start(total ?? Infinity, 'Downloading', done); // prettier-ignore
    last = { done, total };
    progress.update(done);
  };
  const onRetry = (why: string): void => {
    progress.abandon();
    last = undefined;
    terminal.warn(why);
  };
  try {
    await work({ onProgress, onRetry });
    progress.finish();
  } finally {
    progress.abandon();
  }
}

function wrongDigest(source: MusicSource, found: string, length: number): DownloadError {
  const advice =
    source.terms === undefined
      ? 'Compare --sha256 with what the publisher says.'
      : 'If it happens again, the publisher has replaced the file, or something on the way alters it: get it from another source, and do not use a file whose digest differs.'; // prettier-ignore
  return new DownloadError('digest', source, `what came (${formatCount(length)} bytes) is not the archive that was expected. Expected SHA-256: ${source.sha256}; found: ${found}. It was removed, and nothing was unpacked. ${advice}`); // prettier-ignore
}

/** The same error with what can be done about it. */
function withHints(thrown: DownloadError, source: MusicSource, { io }: Terminal): DownloadError {
  const { code, why } = thrown;
  const kept = sizeOf(join(workFolder(source), PART));
  const proxy = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'].find((name) => io.env[name]); // prettier-ignore
  const hints = [
    ...(kept > 0 ? [`What was fetched (${formatBytes(kept)}) is kept: run the same command again to resume.`] : []),
    ...(proxy !== undefined && code !== 'changed' && code !== 'too-large'
      ? [`${proxy} is set, which Node knows only with NODE_USE_ENV_PROXY=1, and from version 24 on.`]
      : []),
    ...(code === 'too-large'
      ? []
      : [`You can also download the archive yourself: save it as ${archiveBeside(source)}, and the same command unpacks it.`]), // prettier-ignore
  ];
  return new DownloadError(code, source, [why, ...hints].join(' '), { cause: thrown });
}

function interrupted(source: MusicSource): InterruptedError {
  const work = workFolder(source);
  const bytes = sizeOf(join(work, PART)) + sizeOf(join(work, ARCHIVE));
  const kept = bytes === 0 ? 'nothing was fetched yet' : `what was fetched (${formatBytes(bytes)}) is kept in ${work}`;
  return new InterruptedError(`interrupted; ${kept}. The same command goes on from there.`);
}

/**
 * Unpacks into a folder beside, which then takes the name. An archive that cannot be unpacked is not kept for a next time, but for
 * one that is too large: the limit may be raised.
 */
async function unpackInto(
  source: MusicSource,
  archive: string,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<Manifest> {
  const { folder, limits, url, sha256, terms } = source;
  const unpacked = join(workFolder(source), UNPACKED);
  const progress = createProgress(terminal, { unit: 'file' });
  let begun: string | undefined;
  const onProgress: Watching['onProgress'] = (stage, done, total) => {
    if (stage !== begun) progress.start(total, stage);
    begun = stage;
    progress.update(done);
  };
  try {
    rmSync(unpacked, { recursive: true, force: true });
    const all = await unpack(archive, unpacked, { limits, signal, onProgress });
    // An archive of a folder that was fetched has a manifest in it.
    const files = Object.fromEntries(Object.entries(all).filter(([path]) => path !== MANIFEST));
    const { licence, licenceUrl, citation } = terms ?? {};
    const manifest = { url, sha256, licence, licenceUrl, citation, files };
    writeManifest(unpacked, manifest);
    putInPlace(unpacked, folder);
    return manifest;
  } catch (thrown) {
    const isOurs = dirname(archive) === workFolder(source);
    if (isOurs && thrown instanceof ArchiveError && thrown.code !== 'too-large') rmSync(archive, { force: true });
    throw thrown;
  } finally {
    progress.abandon();
    rmSync(unpacked, { recursive: true, force: true });
  }
}

function putInPlace(unpacked: string, folder: string): void {
  try {
    // Windows renames onto no folder, not even an empty one.
    if (statSync(folder, { throwIfNoEntry: false }) !== undefined) rmdirSync(folder);
    renameSync(unpacked, folder);
  } catch (thrown) {
    throw outputError(folder, thrown, 0);
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Gone, or there is something in it for the next time.
  }
}
