import { readFileSync } from 'node:fs';
import { DataError, messageOf } from '../errors.ts';
import { SOUND_FONT_ADVICE, encodeWav, findSoundFont, renderAudio, type RenderedAudio } from '../midi/node.ts';
import type { ReadOptions } from '../midi/index.ts';

/** How a piece is to be played. */
export interface PlayOptions {
  sampleRate: number;
  /** At most so many seconds from the start; the whole piece unless given. */
  seconds?: number;
  /** The value of --soundfont: a path, `none` for the additive piano, undefined to look for one. */
  soundfont?: string;
  /** How the notes are read. */
  reading?: ReadOptions;
}

/** What was played. */
export interface PlayedFile {
  synth: RenderedAudio['synth'];
  soundfont: string | null;
  /** Which synthesizer played, and why that one, in words. */
  why: string;
  /** Of sound. */
  seconds: number;
  bytes: number;
  problems: RenderedAudio['problems'];
}

/**
 * Plays a MIDI file into a WAV file.
 * @param midi the bytes of the MIDI file
 * @param write takes the bytes of the WAV file and says how many they are
 * @throws DataError, SoundFontError, FileError
 */
export async function playIntoFile(
  midi: Uint8Array,
  { sampleRate, seconds, soundfont, reading }: PlayOptions,
  write: (wav: Uint8Array) => number,
): Promise<PlayedFile> {
  const choice = soundfont === 'none' ? undefined : findSoundFont({ path: soundfont });
  const soundFont = choice && readSoundFont(choice.path);
  const { channels, synth, problems } = await renderAudio(midi, { sampleRate, seconds, soundFont, reading });
  return {
    synth,
    soundfont: choice?.path ?? null,
    why: choice
      ? `spessasynth with the SoundFont ${choice.path}, ${choice.why}`
      : soundfont === 'none'
        ? 'the additive piano, as requested'
        : `the additive piano, since no SoundFont was found: ${SOUND_FONT_ADVICE}`,
    seconds: channels[0].length / sampleRate,
    bytes: write(encodeWav(channels, sampleRate)),
    problems,
  };
}

function readSoundFont(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (thrown) {
    throw new DataError(`${path}: the SoundFont cannot be read: ${messageOf(thrown)}.`, { cause: thrown });
  }
}
