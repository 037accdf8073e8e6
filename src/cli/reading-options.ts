import type { ReadOptions } from '../midi/read/read-midi.ts';
import type { Settings } from '../music/settings.ts';
import { choice, type OptionSpec, type OptionValues } from './options.ts';

/** The words of --compat that say how MIDI files are read. */
export const READINGS = ['pretty_midi', 'none'] as const;
type ReadingWord = (typeof READINGS)[number];

/** How MIDI files are read: the same words wherever some are. */
export const READING = {
  compat: readingChoice('read MIDI to the bit as pretty_midi does; none: as players play it (default: none)'),
} as const;

/** The same for music that a model is shown. */
export const MODEL_READING = {
  ...READING,
  compat: readingChoice('read MIDI as pretty_midi does, or as players play it (default: as for the training)'),
} as const;

function readingChoice(help: string): OptionSpec<ReadingWord | undefined> {
  return choice(READINGS, { help });
}

/** What options say about the reading of MIDI files; what they leave open is as in the settings of a model, where there is one. */
export function readingOf({ compat }: OptionValues<typeof READING>, settings?: Pick<Settings, 'compat'>): ReadOptions {
  return { compat: compat === undefined ? (settings?.compat ?? undefined) : compat === 'none' ? undefined : compat };
}

/** The settings of a model with what options say about the reading in their place. */
export function withReading<S extends Pick<Settings, 'compat'>>(settings: S, options: OptionValues<typeof READING>): S {
  return { ...settings, compat: readingOf(options, settings).compat ?? null };
}
