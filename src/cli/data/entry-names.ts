/** Windows keeps these for devices, whatever ending follows. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)/i;
/** What Windows allows in no name, and what could command a terminal; U+FFFD stands for bytes that are no UTF-8. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f<>:"|?*\ufffd]/;

/** What the file systems of Linux, macOS and Windows take, in bytes of UTF-8. */
const LONGEST_NAME = 255;
const LONGEST_PATH = 1000;

/**
 * Why an entry of an archive may not be written by the name that it has: it would lie outside the folder, or on some system be
 * another file, or none. The end of a sentence that begins with the name.
 *
 * @param path with `/` between folders; one at the end makes it a folder
 * @returns undefined for a name that is the same everywhere
 */
export function faultOfName(path: string): string | undefined {
  if (path.includes('\\')) return 'has a backslash, which separates folders on Windows';
  if (path.startsWith('/')) return 'is an absolute path';
  if (/^[a-z]:/i.test(path)) return 'begins with the letter of a drive';
  if (Buffer.byteLength(path) > LONGEST_PATH) return `is a path of more than ${LONGEST_PATH} bytes`;
  for (const name of path.replace(/\/$/, '').split('/')) {
    const fault = faultOfPart(name);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfPart(name: string): string | undefined {
  if (name === '' || name === '.') return 'has an empty name in its path';
  if (name === '..') return 'leads out of its folder';
  if (FORBIDDEN.test(name)) return 'has a character that not every system allows in names';
  if (/[. ]$/.test(name)) return 'has a name that ends in a dot or a space, which Windows drops';
  if (DEVICE.test(name)) return 'has the name of a device of Windows';
  if (Buffer.byteLength(name) > LONGEST_NAME) return `has a name of more than ${LONGEST_NAME} bytes`;
  return undefined;
}

/** The names of an archive so far: no two of them may mean the same place, on any system. */
export class NamesInUse {
  readonly #seen = new Map<string, { path: string; kind: 'file' | 'folder' | 'implied' }>();

  /**
   * Takes a name, and those of the folders above it.
   * @returns why it may not be taken, as the end of a sentence that begins with the name
   */
  take(path: string): string | undefined {
    const parts = path.replace(/\/$/, '').split('/');
    for (let depth = 1; depth <= parts.length; depth++) {
      const kind = depth < parts.length ? 'implied' : path.endsWith('/') ? 'folder' : 'file';
      const fault = this.#takeOne(parts.slice(0, depth).join('/'), kind);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #takeOne(path: string, kind: 'file' | 'folder' | 'implied'): string | undefined {
    // macOS takes letters and their composed forms for the same, Windows and macOS small and capital letters.
    const key = path.normalize('NFC').toLowerCase();
    const other = this.#seen.get(key);
    if (other === undefined || (other.kind === 'implied' && other.path === path && kind !== 'file')) {
      this.#seen.set(key, { path, kind });
      return undefined;
    }
    if (other.path !== path) return `differs from "${other.path}" only in capitals or in how letters are composed`;
    if (kind === 'implied' && other.kind !== 'file') return undefined;
    if (other.kind === kind) return 'occurs twice';
    return 'is a file and a folder both';
  }
}
