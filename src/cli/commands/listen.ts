import { basename, dirname, extname, join } from 'node:path';
import { readMidiAt } from '../../midi/read/read-midi-file.ts';
import { playIntoFile } from '../audio-file.ts';
import type { ActionOf } from '../command.ts';
import type { listen as words } from '../command-table.ts';
import { formatBytes } from '../files.ts';
import { checkOutput, outputName, writeOutput } from '../output.ts';
import { readingOf } from '../reading-options.ts';
import { formatSeconds } from '../../text/words.ts';

/** `etude listen`: a MIDI file as a WAV file. */
export const listen: ActionOf<typeof words> = async ({ args: [path], options, terminal }) => {
  const { sampleRate, seconds: limit, soundfont, force } = options;
  const out = options.out ?? join(dirname(path), `${basename(path, extname(path))}.wav`);
  checkOutput(out, { force, binary: true }, terminal);
  // Refuses what is no MIDI file with the path in the message, and before a SoundFont is read.
  const reading = readingOf(options);
  const { bytes: midi } = readMidiAt(path, reading);
  const wanted = { sampleRate, seconds: limit, soundfont, reading };
  const played = await playIntoFile(midi, wanted, (wav) => writeOutput(out, wav, { force }, terminal));
  const { why, seconds, bytes, problems } = played;
  for (const { message } of problems) terminal.warn(`${path}: ${message}`);
  if (terminal.json) terminal.printJson({ path, out, sampleRate, ...played });
  terminal.say(`Played by ${why}.`);
  terminal.say(`${outputName(out)}: ${formatSeconds(seconds)}, ${sampleRate} Hz, ${formatBytes(bytes)}.`);
};
