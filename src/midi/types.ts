/** A sounding note, in seconds from the start of the file. */
export interface Note {
  /** MIDI key number, 0 to 127; 60 is middle C. */
  pitch: number;
  /** 1 to 127. */
  velocity: number;
  /** Seconds. */
  start: number;
  /** Seconds, after `start`. */
  end: number;
}

/** One line of the list that the reader returns: the notes of one program on one channel of one track. */
export interface Instrument {
  /** General MIDI program, 0 to 127. */
  program: number;
  /** True on channel 10 (index 9). */
  isDrum: boolean;
  /** The last track name seen before the instrument's first note was closed; '' when there was none. */
  name: string;
  /** In reading order: the order in which the notes were closed. */
  notes: Note[];
  /** Of its channel, where it is ever down; drums have none. Notes end with their keys all the same: see `sustained`. */
  pedal?: Pedal;
}

/** What the reader had to put right, or could not. */
export interface Problem {
  /** A stable word for programs, for instance `truncated-track` or `unclosed-notes`. */
  code: string;
  /** A sentence for people: what was found, where, and what was done about it. */
  message: string;
  /**
   * `note`: harmless, the notes are those that the file means. `damage`: notes or times may be lost or wrong; such a file
   * is left out of training unless asked for. The table of codes is in read/problems.ts.
   */
  severity: 'note' | 'damage';
}

/** A time signature: beats a bar, and what part of a whole note a beat is, as in 3/4. */
export type Meter = [beats: number, unit: number];

/** How a file counts time, as it says itself; a performance may say nothing of its own beats. */
export type Timing = Pick<MidiFile, 'tempo' | 'meter'>;

/** A MIDI file as Etude understands it. */
export interface MidiFile {
  format: 0 | 1 | 2;
  /** Ticks a quarter note; for SMPTE division, ticks a second divided by two, so that 120 bpm gives the file's own time. */
  resolution: number;
  /** Tempo changes as [seconds, beats a minute], the first at 0. */
  tempo: [seconds: number, bpm: number][];
  /** Time signatures as [seconds, beats a bar, the beat's note value: 4 is a quarter]; empty where the file has none. */
  meter: [seconds: number, beats: number, unit: number][];
  /** In order of their first closed note. */
  instruments: Instrument[];
  problems: Problem[];
  /** Seconds until the last note ends; 0 without notes. */
  endTime: number;
}

/**
 * When the sustain pedal is down: [2 * presses] seconds, in turn when it goes down and when it comes up, each after the
 * one before; a pedal may come up and go down at one time.
 */
export type Pedal = Float64Array;
