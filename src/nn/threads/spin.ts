/** How often a thread looks before it goes to sleep: some tens of microseconds, the usual wait between two parts. */
const SPINS = 20_000;

/** Looks at a word again and again while it holds `value`. Returns whether it changed before patience ended. */
export function spinWhileEqual(ints: Int32Array, index: number, value: number): boolean {
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(ints, index) !== value) return true;
  return false;
}
