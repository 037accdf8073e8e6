import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { FileError, makeFolder, outputError, UNFINISHED_FILE } from './files.ts';
import { lifeOf, ownIdentity, type Life, type ProcessIdentity } from './process-identity.ts';

/** Stands in a run folder while a run writes into it, and says which. */
const LOCK_FILE = 'run.lock';

/** Added to the name of a lock that is being removed because its process is gone. */
const TAKEOVER = '.over';

/** What a lock says. */
interface LockRecord extends ProcessIdentity {
  /** When the lock was taken, as ISO 8601. */
  since: string;
  /** Distinguishes this lock from every other. */
  id: string;
}

/** A lock that is in the way. */
interface Holder {
  path: string;
  /** The file as it was read. */
  text: string;
  /** Undefined where the file is none of ours. */
  record?: LockRecord;
  life: Life;
}

/** Whether a file of this name belongs to a lock, or is one: no part of the run itself. */
export function isOfLock(name: string): boolean {
  const [, target = name] = UNFINISHED_FILE.exec(name) ?? [];
  return target === LOCK_FILE || (target.startsWith(LOCK_FILE) && target.endsWith(TAKEOVER));
}

/**
 * The right to write into a run folder: a file `run.lock` in it that names the process. One process has it at a time. It is
 * given back with `release`, and when the process ends in any way that lets it: kill -9 leaves the file, and the next run
 * sees that its process is gone and takes its place.
 */
export class RunLock {
  readonly #folder: string;
  readonly #text: string;
  /** The uppermost folder that was made for the lock. */
  readonly #made: string | undefined;

  private constructor(folder: string, text: string, made: string | undefined) {
    this.#folder = folder;
    this.#text = text;
    this.#made = made;
    process.once('exit', this.release);
  }

  /**
   * Takes the lock of `folder`, which is made where it is not there.
   * @throws FileError `held`, which says by whom, when another process has it, or one on another machine may have it
   */
  static take(folder: string): RunLock {
    const record: LockRecord = {
      ...ownIdentity(),
      since: new Date().toISOString(),
      id: randomBytes(6).toString('hex'),
    };
    const text = `${JSON.stringify(record)}\n`;
    const path = join(folder, LOCK_FILE);
    const made = makeFolder(folder);
    try {
      const holder = takeFile(path, text);
      if (holder) throw new FileError('held', folder, describeHolder(holder));
    } catch (thrown) {
      removeEmpty(folder, made);
      throw thrown instanceof FileError ? thrown : outputError(path, thrown, text.length);
    }
    return new RunLock(folder, text, made);
  }

  /** Gives the lock back, and removes the folders that were made for it where nothing was written into them. */
  readonly release = (): void => {
    process.removeListener('exit', this.release);
    const path = join(this.#folder, LOCK_FILE);
    // Somebody may have removed it by hand, and another run have begun.
    if (readText(path) === this.#text) rmSync(path, { force: true });
    removeEmpty(this.#folder, this.#made);
  };
}

/**
 * Makes the file `path` with `text` in it unless a process that may be alive has it. Files of processes that are gone are
 * removed, by one process at a time, which for that has a lock of the same kind: otherwise two that saw the same old file
 * could both remove it, the second one the new lock of the first. What that one leaves when it is killed goes the same way.
 *
 * @returns who has it; undefined when we do
 */
function takeFile(path: string, text: string): Holder | undefined {
  for (;;) {
    if (createWhole(path, text)) return undefined;
    const holder = readHolder(path);
    if (holder === undefined) continue;
    if (holder.life !== 'gone') return holder;
    const remover = takeFile(path + TAKEOVER, text);
    if (remover) return remover;
    try {
      if (readText(path) === holder.text) rmSync(path, { force: true });
    } finally {
      rmSync(path + TAKEOVER, { force: true });
    }
  }
}

/** Makes a file that nobody ever sees empty or in part. @returns false where there is one of this name */
function createWhole(path: string, text: string): boolean {
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeFileSync(beside, text, { flag: 'wx' });
    linkSync(beside, path);
    return true;
  } catch (thrown) {
    const { code = '', syscall } = thrown as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // The run that has the folder tidies it up: once more, to meet its lock.
    if (code === 'ENOENT' && syscall === 'link') return false;
    if (syscall === 'link' && WITHOUT_LINKS.includes(code)) return createHere(path, text);
    throw thrown;
  } finally {
    rmSync(beside, { force: true });
  }
}

/** How file systems say that they have no hard links. */
const WITHOUT_LINKS: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES', 'EMLINK', 'EISDIR'];

/** Second best, where there are no links: for a moment the file is seen empty. */
function createHere(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

function readHolder(path: string): Holder | undefined {
  const text = readText(path);
  if (text === undefined) return undefined;
  const record = parseRecord(text);
  return { path, text, record, life: record ? lifeOf(record) : 'unknown' };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}

function parseRecord(text: string): LockRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<LockRecord> | null;
    const { pid, host, space, started, since } = record ?? {};
    const isWord = (value: unknown): boolean => value === null || typeof value === 'string';
    const sound =
      Number.isSafeInteger(pid) &&
      typeof host === 'string' &&
      isWord(space) &&
      isWord(started) &&
      Number.isFinite(Date.parse(String(since)));
    return sound ? (record as LockRecord) : undefined;
  } catch {
    return undefined;
  }
}

function describeHolder({ path, record, life }: Holder): string {
  if (!record) return `${path} cannot be understood: whoever holds this folder is not known. ${removal(path)}`;
  // Swedish writes dates as ISO 8601 does, and in the time of the place.
  const since = `process ${record.pid}, since ${new Date(record.since).toLocaleString('sv-SE')}`;
  return life === 'runs'
    ? `another run is at work in this folder (${since}). Wait until it ends or stop it, or choose another --out.`
    : `a run on another machine or in another container, "${record.host}", holds this folder (${since}); whether it is ` +
        `still at work cannot be seen from here. ${removal(path)}`;
}

function removal(path: string): string {
  return `If no run is active here, remove ${path} and try again; or choose another --out.`;
}

/** Removes `folder` and those above it up to `made`, as far as they are empty. */
function removeEmpty(folder: string, made: string | undefined): void {
  if (made === undefined) return;
  try {
    for (let path = resolve(folder); ; path = dirname(path)) {
      rmdirSync(path);
      if (path === resolve(made)) return;
    }
  } catch {
    // Something is in it.
  }
}
