/** Keeps the few things that were asked for last, by key, and lets go of the others; they are made anew when asked for again. */
export class FewRecent<K, T> {
  readonly #most: number;
  readonly #make: (key: K) => T;
  readonly #release: (thing: T) => void;
  /** From the one that was asked for longest ago to the newest. */
  readonly #kept = new Map<K, T>();

  /** @param most how many are kept at once, at least 1 */
  constructor(most: number, make: (key: K) => T, release: (thing: T) => void) {
    this.#most = most;
    this.#make = make;
    this.#release = release;
  }

  /** What `make` gave for this key. The oldest goes before a new one is made, which can have its room. */
  get(key: K): T {
    let thing = this.#kept.get(key);
    if (thing === undefined) {
      if (this.#kept.size >= this.#most) this.#letGo(this.#kept.keys().next().value as K);
      thing = this.#make(key);
    } else {
      this.#kept.delete(key);
    }
    this.#kept.set(key, thing);
    return thing;
  }

  /** Lets go of all. */
  clear(): void {
    for (const key of [...this.#kept.keys()]) this.#letGo(key);
  }

  #letGo(key: K): void {
    const thing = this.#kept.get(key)!;
    this.#kept.delete(key);
    this.#release(thing);
  }
}
