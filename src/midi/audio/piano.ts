import { UsageError } from '../../errors.ts';
import type { Note } from '../types.ts';
import { mixDrum } from './drums.ts';
import { checkSampleRate, countFrames, normalisePeak } from './sample-rate.ts';
import type { Partial } from './strings.ts';
import { struckString } from './strings.ts';

/** A partial is left off once it is 90 dB below its note at the onset: about half a step of 16 bits. */
const INAUDIBLE = 10 ** (-90 / 20);
/** How long any note may still sound after its end. */
export const RELEASE_SECONDS = 0.35;

/** How the additive piano renders notes. */
export interface AdditivePianoOptions {
  /** Frames a second, 8,000 to 96,000. */
  sampleRate: number;
  /** Render at most this many seconds. @default all, up to the end of the last note's release */
  seconds?: number;
  /** Low keys a little to the left, high keys to the right, as the player hears them. @default false: one channel */
  stereo?: boolean;
  /** The notes are General MIDI percussion: noise bursts, no piano. @default false */
  isDrum?: boolean;
}

/**
 * A small piano made of sines: no recordings, no files, and the same notes always give the same samples.
 *
 * Each note is the sum of its string's partials (`struckString`) under a soft hammer attack of a few milliseconds; at the
 * note's end the damper falls and the sound dies away within a third of a second, then is exactly 0. Keys whose
 * fundamental is above half the sample rate are silent: at 16 kHz those from 120 on.
 *
 * @param notes In any order; overlapping notes add up.
 * @returns One channel, or two with `stereo`, scaled together to a peak of 1 (all 0 without notes).
 * @throws UsageError for options or notes that cannot be rendered.
 */
export function additivePiano(notes: readonly Note[], options: AdditivePianoOptions): Float32Array[] {
  const { sampleRate, seconds, stereo = false, isDrum = false } = options;
  checkSampleRate(sampleRate);
  let length = 0;
  for (const note of notes) length = Math.max(length, note.end + RELEASE_SECONDS);
  const frames = countFrames(length, seconds, sampleRate);
  const channels = Array.from({ length: stereo ? 2 : 1 }, () => new Float32Array(frames));
  mixNotes(channels, notes, sampleRate, isDrum);
  return normalisePeak(channels);
}

/**
 * Adds `notes` to `channels` (one or two of equal length, left and right), at the level of `struckString`. What lies
 * beyond the end of the channels is left off.
 *
 * @throws UsageError for a note out of range.
 */
export function mixNotes(channels: Float32Array[], notes: readonly Note[], sampleRate: number, isDrum: boolean): void {
  const mix = isDrum ? mixDrum : mixPianoNote;
  let scratch = new Float32Array(0);
  notes.forEach((note, i) => {
    checkNote(note, i);
    const from = Math.round(note.start * sampleRate);
    const left = channels[0].length - from;
    if (left <= 0) return;
    const frames = Math.min(left, Math.ceil((note.end - note.start + RELEASE_SECONDS) * sampleRate));
    if (scratch.length < frames) scratch = new Float32Array(frames);
    const sound = scratch.subarray(0, frames).fill(0);
    mix(sound, note, sampleRate);
    addPanned(channels, sound, from, isDrum ? 0.5 : keyPosition(note.pitch));
  });
}

function checkNote({ pitch, velocity, start, end }: Note, index: number): void {
  if (!(pitch >= 0 && pitch <= 127 && velocity >= 0 && velocity <= 127)) {
    throw new UsageError(`audio: note ${index} has pitch ${pitch} and velocity ${velocity}; both go from 0 to 127.`);
  }
  if (!(start >= 0 && end >= start && end < Infinity)) {
    throw new UsageError(`audio: note ${index} goes from ${start} to ${end} s; expected 0 <= start <= end.`);
  }
}

/** Where a key is heard, 0 (left) to 1 (right); the piano takes the middle half. */
function keyPosition(pitch: number): number {
  return 0.25 + (0.5 * Math.min(Math.max(pitch - 21, 0), 87)) / 87;
}

/** Adds `sound` to one channel, or to two at equal power. */
function addPanned(channels: Float32Array[], sound: Float32Array, from: number, position: number): void {
  const gains = channels.length === 1 ? [1] : [Math.cos((position * Math.PI) / 2), Math.sin((position * Math.PI) / 2)];
  channels.forEach((channel, c) => {
    const gain = gains[c];
    for (let i = 0; i < sound.length; i++) channel[from + i] += gain * sound[i];
  });
}

/** Adds one piano note to `sound`, which begins at the note's onset. */
function mixPianoNote(sound: Float32Array, note: Note, sampleRate: number): void {
  const partials = struckString(note.pitch, note.velocity, sampleRate);
  const threshold = INAUDIBLE * Math.sqrt(partials.reduce((sum, { amplitude }) => sum + amplitude ** 2, 0));
  const heard = partials.filter(({ amplitude }) => amplitude > threshold);
  for (let i = 0; i < heard.length; i += 4) {
    const four = heard.slice(i, i + 4);
    const seconds = Math.max(...four.map((p) => Math.log(p.amplitude / threshold) / p.decay));
    addPartials(sound.subarray(0, Math.ceil(seconds * sampleRate)), four, sampleRate);
  }
  // Hard hammers leave the string sooner, and so do the small ones of the treble.
  const attackSeconds = 0.0015 + 0.006 * (1 - note.velocity / 127) * (1 - note.pitch / 160);
  fadeIn(sound, Math.ceil(attackSeconds * sampleRate));
  const dampingSeconds = 0.02 + 0.05 * (1 - note.pitch / 127);
  fallDamper(sound, Math.round((note.end - note.start) * sampleRate), dampingSeconds, sampleRate);
}

/**
 * Adds up to four decaying sines to `sound`. The recurrence y[i] = 2 r cos(w) y[i-1] - r² y[i-2] gives r^i sin(w i + phase)
 * at two multiplications a sample, where Math.sin would take most of the time. Four at once, because each step of a
 * recurrence waits for the step before: a piece takes half the time that it takes one by one. The state is spelled out as
 * sixteen plain variables filled from a Float64Array: with destructuring or fields of objects V8 boxes the numbers of the
 * loop, and it runs five times as long.
 */
function addPartials(sound: Float32Array, partials: Partial[], sampleRate: number): void {
  const o = new Float64Array(16); // a, b, y[-1], y[-2] of each; silence where there are fewer than four
  partials.forEach((partial, k) => {
    o.set(oscillator(partial, sampleRate), 4 * k);
  });
  const a0 = o[0];
  const b0 = o[1];
  const a1 = o[4];
  const b1 = o[5];
  const a2 = o[8];
  const b2 = o[9];
  const a3 = o[12];
  const b3 = o[13];
  let s1 = o[2];
  let s2 = o[3];
  let t1 = o[6];
  let t2 = o[7];
  let u1 = o[10];
  let u2 = o[11];
  let v1 = o[14];
  let v2 = o[15];
  for (let i = 0; i < sound.length; i++) {
    const s = a0 * s1 - b0 * s2;
    const t = a1 * t1 - b1 * t2;
    const u = a2 * u1 - b2 * u2;
    const v = a3 * v1 - b3 * v2;
    sound[i] += s + t + (u + v);
    s2 = s1;
    t2 = t1;
    u2 = u1;
    v2 = v1;
    s1 = s;
    t1 = t;
    u1 = u;
    v1 = v;
  }
}

/** The recurrence of one partial: its two coefficients, and the two values before its first. */
function oscillator(
  { frequency, amplitude, decay, phase }: Partial,
  sampleRate: number,
): [number, number, number, number] {
  const w = (2 * Math.PI * frequency) / sampleRate;
  const r = Math.exp(-decay / sampleRate);
  const before = (k: number): number => (amplitude * Math.sin(phase - k * w)) / r ** k;
  return [2 * r * Math.cos(w), r * r, before(1), before(2)];
}

/** Raises the first `frames` samples along half a cosine, so that no note begins with a click. */
function fadeIn(sound: Float32Array, frames: number): void {
  for (let i = 0; i < Math.min(frames, sound.length); i++) sound[i] *= 0.5 - 0.5 * Math.cos((Math.PI * i) / frames);
}

/** From sample `held` on the sound dies away by 1/e in each `seconds`, and is 0 after `RELEASE_SECONDS`. */
function fallDamper(sound: Float32Array, held: number, seconds: number, sampleRate: number): void {
  const release = Math.floor(RELEASE_SECONDS * sampleRate);
  const fall = Math.exp(-1 / (seconds * sampleRate));
  let gain = 1;
  for (let i = held; i < sound.length; i++) {
    sound[i] *= gain * Math.max(0, 1 - (i - held) / release);
    gain *= fall;
  }
}
