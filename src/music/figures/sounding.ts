import type { Note } from '../../midi/index.ts';

/** How many notes sound at a time. */
export interface SoundingFigures {
  /** The mean number of notes that sound, over the time in which any does. A key that is struck while held counts twice. */
  meanPolyphony: number;
  /** The most that sound at a time. */
  maxPolyphony: number;
  /** The longest time, in seconds, in which nothing sounds between the first start and the last end. */
  longestSilence: number;
  /** The share of that time in which nothing sounds. */
  silence: number;
}

/** @returns NaN for the means of no time */
export function soundingTimes(notes: readonly Pick<Note, 'start' | 'end'>[]): SoundingFigures {
  const changes = notes.flatMap(({ start, end }) => [
    { time: start, by: 1 },
    { time: end, by: -1 },
  ]);
  // At one moment, ends before starts: a note that follows another does not sound with it.
  changes.sort((a, b) => a.time - b.time || a.by - b.by);
  let sounding = 0;
  let [maxPolyphony, noteSeconds, soundingSeconds, silentSeconds, longestSilence] = [0, 0, 0, 0, 0];
  changes.forEach(({ time, by }, i) => {
    const passed = i === 0 ? 0 : time - changes[i - 1].time;
    noteSeconds += sounding * passed;
    if (sounding > 0) soundingSeconds += passed;
    else {
      silentSeconds += passed;
      longestSilence = Math.max(longestSilence, passed);
    }
    sounding += by;
    maxPolyphony = Math.max(maxPolyphony, sounding);
  });
  return {
    meanPolyphony: noteSeconds / soundingSeconds,
    maxPolyphony,
    longestSilence,
    silence: silentSeconds / (soundingSeconds + silentSeconds),
  };
}
