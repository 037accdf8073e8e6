import { DataError } from '../../errors.ts';

/** A file that was named as a SoundFont and is none, or is not there, or is damaged. */
export class SoundFontError extends DataError {
  override name = 'SoundFontError';
}

/** Whether `bytes` begin like a SoundFont 2 or 3: a RIFF file of the form `sfbk`. */
export function isSoundFont(bytes: Uint8Array): boolean {
  const tag = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  return bytes.length >= 12 && tag(0) === 'RIFF' && tag(8) === 'sfbk';
}
