import { fraction, type Fraction } from './fraction.ts';
import { NotationError, type Place } from './notation-error.ts';
import type { Header, Key, Meter, VoiceDeclaration } from './score.ts';

/** A header line: its value and where the value stands. */
export interface HeaderValue extends Place {
  value: string;
}

const REQUIRED = ['title', 'composer', 'licence', 'meter', 'tempo', 'voices'] as const;
const OPTIONAL = ['lived', 'year', 'source', 'key', 'instrument', 'velocity', 'accent', 'play'] as const;
const KEYS: readonly string[] = [...REQUIRED, ...OPTIONAL];

/** A velocity that is neither loud nor soft; MAESTRO's mean is 64. */
export const DEFAULT_VELOCITY = 64;

const MAJOR_KEYS = ['Cb', 'Gb', 'Db', 'Ab', 'Eb', 'Bb', 'F', 'C', 'G', 'D', 'A', 'E', 'B', 'F#', 'C#'];
const MINOR_KEYS = ['Ab', 'Eb', 'Bb', 'F', 'C', 'G', 'D', 'A', 'E', 'B', 'F#', 'C#', 'G#', 'D#', 'A#'];

/** Whether a line beginning with this word and a colon belongs to the header. */
export function isHeaderKey(word: string): boolean {
  return KEYS.includes(word);
}

/** The header from its lines. @throws NotationError for what is missing (at `end`) or malformed (at its line). */
export function parseHeader(lines: ReadonlyMap<string, HeaderValue>, end: Place): Header {
  const missing = REQUIRED.filter((key) => !lines.has(key));
  if (missing.length > 0) {
    const lacking = missing.map((key) => `"${key}:"`).join(', ');
    throw new NotationError(`the header lacks ${lacking} before this line, the first that is not one of its own.`, end);
  }
  const text = (key: string) => lines.get(key)?.value;
  const key = lines.get('key');
  const velocity = wholeNumber(lines.get('velocity'), 1, 127) ?? DEFAULT_VELOCITY;
  return {
    title: text('title')!,
    composer: text('composer')!,
    lived: text('lived'),
    year: text('year'),
    licence: text('licence')!,
    source: text('source'),
    key: key && parseKey(key),
    meter: parseMeter(lines.get('meter')!),
    tempo: parseTempo(lines.get('tempo')!),
    instrument: wholeNumber(lines.get('instrument'), 0, 127) ?? 0,
    voices: parseVoices(lines.get('voices')!, velocity),
    accent: wholeNumber(lines.get('accent'), 0, 127) ?? 0,
  };
}

function parseKey(line: HeaderValue): Key {
  const match = /^([A-G][#b]?) (major|minor)$/.exec(line.value);
  const minor = match?.[2] === 'minor';
  const fifths = match ? (minor ? MINOR_KEYS : MAJOR_KEYS).indexOf(match[1]) - 7 : -8;
  if (fifths < -7) {
    throw new NotationError(`expected a key such as "G major" or "F# minor", got "${line.value}".`, line);
  }
  return { name: line.value, fifths, minor };
}

function parseMeter(line: HeaderValue): Meter {
  const match = /^(\d+)\/(\d+)$/.exec(line.value);
  const [beats, unit] = [Number(match?.[1]), Number(match?.[2])];
  if (!(beats >= 1 && beats <= 32) || ![1, 2, 4, 8, 16, 32].includes(unit)) {
    throw new NotationError(`expected a meter such as 3/4 or 6/8, got "${line.value}".`, line);
  }
  return { beats, unit };
}

/** `1/4 = 120` or `3/8 = 60`: so many of that length a minute. */
function parseTempo(line: HeaderValue): number {
  const match = /^(\d+)\/(\d+) *= *(\d+(?:\.\d+)?)$/.exec(line.value);
  const tempo = match ? (Number(match[3]) * 4 * Number(match[1])) / Number(match[2]) : NaN;
  if (!(tempo >= 10 && tempo <= 1000)) {
    throw new NotationError(
      `expected a tempo such as "1/4 = 96" (10 to 1000 quarter notes a minute), got "${line.value}".`,
      line,
    );
  }
  return tempo;
}

/** `right, left` or `right 72, left 56`: names from the top of the page down, each with its velocity if it has its own. */
function parseVoices(line: HeaderValue, velocity: number): VoiceDeclaration[] {
  const voices = line.value.split(',').map((part) => {
    const match = /^([a-z][a-z0-9]*)(?: +(\d+))?$/.exec(part.trim());
    if (!match) {
      throw new NotationError(
        `expected voices such as "right, left" or "right 72, left 56", got "${part.trim()}".`,
        line,
      );
    }
    const own = match[2] === undefined ? velocity : Number(match[2]);
    if (own < 1 || own > 127) throw new NotationError(`expected a velocity from 1 to 127, got ${own}.`, line);
    return { name: match[1], velocity: own };
  });
  for (const [i, { name }] of voices.entries()) {
    if (isHeaderKey(name) || name === 'section') throw new NotationError(`a voice cannot be called "${name}".`, line);
    if (voices.findIndex((voice) => voice.name === name) !== i) {
      throw new NotationError(`the voice "${name}" is declared twice.`, line);
    }
  }
  return voices;
}

function wholeNumber(line: HeaderValue | undefined, least: number, most: number): number | undefined {
  if (!line) return undefined;
  const value = /^\d+$/.test(line.value) ? Number(line.value) : NaN;
  if (!(value >= least && value <= most)) {
    throw new NotationError(`expected a whole number from ${least} to ${most}, got "${line.value}".`, line);
  }
  return value;
}

/** The length of a full bar, in whole notes. */
export function barLength({ beats, unit }: Meter): Fraction {
  return fraction(beats, unit);
}
