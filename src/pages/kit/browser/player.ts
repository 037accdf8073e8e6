import { EtudeError } from '../../../errors.ts';

/** Something that can sound: samples, or notes that are made as they come. */
export interface Sound {
  /** Seconds. */
  readonly length: number;
  /**
   * Sounds from a place on.
   * @param from seconds from its beginning
   * @param when the time of the context at which that place is to sound
   * @returns ends it
   */
  start(context: AudioContext, output: AudioNode, from: number, when: number): () => void;
}

/** What a page is told while something plays. */
export interface Listener {
  /** Where it is, in seconds, once a frame; null when it has ended. */
  at(seconds: number | null): void;
}

/** Time to hand the first sounds over, in seconds. */
const LEAD = 0.06;
/** A round of a loop is handed over so long before its turn, in seconds, since pages that nobody looks at are seldom woken. */
const AHEAD = 2;
/** How often the end is looked for, in milliseconds, where no frames are drawn. */
const EVERY = 200;
const LOUDNESS = 0.8;
/** How long a browser may take to let music begin, in milliseconds: Firefox never answers where there is no sound card. */
const PATIENCE = 3000;

interface Playing {
  sound: Sound;
  listener: Listener;
  /** The time of the context at which its beginning sounded, or would have. */
  began: number;
  end: () => void;
  /** Of the next round of a loop. */
  next?: () => void;
}

/** One sound at a time: plays, goes elsewhere, loops, mutes, and says where it is. */
export class Player {
  #context?: AudioContext;
  #gain?: GainNode;
  #playing?: Playing;
  #frame = 0;
  #timer = 0;
  #loop = false;
  #muted = false;

  /** The page's audio; made at the first sound, since browsers want a gesture before. */
  get context(): AudioContext {
    this.#context ??= new AudioContext();
    return this.#context;
  }

  /** Where everything that sounds goes through. */
  get output(): GainNode {
    if (!this.#gain) {
      this.#gain = this.context.createGain();
      this.#gain.gain.value = this.#muted ? 0 : LOUDNESS;
      this.#gain.connect(this.context.destination);
    }
    return this.#gain;
  }

  get playing(): boolean {
    return this.#playing !== undefined;
  }

  set loop(loop: boolean) {
    this.#loop = loop;
    if (loop || !this.#playing) return;
    this.#playing.next?.();
    this.#playing.next = undefined;
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    if (this.#gain) this.#gain.gain.value = muted ? 0 : LOUDNESS;
  }

  /**
   * Plays a sound from a place on, in place of what sounded before.
   * @throws EtudeError where the browser gives no sound
   */
  async play(sound: Sound, listener: Listener, from = 0): Promise<void> {
    this.stop();
    if (this.context.state === 'suspended') await wake(this.context);
    // Another may have begun while the browser thought about it.
    this.stop();
    this.#start(sound, listener, from);
    this.#timer = window.setInterval(() => this.#watch(), EVERY);
    this.#tick();
  }

  /** Goes on from elsewhere. */
  seek(seconds: number): void {
    const playing = this.#playing;
    if (!playing) return;
    this.#silence();
    this.#start(playing.sound, playing.listener, Math.min(playing.sound.length, Math.max(0, seconds)));
  }

  stop(): void {
    const playing = this.#playing;
    cancelAnimationFrame(this.#frame);
    clearInterval(this.#timer);
    this.#silence();
    playing?.listener.at(null);
  }

  #start(sound: Sound, listener: Listener, from: number): void {
    const when = this.context.currentTime + LEAD;
    this.#playing = { sound, listener, began: when - from, end: sound.start(this.context, this.output, from, when) };
  }

  #silence(): void {
    this.#playing?.end();
    this.#playing?.next?.();
    this.#playing = undefined;
  }

  #tick(): void {
    this.#watch();
    if (!this.#playing) return;
    const { sound, listener, began } = this.#playing;
    listener.at(Math.min(sound.length, Math.max(0, this.context.currentTime - began)));
    this.#frame = requestAnimationFrame(() => this.#tick());
  }

  /** Hands over the next round of a loop in time, and sees the end. */
  #watch(): void {
    const playing = this.#playing;
    if (!playing) return;
    const { sound, began } = playing;
    const left = began + sound.length - this.context.currentTime;
    if (this.#loop && left < AHEAD) playing.next ??= sound.start(this.context, this.output, 0, began + sound.length);
    if (left > 0) return;
    if (!playing.next) return this.stop();
    playing.end();
    this.#playing = { ...playing, began: began + sound.length, end: playing.next, next: undefined };
  }
}

async function wake(context: AudioContext): Promise<void> {
  const late = new Promise<boolean>((resolve) => window.setTimeout(() => resolve(false), PATIENCE));
  const awake = await Promise.race([context.resume().then(() => true), late]);
  if (!awake) throw new EtudeError('the browser gives no sound. Is there a sound card, and may this page play?');
}
