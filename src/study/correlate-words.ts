import type { Correlate } from './study-data.ts';

/** What a unit can follow, in sentences. */
export const CORRELATE_WORDS: Record<Correlate, string> = {
  pitch: 'pitch',
  pitchClass: 'pitch class',
  register: 'register',
  step: 'the time since the note before',
  duration: 'duration',
  velocity: 'velocity',
  metre: 'the place in the bar',
  position: 'the position in the song',
};
