import { Buffer } from 'node:buffer';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Names of files are bytes on most systems, and need not be UTF-8. In a path such bytes stand as U+DC80 to U+DCFF, halves of
 * pairs that no text has (Python's "surrogateescape" does the same), so that a path stays a string.
 */
const ESCAPED = /[\udc80-\udcff]/u;

/** What Node puts for bytes that are no UTF-8: from the command line, and in names that it lists as strings. */
export const REPLACED = '\ufffd';

/** The name with these bytes. */
export function decodeFileName(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8');
  if (!text.includes(REPLACED) || Buffer.from(text, 'utf8').equals(bytes)) return text;
  let name = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) name += String.fromCharCode(0xdc00 + bytes[at++]);
    else {
      name += Buffer.from(bytes.subarray(at, at + length)).toString('utf8');
      at += length;
    }
  }
  return name;
}

/** What the functions of node:fs take for a path: the bytes, where it has some that are no UTF-8. */
export function diskPath(path: string): string | Buffer {
  if (!ESCAPED.test(path)) return path;
  const parts = path.split(/([\udc80-\udcff])/u);
  return Buffer.concat(
    parts.map((part) => (ESCAPED.test(part) ? Buffer.of(part.charCodeAt(0) - 0xdc00) : Buffer.from(part, 'utf8'))),
  );
}

/** The path as a person can see it: U+FFFD for each byte that is no UTF-8. */
export function visiblePath(path: string): string {
  return path.replaceAll(/[\udc80-\udcff]/gu, REPLACED);
}

/**
 * The paths that a text may mean in which bytes were replaced, as those of the command line are: every file or folder whose
 * name looks like it. The text itself where it is there, or where it has nothing replaced.
 */
export function pathsLike(path: string): string[] {
  if (!path.includes(REPLACED) || existsSync(path)) return [path];
  let found = [path.startsWith('/') ? '/' : ''];
  for (const part of path.split('/').filter((each) => each !== '')) {
    found = found.flatMap((folder) => namesLike(folder, part).map((name) => join(folder, name)));
  }
  return found;
}

function namesLike(folder: string, part: string): string[] {
  if (!part.includes(REPLACED)) return [part];
  try {
    const names = readdirSync(diskPath(folder || '.'), { encoding: 'buffer' }).map(decodeFileName);
    return names.filter((name) => looks(name) === looks(part));
  } catch {
    return [];
  }
}

/** Decoders put one U+FFFD for one byte or for several. */
function looks(name: string): string {
  return visiblePath(name).replaceAll(/\ufffd+/g, REPLACED);
}

/** The bytes of the UTF-8 letter at `at`; 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  const length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0; // prettier-ignore
  if (length === 0 || at + length > bytes.length) return 0;
  const letter = Buffer.from(bytes.subarray(at, at + length));
  return Buffer.from(letter.toString('utf8'), 'utf8').equals(letter) ? length : 0;
}
