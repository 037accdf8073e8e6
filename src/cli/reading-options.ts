import { checkedCharset } from '../midi/read/charset.ts';
import { DEFAULT_LIMITS } from '../midi/read/limits.ts';
import type { ReadOptions } from '../midi/read/read-midi.ts';
import type { Settings } from '../music/settings.ts';
import { choice, number, text, whole, type OptionSpec, type OptionValues } from './options.ts';

/** The words of --compat that say how MIDI files are read. */
export const READINGS = ['pretty_midi', 'none'] as const;
type ReadingWord = (typeof READINGS)[number];

/** What a MIDI file may cost. */
export const LIMITS = {
  maxHours: number({
    above: 0,
    max: 1e6,
    default: DEFAULT_LIMITS.maxHours,
    help: 'refuse longer music in MIDI files',
  }),
  maxNotes: whole({ min: 1, max: 1e12, default: DEFAULT_LIMITS.maxNotes, help: 'refuse MIDI files of more notes' }),
  maxBytes: whole({
    min: 1,
    max: 1e12,
    default: DEFAULT_LIMITS.maxBytes,
    because: '64 MiB',
    help: 'refuse larger MIDI files',
  }),
} as const;

/** Where readings of MIDI files are kept between runs. */
export const CACHE = text({
  value: 'folder|none',
  help:
    'cache of parsed MIDI files, so that the next run starts sooner (default: etude in the cache folder of the ' +
    'system)',
});

const CHARSET: OptionSpec<string | undefined> = {
  value: 'name|auto',
  help: 'the charset of track names, such as shift_jis',
  parse: checkedCharset,
};

/** How MIDI files are read: the same words wherever some are. */
export const READING = {
  compat: readingChoice('read MIDI to the bit as pretty_midi does; none: as players play it (default: none)'),
  charset: { ...CHARSET, help: `${CHARSET.help} (default: auto, detected from their bytes)` },
  ...LIMITS,
} as const;

/** The same for music that a model is shown. */
export const MODEL_READING = {
  ...READING,
  compat: readingChoice('read MIDI as pretty_midi does, or as players play it (default: as in training)'),
  charset: { ...CHARSET, help: `${CHARSET.help} (default: as in training)` },
} as const;

type Given = OptionValues<typeof READING>;
/** What a run keeps of its reading. */
type Kept = Pick<Settings, 'compat' | 'charset'>;

function readingChoice(help: string): OptionSpec<ReadingWord | undefined> {
  return choice(READINGS, { help });
}

/** What options say about the reading of MIDI files; what they leave open is as in the settings of a model, where there is one. */
export function readingOf(options: Given, settings?: Kept): ReadOptions {
  const { compat } = options;
  const word = compat === undefined ? (settings?.compat ?? 'none') : compat;
  const charset = options.charset ?? settings?.charset ?? undefined;
  return { compat: word === 'none' ? undefined : word, charset, ...limitsOf(options) };
}

/** The limits alone. */
export function limitsOf({ maxHours, maxNotes, maxBytes }: OptionValues<typeof LIMITS>): ReadOptions {
  return { maxHours, maxNotes, maxBytes };
}

/** The settings of a model with what options say about the reading in their place. */
export function withReading<S extends Kept>(settings: S, options: Given): S {
  const { compat = null, charset = null } = readingOf(options, settings);
  return { ...settings, compat, charset };
}
