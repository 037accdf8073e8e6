import { lstatSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, resolve, sep } from 'node:path';

import { globSync, isDynamicPattern, type FileSystemAdapter } from 'tinyglobby';

import { DataError, messageOf } from '../../errors.ts';
import { decodeFileName, diskPath, pathsLike, REPLACED } from '../read/disk-path.ts';
import { isMaestroCsv, parseMaestroCsv } from './maestro.ts';
import { compareNatural } from './natural-order.ts';
import type { Corpus, SplitName } from './types.ts';

/** A file that may become a piece. */
export interface SourceFile {
  /** With `/` between folders. */
  path: string;
  name: string;
  split?: SplitName;
}

/** What the sources hold, before anything is read. */
export interface Listing extends Pick<Corpus, 'skipped' | 'missing'> {
  /** In natural order of their paths, none twice. */
  files: SourceFile[];
}

const EXTENSIONS = new Set(['.mid', '.midi', '.smf', '.kar', '.rmi']);

/**
 * The MIDI files behind the sources. A source is a file (whatever its extension: it was named), a folder (searched
 * with all folders below it for .mid, .midi, .smf, .kar and .rmi in any case; names that begin with a dot are passed over, as
 * are macOS's shadow files), or a glob pattern. A folder with a maestro-*.csv, at any depth, is taken as the data set
 * MAESTRO: exactly the listed files, with their splits; unlisted MIDI files below it are named in `skipped`.
 * @throws DataError when a source does not exist, a pattern matches no MIDI file, a MAESTRO CSV is broken, or no MIDI
 * file is found at all.
 */
export function findFiles(sources: readonly string[]): Listing {
  if (sources.length === 0)
    throw new DataError('no sources: name MIDI files, folders or patterns such as music/**/*.mid.');
  const finder = new Finder();
  for (const source of sources) finder.addSource(source);
  if (finder.files.size === 0 && finder.missing.length === 0) {
    throw new DataError(
      `no MIDI files in ${sources.join(', ')}: expected files that end in ${[...EXTENSIONS].join(', ')}` +
        `${reasons(finder.skipped)}. Name another folder.`,
    );
  }
  const files = [...finder.files.values()].sort((a, b) => compareNatural(a.path, b.path));
  return { files, missing: finder.missing.sort(compareNatural), skipped: finder.skipped };
}

/** Up to three reasons, in words, to end a message with. */
export function reasons(skipped: Corpus['skipped']): string {
  if (skipped.length === 0) return '';
  const shown = skipped.slice(0, 3).map(({ path, reason }) => `${path}: ${reason}`);
  return ` (left out: ${shown.join('; ')}${skipped.length > 3 ? `; and ${skipped.length - 3} more` : ''})`;
}

class Finder {
  /** By absolute path, so that a file named twice is one file. */
  readonly files = new Map<string, SourceFile>();
  readonly missing: string[] = [];
  readonly skipped: Corpus['skipped'] = [];
  /** Real paths of the folders that were walked: a link may lead back up. */
  readonly #walked = new Set<string>();

  addSource(source: string): void {
    // The command line puts U+FFFD for bytes that are no UTF-8.
    const alike = pathsLike(source);
    if (alike.length > 0 && alike[0] !== source) for (const path of alike) this.addSource(path);
    else this.#addFound(source);
  }

  #addFound(source: string): void {
    const kind = kindOf(source);
    if (kind === 'folder') this.#walk(source);
    else if (kind === 'file' && isMaestroCsv(basename(source))) this.#addMaestro(dirname(source), basename(source));
    else if (kind === 'file') this.#add({ path: portable(source), name: stem(source) });
    else if (kind === 'nothing') this.#addPattern(source);
    else throw new DataError(`${source} is neither a file nor a folder that can be read (${kind}).`);
  }

  #addPattern(pattern: string): void {
    if (!isDynamicPattern(pattern)) {
      throw new DataError(
        `${pattern} does not exist: expected a MIDI file, a folder or a pattern such as music/**/*.mid.`,
      );
    }
    const matches = globSync(portable(pattern), { absolute: isAbsolute(pattern), fs: GLOB_FS }).filter(isMidiName);
    const found = new Set(matches);
    if (found.size === 0) throw new DataError(`${pattern} matches no MIDI file (${[...EXTENSIONS].join(', ')}).`);
    for (const path of found) this.#add({ path: portable(path), name: stem(path) });
  }

  #walk(folder: string): void {
    let entries: Entry[];
    try {
      const real = realPath(folder);
      if (this.#walked.has(real)) return;
      this.#walked.add(real);
      entries = entriesOf(folder);
    } catch (thrown) {
      this.skipped.push({ path: portable(folder), reason: `the folder cannot be read: ${messageOf(thrown)}` });
      return;
    }
    const csv = entries.map(({ name }) => name).filter(isMaestroCsv);
    if (csv.length > 1) {
      throw new DataError(
        `${folder} holds several MAESTRO lists (${csv.join(', ')}): name the one to use as the source.`,
      );
    }
    if (csv.length === 1) this.#addMaestro(folder, csv[0]);
    else for (const entry of entries) this.#addEntry(folder, entry);
  }

  #addEntry(folder: string, { name, entry }: Entry): void {
    if (name.startsWith('.')) return;
    const path = join(folder, name);
    if (entry.isDirectory()) this.#walk(path);
    else if (entry.isFile()) this.#addIfMidi(path, 'file');
    else if (entry.isSymbolicLink() && kindOf(path) === 'folder') this.#walk(path);
    else this.#addIfMidi(path, kindOf(path));
  }

  #addIfMidi(path: string, kind: string): void {
    if (!isMidiName(path)) return;
    if (kind === 'file') this.#add({ path: portable(path), name: stem(path) });
    else this.skipped.push({ path: portable(path), reason: `no readable file (${kind})` });
  }

  #addMaestro(folder: string, csv: string): void {
    const list = join(folder, csv);
    let text: string;
    try {
      text = readFileSync(diskPath(list), 'utf8');
    } catch (thrown) {
      throw new DataError(`${list} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
    }
    const listed = new Set<string>();
    const below = new Set(midiFilesBelow(folder));
    for (const { file, split, name } of parseMaestroCsv(text, list)) {
      const path = join(folder, file);
      listed.add(path);
      if (below.has(path) || kindOf(path) === 'file') this.#add({ path: portable(path), name, split });
      else this.missing.push(portable(path));
    }
    for (const path of below) {
      if (!listed.has(path)) this.skipped.push({ path: portable(path), reason: `not listed in ${csv}` });
    }
  }

  #add(file: SourceFile): void {
    const key = resolve(file.path);
    // A data set's split must not get lost when one of its files is named once more.
    if (file.split !== undefined || !this.files.has(key)) this.files.set(key, file);
  }
}

/** All MIDI files under a folder, for the sake of naming those that a list leaves out; links to folders are not followed. */
function midiFilesBelow(folder: string): string[] {
  return entriesOf(folder).flatMap(({ name, entry }) => {
    const path = join(folder, name);
    if (entry.isDirectory()) return midiFilesBelow(path);
    return entry.isFile() && !name.startsWith('.') && isMidiName(name) ? [path] : [];
  });
}

/** Links followed. The other realpathSync takes no bytes. */
function realPath(path: string): string {
  return decodeFileName(realpathSync.native(diskPath(path), { encoding: 'buffer' }));
}

/** The disk for patterns, with names whatever their bytes. */
const GLOB_FS = {
  readdirSync: (folder: string) =>
    entriesOf(folder).map(({ name, entry }) => ({
      name,
      isFile: () => entry.isFile(),
      isDirectory: () => entry.isDirectory(),
      isSymbolicLink: () => entry.isSymbolicLink(),
    })),
  realpathSync: realPath,
  statSync: (path: string) => statSync(diskPath(path)),
} as unknown as FileSystemAdapter;

/** What lies in a folder. */
interface Entry {
  name: string;
  entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>;
}

function entriesOf(folder: string): Entry[] {
  const entries = readdirSync(diskPath(folder), { withFileTypes: true });
  if (!entries.some(({ name }) => name.includes(REPLACED))) {
    return entries.map((entry) => ({ name: entry.name, entry }));
  }
  // Names that may have been bytes which are no UTF-8. Bun lists bytes or kinds, not both at once.
  return readdirSync(diskPath(folder), { encoding: 'buffer' }).flatMap((bytes) => {
    const name = decodeFileName(bytes);
    const entry = lstatSync(diskPath(join(folder, name)), { throwIfNoEntry: false });
    return entry ? [{ name, entry }] : [];
  });
}

/** What stands at a path, links followed: a pipe or a device must not be opened, it may never end. */
function kindOf(path: string): string {
  try {
    const stat = statSync(diskPath(path), { throwIfNoEntry: false });
    if (stat === undefined) return 'nothing';
    if (stat.isDirectory()) return 'folder';
    return stat.isFile() ? 'file' : 'a device or pipe';
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/** Whether a path ends as MIDI files do, in any case. */
export function isMidiName(path: string): boolean {
  return EXTENSIONS.has(extname(path).toLowerCase());
}

function stem(path: string): string {
  return basename(path, extname(path));
}

function portable(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
