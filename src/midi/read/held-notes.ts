/** Channels times keys. */
const KEYS = 2048;
const NONE = -1;

/** A note that has begun. */
export interface HeldNote {
  tick: number;
  velocity: number;
  /** The program that sounded at the onset. */
  program: number;
}

/**
 * Notes that are down, of one track at a time, in columns: as objects they would take twenty times the bytes of a file that
 * strikes one key for ever. A key is channel * 128 + pitch.
 */
export class HeldNotes {
  /** How many are down. */
  count = 0;
  #ticks = new Float64Array(64);
  #velocities = new Uint8Array(64);
  #programs = new Uint8Array(64);
  /** The next note of the same key, or the next free place. */
  #next = new Int32Array(64);
  readonly #first = new Int32Array(KEYS).fill(NONE);
  readonly #last = new Int32Array(KEYS).fill(NONE);
  #used = 0;
  #free = NONE;

  /** Presses a key; it may be down already. */
  press(key: number, tick: number, velocity: number, program: number): void {
    const at = this.#take();
    this.count++;
    this.#ticks[at] = tick;
    this.#velocities[at] = velocity;
    this.#programs[at] = program;
    this.#next[at] = NONE;
    if (this.#first[key] === NONE) this.#first[key] = at;
    else this.#next[this.#last[key]] = at;
    this.#last[key] = at;
  }

  /** The note of a key that was pressed first; undefined where the key is up. */
  first(key: number): HeldNote | undefined {
    const at = this.#first[key];
    if (at === NONE) return undefined;
    return { tick: this.#ticks[at], velocity: this.#velocities[at], program: this.#programs[at] };
  }

  /** Takes the first note of a key away. */
  release(key: number): void {
    const at = this.#first[key];
    this.count--;
    this.#first[key] = this.#next[at];
    this.#next[at] = this.#free;
    this.#free = at;
  }

  /** The keys that are down, in order of channel and pitch. */
  keysDown(): number[] {
    const keys: number[] = [];
    if (this.count === 0) return keys;
    for (let key = 0; key < KEYS; key++) if (this.#first[key] !== NONE) keys.push(key);
    return keys;
  }

  #take(): number {
    const at = this.#free;
    if (at !== NONE) {
      this.#free = this.#next[at];
      return at;
    }
    if (this.#used === this.#ticks.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const room = Math.ceil(this.#used * 1.5);
    const ticks = new Float64Array(room);
    ticks.set(this.#ticks);
    const next = new Int32Array(room);
    next.set(this.#next);
    this.#ticks = ticks;
    this.#next = next;
    this.#velocities = grown(this.#velocities, room);
    this.#programs = grown(this.#programs, room);
  }
}

function grown(column: Uint8Array<ArrayBuffer>, room: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(room);
  larger.set(column);
  return larger;
}
