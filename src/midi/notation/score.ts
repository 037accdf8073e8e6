import type { Fraction } from './fraction.ts';
import type { Place } from './notation-error.ts';

/** What a text in the notation says, checked but not yet in seconds. docs/notation.md is the specification. */
export interface Score {
  header: Header;
  /** In the order of the text. */
  sections: Section[];
  /** Places in `sections`, in the order of playing. */
  order: number[];
}

/** What is said once of a score. */
export interface Header {
  title: string;
  composer: string;
  /** Years of birth and death, as written; undefined for music without a known composer. */
  lived?: string;
  year?: string;
  licence: string;
  source?: string;
  key?: Key;
  meter: Meter;
  /** Quarter notes a minute. */
  tempo: number;
  /** General MIDI program, 0 to 127. */
  instrument: number;
  voices: VoiceDeclaration[];
  /** Added to the velocity of notes that begin with their bar. */
  accent: number;
}

export interface Key {
  /** As written, for instance `G major`. */
  name: string;
  /** Sharps above zero, flats below. */
  fifths: number;
  minor: boolean;
}

export interface Meter {
  beats: number;
  unit: number;
}

export interface VoiceDeclaration {
  name: string;
  velocity: number;
}

/** A part of a score that can be repeated. */
export interface Section {
  name: string;
  bars: Bar[];
}

/** One bar of all voices. */
export interface Bar {
  length: Fraction;
  /** Parallel to the header's voices; empty where a voice is silent. */
  voices: WrittenNote[][];
}

/** One note head; a chord is several with the same start. */
export interface WrittenNote extends Place {
  /** MIDI key number. */
  pitch: number;
  /** From the beginning of the bar, in whole notes. */
  start: Fraction;
  length: Fraction;
  /** Held on into the note of the same pitch that follows at once. */
  tied: boolean;
}
