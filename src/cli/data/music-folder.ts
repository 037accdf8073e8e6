import { lstatSync, readFileSync, readdirSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { counted } from '../../text/words.ts';
import { FileError, writeFileAtomic } from '../files.ts';
import { printable } from '../../text/table.ts';
import type { UnpackedFiles } from './unpack.ts';

/**
 * Stands in a folder that `etude data` made, and says what belongs into it. The dot keeps it from whoever looks for music.
 */
export const MANIFEST = '.etude-data.json';

/** What was unpacked. */
export interface Manifest {
  url: string;
  /** Of the archive. */
  sha256: string;
  licence?: string;
  licenceUrl?: string;
  citation?: string;
  files: UnpackedFiles;
}

/** How a folder stands to an archive. */
export type FolderState =
  | { state: 'absent' }
  | { state: 'whole'; manifest: Manifest }
  /** Files of it are missing, or have another length. */
  | { state: 'changed'; files: string[] }
  /** Not ours, or of another archive. */
  | { state: 'other'; manifest?: Manifest };

/** Looks at a folder; an empty one counts as absent. Lengths are compared, not contents. */
export function stateOfFolder(folder: string, sha256: string): FolderState {
  const there = entryAt(folder);
  if (there === undefined || (there.isDirectory() && readdirSync(folder).length === 0)) return { state: 'absent' };
  const manifest = readManifest(folder);
  if (manifest?.sha256 !== sha256) return { state: 'other', manifest };
  const files = Object.entries(manifest.files).filter(([path, bytes]) => lengthOf(join(folder, path)) !== bytes);
  return files.length > 0 ? { state: 'changed', files: files.map(([path]) => path) } : { state: 'whole', manifest };
}

/**
 * Whether an archive may be unpacked into a folder.
 * @returns the manifest where it has been; undefined where the place is free
 * @throws FileError `exists`, which says what to do
 */
export function checkPlace(folder: string, sha256: string): Manifest | undefined {
  const found = stateOfFolder(folder, sha256);
  if (found.state === 'absent') return undefined;
  if (found.state === 'whole') return found.manifest;
  throw new FileError('exists', folder, refusal(found));
}

function refusal(found: FolderState & { state: 'changed' | 'other' }): string {
  if (found.state === 'changed') {
    const { files } = found;
    const [what, which] = [counted(files.length, 'file'), printable(files[0])];
    return `of what was unpacked here ${what} ${files.length === 1 ? 'is' : 'are'} missing or changed (${which}${files.length === 1 ? '' : ', for one'}). Move the folder away, and the same command fetches it again; or choose another --out.`; // prettier-ignore
  }
  if (found.manifest !== undefined) {
    return `this folder is of another archive (${printable(found.manifest.url)}). Choose another --out, or move it away.`;
  }
  return 'there is something here that "etude data" did not make. If it is the music, it can be used as it is; otherwise choose another --out, or move it away.'; // prettier-ignore
}

/** Writes down what was unpacked, in the place of what an archive may have by this name. @throws FileError */
export function writeManifest(folder: string, manifest: Manifest): void {
  writeFileAtomic(join(folder, MANIFEST), `${JSON.stringify(manifest, undefined, 1)}\n`, { force: true });
}

function readManifest(folder: string): Manifest | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as Partial<Manifest> | null;
    const { url, sha256, files } = manifest ?? {};
    const sound =
      typeof url === 'string' && typeof sha256 === 'string' && typeof files === 'object' && (files as unknown) !== null;
    return sound ? (manifest as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

/** A link that leads nowhere is something, too. */
function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // A part of the path is a file, or may not be looked at: making the folder will say more.
    return undefined;
  }
}

function lengthOf(path: string): number | undefined {
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    return there?.isFile() ? there.size : undefined;
  } catch {
    return undefined;
  }
}
