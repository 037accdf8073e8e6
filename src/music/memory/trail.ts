import { UsageError } from '../../errors.ts';
import type { HeadName } from '../../midi/index.ts';

/** A note as the classes of a codec. */
export interface NoteClasses {
  /** The MIDI key. */
  pitch: number;
  step: number;
  duration: number;
  velocity?: number;
}

/** Notes that follow one another within this time are one chord. */
const CHORD_SECONDS = 0.03;
/** The credit of a pitch that stands one note beside: the notes of a chord come back in another order. */
const NEIGHBOUR = 0.5;
/** The interval before the first note, which no other is. */
const NO_INTERVAL = 1 << 20;
/** Runs are counted no further. */
const LONGEST_RUN = 255;

/**
 * The notes of a piece so far, the newest `window` of them, and how well what was heard last matches each place of the past.
 *
 * Places are named by their lag: 1 is the note before the newest. Whoever matches at a lag goes on to match at the same lag
 * when the next note comes, so that the recursions of the matches,
 *
 *     M_t(i) = decay M_{t-1}(i-1) + [pitch_t = pitch_i, or half when a neighbour of i has it],
 *
 * are updates in place. The classes stand in a ring written twice, so that every window of it is contiguous: the note at lag
 * d is `pitch[top - d]`, what followed it `pitch[top - d + 1]`.
 */
export class Trail {
  readonly window: number;
  readonly pitch: Int32Array;
  readonly step: Int32Array;
  readonly duration: Int32Array;
  readonly velocity: Int32Array;
  /** From the pitch before. */
  readonly interval: Int32Array;
  /** 1 for a note that belongs to the chord of the one before, else 0. */
  readonly chord: Uint8Array;
  /** By lag: the matches of pitches (forgiving), of intervals and of steps. */
  readonly pitches: Float64Array;
  readonly intervals: Float64Array;
  readonly steps: Float64Array;
  /** By lag: how many pitches in a row are the same, up to 255. */
  readonly runs: Uint8Array;
  /** By lag: ln(lag / 100), the age of a place. */
  readonly ages: Float64Array;
  /** Notes since the piece began. */
  count = 0;
  /** Where the newest note stands. */
  top = 0;
  readonly #decay: number;
  readonly #inChord: Uint8Array;

  /**
   * @param stepSeconds the seconds of each class of steps
   * @throws UsageError when the window is none
   */
  constructor(window: number, decay: number, stepSeconds: ArrayLike<number>) {
    if (!(Number.isSafeInteger(window) && window >= 2 && window <= 1e6)) {
      throw new UsageError(`window: expected a whole number from 2 to 1000000 notes, got ${window}.`);
    }
    this.window = window;
    this.#decay = decay;
    this.#inChord = Uint8Array.from(stepSeconds, (seconds) => Number(seconds < CHORD_SECONDS));
    const ring = (): Int32Array => new Int32Array(2 * window);
    [this.pitch, this.step, this.duration, this.velocity, this.interval] = [ring(), ring(), ring(), ring(), ring()];
    this.chord = new Uint8Array(2 * window);
    const lags = (): Float64Array => new Float64Array(window);
    [this.pitches, this.intervals, this.steps] = [lags(), lags(), lags()];
    this.runs = new Uint8Array(window);
    this.ages = lags().map((_, lag) => Math.log(Math.max(1, lag) / 100));
    this.clear();
  }

  /** The largest lag that is remembered: places 1 to `depth` have a note that followed. */
  get depth(): number {
    return Math.max(0, Math.min(this.count, this.window) - 1);
  }

  /** Whether the notes of a class of steps belong to the chord of the note before: 1 or 0. */
  chordOf(step: number): number {
    return this.#inChord[step] ?? 0;
  }

  classes(head: HeadName): Int32Array {
    return this[head];
  }

  /** Forgets everything: another piece begins. */
  clear(): void {
    this.count = 0;
    this.top = 0;
    // Before the first note there is none that could be a neighbour.
    this.pitch.fill(-1);
    for (const matches of [this.pitches, this.intervals, this.steps, this.runs]) matches.fill(0);
  }

  push({ pitch, step, duration, velocity = 0 }: NoteClasses): void {
    const interval = this.count === 0 ? NO_INTERVAL : pitch - this.pitch[this.top];
    this.#match(pitch, interval, step);
    const at = this.count % this.window;
    this.top = at + this.window;
    for (let place = at; place <= this.top; place += this.window) {
      this.pitch[place] = pitch;
      this.step[place] = step;
      this.duration[place] = duration;
      this.velocity[place] = velocity;
      this.interval[place] = interval;
      this.chord[place] = this.chordOf(step);
    }
    this.count++;
  }

  /** Brings the matches up to a note that is not written yet: what it will overwrite is still seen. */
  #match(pitch: number, interval: number, step: number): void {
    const { pitches, intervals, steps, runs } = this;
    const decay = this.#decay;
    const last = Math.min(this.count, this.window - 1);
    let newer = -1;
    let here = this.pitch[this.top];
    for (let lag = 1, at = this.top; lag <= last; lag++, at--) {
      const older = this.pitch[at - 1];
      const same = here === pitch;
      pitches[lag] = decay * pitches[lag] + (same ? 1 : older === pitch || newer === pitch ? NEIGHBOUR : 0);
      intervals[lag] = decay * intervals[lag] + (this.interval[at] === interval ? 1 : 0);
      steps[lag] = decay * steps[lag] + (this.step[at] === step ? 1 : 0);
      runs[lag] = same ? Math.min(LONGEST_RUN, runs[lag] + 1) : 0;
      newer = here;
      here = older;
    }
  }
}
