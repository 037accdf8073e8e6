import { readFileSync } from 'node:fs';
import { basename, extname, join, dirname } from 'node:path';
import { DataError, messageOf } from '../../errors.ts';
import {
  SOUND_FONT_ADVICE,
  encodeWav,
  findSoundFont,
  renderAudio,
  type SoundFontChoice,
} from '../../midi/audio/index.ts';
import { readMidiFile } from '../../midi/read/read-midi-file.ts';
import type { ActionOf } from '../command.ts';
import type { listen as words } from '../command-table.ts';
import { checkOutputFile, formatBytes, writeFileAtomic } from '../files.ts';
import { formatSeconds } from '../progress.ts';

/** `etude listen`: a MIDI file as a WAV file. */
export const listen: ActionOf<typeof words> = async ({ args: [path], options, terminal }) => {
  const { sampleRate, seconds, soundfont, force } = options;
  const out = options.out ?? join(dirname(path), `${basename(path, extname(path))}.wav`);
  checkOutputFile(out, { force });
  // Refuses what is no MIDI file with the path in the message, and before a SoundFont is read.
  readMidiFile(path);
  const choice = soundfont === 'none' ? undefined : findSoundFont({ path: soundfont });
  const why = explain(choice, soundfont === 'none');
  const soundFont = choice && readSoundFont(choice.path);
  const { channels, synth, problems } = await renderAudio(readFileSync(path), { sampleRate, seconds, soundFont });
  for (const { message } of problems) terminal.warn(`${path}: ${message}`);
  const bytes = writeFileAtomic(out, encodeWav(channels, sampleRate), { force });
  const length = channels[0].length / sampleRate;
  if (terminal.json) {
    const soundfontPath = choice?.path ?? null;
    terminal.printJson({
      path,
      out,
      synth,
      soundfont: soundfontPath,
      why,
      sampleRate,
      seconds: length,
      bytes,
      problems,
    });
  }
  terminal.say(`Played by ${why}.`);
  terminal.say(`${out}: ${formatSeconds(length)}, ${sampleRate} Hz, ${formatBytes(bytes)}.`);
};

/** Which synthesizer plays, and why that one. */
function explain(choice: SoundFontChoice | undefined, asked: boolean): string {
  if (choice) return `spessasynth with the SoundFont ${choice.path}, ${choice.why}`;
  return asked
    ? 'the additive piano, as asked for'
    : `the additive piano, since no SoundFont was found: ${SOUND_FONT_ADVICE}`;
}

function readSoundFont(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (thrown) {
    throw new DataError(`${path}: the SoundFont cannot be read: ${messageOf(thrown)}.`, { cause: thrown });
  }
}
