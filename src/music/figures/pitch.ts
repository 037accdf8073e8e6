import type { OrderedNotes } from './ordered-notes.ts';
import { SHORTEST_DURATION } from './rhythm.ts';
import { correlation, deviation, entropy, least, mean, most, shareOf } from './statistics.ts';

/** Which pitches there are, and in which keys. */
export interface PitchFigures {
  /** MIDI keys. */
  lowest: number;
  highest: number;
  pitchMean: number;
  pitchStd: number;
  /** MusPy's: from the lowest key to the highest. */
  pitch_range: number;
  /** MusPy's: how many keys. */
  n_pitches_used: number;
  /** MusPy's: how many of the twelve pitch classes. */
  n_pitch_classes_used: number;
  /** MusPy's: the entropy of the keys, in bits. */
  pitch_entropy: number;
  /** MusPy's: the entropy of the pitch classes, in bits. */
  pitch_class_entropy: number;
  /** MusPy's: the share of the notes that are in the major or minor scale that has the most of them. */
  scale_consistency: number;
  /** The correlation of the pitch classes with the profile of Krumhansl and Kessler (1982) that is nearest, of 24 keys. */
  keyWhole: number;
  /** The same within 50 notes: the mean over such windows, each 25 notes after the one before. */
  keyLocal: number;
  /** The share of the notes in the nearest major scale, over the same windows. */
  scaleLocal: number;
  /** The likeness (cosine) of the pitch classes of 24 notes and those of the 24 after them, in the mean. */
  ssmNear: number;
  /** The same of all such frames that are nine or more frames of 12 notes apart: what comes back far away. */
  ssmFar: number;
  /** The share of notes that strike a key which the note before on that key still holds, by more than a millisecond. */
  sameKeyOverlap: number;
  /** The correlation of pitch with the logarithm of the duration. */
  corrPitchDur: number;
}

/** Krumhansl and Kessler, "Tracing the dynamic changes in perceived tonal organization" (1982). */
const MAJOR_PROFILE = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
const MINOR_PROFILE = [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];
/** A minor scale has the keys of a major one. */
const MAJOR_SCALE = [0, 2, 4, 5, 7, 9, 11];
const TONICS = Array.from({ length: 12 }, (_, tonic) => tonic);
const WINDOW = 50;
const WINDOW_HOP = 25;
const FRAME = 24;
const FRAME_HOP = 12;
const NEAR_FRAMES = 2;
const FAR_FRAMES = 9;

export function pitchFigures(notes: OrderedNotes): PitchFigures {
  const { pitches, durations } = notes;
  const classes = pitchClasses(pitches);
  const windows = parts(pitches, WINDOW, WINDOW_HOP);
  const keys = new Uint32Array(128);
  for (const pitch of pitches) keys[pitch]++;
  const lengths = durations.map((duration) => Math.log(Math.max(duration, SHORTEST_DURATION)));
  return {
    lowest: pitches.length > 0 ? least(pitches) : NaN,
    highest: pitches.length > 0 ? most(pitches) : NaN,
    pitchMean: mean(pitches),
    pitchStd: deviation(pitches),
    pitch_range: pitches.length > 0 ? most(pitches) - least(pitches) : 0,
    n_pitches_used: keys.filter((count) => count > 0).length,
    n_pitch_classes_used: classes.filter((count) => count > 0).length,
    pitch_entropy: entropy(keys),
    pitch_class_entropy: entropy(classes),
    scale_consistency: shareInScale(pitches),
    keyWhole: likenessToKey(classes),
    keyLocal: mean(windows.map((window) => likenessToKey(pitchClasses(window)))),
    scaleLocal: mean(windows.map(shareInScale)),
    ...selfSimilarity(pitches),
    sameKeyOverlap: overlapsOf(notes) / pitches.length,
    corrPitchDur: correlation(pitches, lengths),
  };
}

/** Notes of each pitch class. */
function pitchClasses(pitches: readonly number[]): number[] {
  const counts = TONICS.map(() => 0);
  for (const pitch of pitches) counts[pitch % 12]++;
  return counts;
}

/** The highest correlation with a key; NaN when all pitch classes are as frequent. */
function likenessToKey(classes: readonly number[]): number {
  const likeness = [MAJOR_PROFILE, MINOR_PROFILE].flatMap((profile) =>
    TONICS.map((tonic) =>
      correlation(
        classes,
        TONICS.map((kind) => profile[(kind - tonic + 12) % 12]),
      ),
    ),
  );
  return Math.max(...likeness);
}

function shareInScale(pitches: readonly number[]): number {
  const shares = TONICS.map((tonic) =>
    shareOf([...pitches], (pitch) => MAJOR_SCALE.includes((pitch - tonic + 12) % 12)),
  );
  return Math.max(...shares);
}

function selfSimilarity(pitches: readonly number[]): Pick<PitchFigures, 'ssmNear' | 'ssmFar'> {
  const frames = parts(pitches, FRAME, FRAME_HOP).map(pitchClasses);
  const near: number[] = [];
  const far: number[] = [];
  frames.forEach((frame, i) => {
    for (let j = 0; j < i; j++) {
      if (i - j === NEAR_FRAMES) near.push(cosine(frame, frames[j]));
      if (i - j >= FAR_FRAMES) far.push(cosine(frame, frames[j]));
    }
  });
  return { ssmNear: mean(near), ssmFar: mean(far) };
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const product = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, each, i) => sum + each * y[i], 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

function overlapsOf({ pitches, starts, ends }: OrderedNotes): number {
  const last = new Map<number, number>();
  let overlaps = 0;
  pitches.forEach((pitch, i) => {
    if (starts[i] < (last.get(pitch) ?? -Infinity) - 0.001) overlaps++;
    last.set(pitch, ends[i]);
  });
  return overlaps;
}

/** All parts of some length, each `hop` after the one before. */
function parts(values: readonly number[], length: number, hop: number): number[][] {
  const found: number[][] = [];
  for (let from = 0; from + length <= values.length; from += hop) found.push(values.slice(from, from + length));
  return found;
}
