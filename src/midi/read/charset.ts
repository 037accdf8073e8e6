import { UsageError } from '../../errors.ts';

/** How names are decoded unless a charset is named: by what their bytes can be. */
export const AUTO = 'auto';

/** What stands at 0x80 to 0x9f in Latin-1 as Windows has it. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Kana, in full width and in half, and kanji. */
const KANA_OR_KANJI = /[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d]/;

/**
 * A charset by its name, as the WHATWG Encoding Standard spells them (`utf-8`, `shift_jis`, `windows-1251`, …), or `auto`.
 * @throws UsageError for one that this machine cannot decode
 */
export function checkedCharset(charset: string): string {
  if (charset === AUTO) return charset;
  try {
    return new TextDecoder(charset).encoding;
  } catch {
    throw new UsageError(
      `charset: "${charset}" is none that can be decoded here; expected auto, or a name such as utf-8, shift_jis, latin1 or windows-1251.`,
    );
  }
}

/**
 * The text of a name. With `auto`: UTF-16 where a byte order mark or the zeros of Latin letters say so, UTF-8 where the bytes
 * are valid UTF-8, else Shift-JIS where they decode to kana or kanji, else Latin-1 (with the quotes and dashes that Windows
 * has there).
 *
 * Shift-JIS takes many words of Latin-1 for a word with one kanji in it: "Träume" is one. A kanji alone between letters is
 * therefore no Japanese, unless its bytes are none of a Latin letter's.
 *
 * @param charset as {@link checkedCharset} gives it
 */
export function decodeName(bytes: Uint8Array, charset: string): string {
  if (charset === 'windows-1252') return decodeWindows(bytes);
  if (charset !== AUTO) return new TextDecoder(charset).decode(bytes);
  const wide = utf16Of(bytes);
  return (
    (wide && decodeStrictly(bytes, wide)) ??
    decodeStrictly(bytes, 'utf-8') ??
    decodeJapanese(bytes) ??
    decodeWindows(bytes)
  );
}

/** By hand: some versions of Node take this charset for Latin-1 as ISO has it. */
function decodeWindows(bytes: Uint8Array): string {
  return decodeLatin1(bytes).replace(/[\u0080-\u009f]/g, (letter) => WINDOWS_1252[letter.charCodeAt(0) - 0x80]);
}

/** Bytes as the letters of the same numbers: how pretty_midi reads names. */
export function decodeLatin1(bytes: Uint8Array): string {
  let text = '';
  // A call takes so many arguments at most.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/**
 * The bytes of a name that {@link decodeName} reads back as it was: Latin-1, as pretty_midi writes it, where that does; else
 * UTF-8, with its mark in front where the bytes alone would be taken for something else. (A surrogate without its other half
 * has no bytes.)
 */
export function encodeName(text: string): Uint8Array {
  const letters = Array.from(text, (letter) => letter.codePointAt(0)!);
  if (letters.every((code) => code < 256)) {
    const latin = Uint8Array.from(letters);
    if (decodeName(latin, AUTO) === text) return latin;
  }
  const utf8 = new TextEncoder().encode(text);
  return decodeName(utf8, AUTO) === text ? utf8 : Uint8Array.from([0xef, 0xbb, 0xbf, ...utf8]);
}

/** Undefined where the bytes are not valid, or the machine does not know the charset. */
function decodeStrictly(bytes: Uint8Array, charset: string): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The byte order of UTF-16: by its mark, or by zeros in every other place of at least half of the letters. */
function utf16Of(bytes: Uint8Array): string | undefined {
  const { length } = bytes;
  if (length % 2 !== 0 || length < 2) return undefined;
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (length < 4) return undefined;
  const zeros = [0, 0];
  for (let i = 0; i < length; i++) if (bytes[i] === 0) zeros[i & 1]++;
  if (zeros[0] === 0 && zeros[1] * 4 >= length) return 'utf-16le';
  if (zeros[1] === 0 && zeros[0] * 4 >= length) return 'utf-16be';
  return undefined;
}

function decodeJapanese(bytes: Uint8Array): string | undefined {
  const text = decodeStrictly(bytes, 'shift_jis');
  return text !== undefined && looksJapanese(text, bytes) ? text : undefined;
}

function looksJapanese(text: string, bytes: Uint8Array): boolean {
  const letters = Array.from(text);
  let at = 0;
  for (let i = 0; i < letters.length; i++) {
    const isJapanese = KANA_OR_KANJI.test(letters[i]);
    if (isJapanese) {
      const halfWidth = /[\uff61-\uff9f]/.test(letters[i]);
      const [before, after] = [letters[i - 1] ?? '', letters[i + 1] ?? ''];
      if (KANA_OR_KANJI.test(before)) return true;
      if (!halfWidth && !isLatin(before) && !isLatin(after) && !KANA_OR_KANJI.test(after)) return true;
      if (!halfWidth && isNoLatinLetter(bytes[at])) return true;
    }
    at += bytesOf(letters[i]);
  }
  return false;
}

function isLatin(letter: string): boolean {
  return /[A-Za-z]/.test(letter);
}

/** A byte that no text of Latin-1 has, not even with the quotes, dashes and dots of Windows. */
function isNoLatinLetter(byte: number): boolean {
  return byte >= 0x80 && byte < 0xa0 && byte !== 0x85 && !(byte >= 0x91 && byte <= 0x97);
}

/** How many bytes a letter takes in Shift-JIS. */
function bytesOf(letter: string): number {
  return letter.codePointAt(0)! < 0x80 || /[\uff61-\uff9f]/.test(letter) ? 1 : 2;
}
