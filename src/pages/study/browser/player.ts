import type { StudySong } from '../../../study/study-data.ts';
import type { Store } from './store.ts';
import type { Timeline } from './timeline.ts';

/** Seconds that are handed to the sound card in advance, and how often (milliseconds). */
const AHEAD = 0.6;
const EVERY = 120;
/** Partials of a tone with their strengths, and how fast it fades (seconds until a third is left). */
const PARTIALS = [1, 0.35, 0.15];
const DECAY = 0.9;
const LOUDNESS = 0.16;

/** Plays the song from the chosen note on with plain tones, and lets the chosen note follow. */
export class Player {
  readonly available = typeof AudioContext === 'function';
  readonly #song: StudySong;
  readonly #store: Store;
  #timeline: Timeline | undefined;
  #context: AudioContext | undefined;
  #timer = 0;
  #frame = 0;

  constructor(song: StudySong, store: Store) {
    this.#song = song;
    this.#store = store;
  }

  /** From now on plays when the state says so. */
  follow(timeline: Timeline): void {
    this.#timeline = timeline;
    this.#store.on(['playing'], () => {
      if (this.#store.state.playing) this.#play();
      else this.#stop();
    });
  }

  #play(): void {
    if (!this.available || this.#song.notes === 0) return this.#store.update({ playing: false });
    const first = Math.max(0, this.#store.state.note);
    const context = new AudioContext();
    this.#context = context;
    const out = context.createDynamicsCompressor();
    out.connect(context.destination);
    const begin = context.currentTime + 0.08 - this.#song.start[first];
    let next = first;
    const schedule = (): void => {
      const until = context.currentTime + AHEAD;
      while (next < this.#song.notes && begin + this.#song.start[next] < until) this.#tone(context, out, next++, begin);
    };
    schedule();
    this.#timer = window.setInterval(schedule, EVERY);
    let at = first;
    const follow = (): void => {
      const seconds = context.currentTime - begin;
      if (seconds > this.#song.seconds) return this.#store.update({ playing: false });
      const before = at;
      while (at + 1 < this.#song.notes && this.#song.start[at + 1] <= seconds) at++;
      if (at !== before) this.#timeline?.chooseNote(at);
      this.#frame = requestAnimationFrame(follow);
    };
    this.#frame = requestAnimationFrame(follow);
  }

  #stop(): void {
    clearInterval(this.#timer);
    cancelAnimationFrame(this.#frame);
    void this.#context?.close();
    this.#context = undefined;
  }

  #tone(context: AudioContext, out: AudioNode, note: number, begin: number): void {
    const { pitch, velocity, duration, start } = this.#song;
    const from = Math.max(context.currentTime, begin + start[note]);
    const to = from + Math.max(0.08, duration[note]);
    const gain = context.createGain();
    const loud = LOUDNESS * ((velocity[note] ?? 80) / 127);
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(loud, from + 0.008);
    gain.gain.setTargetAtTime(0, from + 0.01, DECAY);
    gain.gain.setTargetAtTime(0, to, 0.04);
    gain.connect(out);
    PARTIALS.forEach((strength, k) => {
      const oscillator = context.createOscillator();
      const part = context.createGain();
      part.gain.value = strength;
      oscillator.frequency.value = 440 * 2 ** ((pitch[note] - 69) / 12) * (k + 1);
      oscillator.connect(part).connect(gain);
      oscillator.start(from);
      oscillator.stop(to + 0.3);
    });
  }
}
