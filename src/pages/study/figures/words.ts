import { givenWords } from '../../../music/head-words.ts';
import { velocitiesOfClass, velocityClass } from '../../../midi/codec/scale.ts';
import { noteName } from '../../../midi/note-names.ts';
import { trueMinus } from '../../../text/numbers.ts';
import { formatP } from '../../../text/words.ts';
import type { Correlate, StudyCorrelation, StudyHead, StudySpan, StudyUnit } from '../../../study/study-data.ts';

/** A number with so many significant digits, without superfluous zeros, with a true minus; a dash for none. */
export function figure(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text =
    size >= 10 ** digits && size < 1e7
      ? String(Math.round(value))
      : size < 1e-4 || size >= 1e7
        ? value.toExponential(digits - 1).replace('e+', 'e')
        : String(Number(value.toPrecision(digits)));
  return trueMinus(text);
}

/** With a plus where it is positive: for what was gained or lost. */
export function signed(value: number | null | undefined, digits = 3): string {
  const text = figure(value, digits);
  return typeof value === 'number' && value > 0 ? `+${text}` : text;
}

/** A time of the song: `12.34 s`, `3:07.5` from a minute on. */
export function clock(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  const tenths = Math.round(seconds * 10);
  const minutes = Math.floor(tenths / 600);
  return `${minutes}:${((tenths % 600) / 10).toFixed(1).padStart(4, '0')}`;
}

/** The name of a key, for numbers that may lie between keys or beyond the keyboard. */
export function keyName(pitch: number): string {
  const key = Math.round(pitch);
  return key >= 0 && key <= 127 ? noteName(key) : figure(pitch);
}

/** What a part of a note is, by the name of its head: a key's name, seconds, or a plain number. */
export function partText(head: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (head === 'pitch') return keyName(value);
  if (head === 'step' || head === 'duration') return `${figure(value)} s`;
  return figure(value);
}

/** What a head predicted in the place of a note: as {@link partText}; of classes of velocities which they are; or the end. */
export function predictedText(
  { name, kind, predicted, ends }: Pick<StudyHead, 'name' | 'kind' | 'predicted' | 'ends'>,
  note: number,
): string {
  if (ends?.includes(note)) return 'the end';
  const value = predicted[note];
  if (name !== 'velocity' || kind !== 'categorical' || typeof value !== 'number') return partText(name, value);
  return velocitiesOfClass(velocityClass(value)).join('–');
}

/** Something that a head held likely: as {@link predictedText}; null is the end. */
export function alternativeText(head: Pick<StudyHead, 'name' | 'kind'>, value: number | null): string {
  return value === null ? 'the end' : predictedText({ ...head, predicted: [value], ends: undefined }, 0);
}

/** What a head was told of the same note; nothing for one that knows the past alone. */
export function givenText({ reads }: Pick<StudyHead, 'reads'>): string {
  return givenWords(reads);
}

/** The surprises of all heads add up where all are in nats and there are several; null where they do not. */
export function summedSurprise(heads: readonly StudyHead[], note: number): number | null {
  if (heads.length < 2 || heads.some(({ unit }) => unit !== 'nats')) return null;
  return heads.reduce<number | null>((sum, { surprise }) => addKnown(sum, surprise[note] ?? null), 0);
}

function addKnown(sum: number | null, value: number | null): number | null {
  return sum === null || value === null ? null : sum + value;
}

/** What the signs of a head's saliency say: of a probability what came, of a predicted number which way it went. */
export const SALIENCY_SIGNS = {
  categorical: { minus: 'against', plus: 'for it', sentence: 'blue: evidence for the actual note, orange: against it' },
  scalar: { minus: 'lowered', plus: 'raised', sentence: 'blue raised the predicted number, orange lowered it' },
} as const;

const CORRELATE_NAMES: Record<Correlate, string> = {
  pitch: 'pitch',
  pitchClass: 'pitch class',
  register: 'octave',
  step: 'time since the note before',
  duration: 'duration',
  velocity: 'velocity',
  metre: 'place in the bar',
  position: 'position in the song',
};

export function correlateName(correlate: Correlate): string {
  return CORRELATE_NAMES[correlate] ?? correlate;
}

/** `h with pitch r = 0.61`, and of classes `c with pitch class η = 0.52 (most at D)`. */
export function correlationText({ with: correlate, of, value, peak }: StudyCorrelation): string {
  const sign = peak === undefined ? 'r' : 'η';
  const most = peak === undefined ? '' : `, most at ${peak}`;
  return `${of} with ${correlateName(correlate)} ${sign} = ${figure(value, 2)}${most}`;
}

/** p as far as the permutations can tell: what none of them reached is at most 1 / (permutations + 1). Never zero. */
export function pText(p: number, permutations: number): string {
  const least = 1 / (permutations + 1);
  return p >= 0.001 && p <= least * 1.0001 ? `p ≤ ${least.toFixed(3)}` : formatP(p);
}

/** The gate that says how much of a unit's state is kept, where its cell has one. */
export function keepingGate({ saturation }: Pick<StudyUnit, 'saturation'>): 'f' | 'z' | undefined {
  if (saturation.f) return 'f';
  return saturation.z ? 'z' : undefined;
}

/** How long a unit remembers, in time steps and in seconds. */
export function spanText(span: StudySpan): string {
  if (span.steps === null)
    return `more than ${figure(span.atLeastSteps)} time steps (${figure(span.atLeastSeconds)} s)`;
  const steps = `${figure(span.steps)} ${span.steps === 1 ? 'time step' : 'time steps'}`;
  return span.seconds === null ? steps : `${steps} (${figure(span.seconds)} s)`;
}

/** The time steps that spans are sorted and drawn by: the measured one, or as far as it could be followed. */
export function spanSteps(span: StudySpan): number {
  return span.steps ?? span.atLeastSteps;
}
