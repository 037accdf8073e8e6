/** How often a thread looks before it goes to sleep: some tens of microseconds, the usual wait between two parts. */
const SPINS = 20_000;

/** Looks at a word again and again while it holds `value`. Returns whether it changed before patience ended. */
export function spinWhileEqual(ints: Int32Array, index: number, value: number): boolean {
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(ints, index) !== value) return true;
  return false;
}

/** Whether this thread may sleep: the one that a page is drawn by may not. */
export function mayBlock(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
    return true;
  } catch {
    return false;
  }
}

/** `Atomics.waitAsync`, which newer browsers have. */
type WaitAsync = (
  ints: Int32Array,
  index: number,
  value: number,
  timeout: number,
) => { value: string | Promise<string> };

/**
 * Waits, without blocking the thread, while a word holds `value`: for a thread that may not block. Returns when the word
 * changed, after `ms` milliseconds, or earlier where a browser cannot tell.
 */
export async function pauseWhileEqual(ints: Int32Array, index: number, value: number, ms: number): Promise<void> {
  const { waitAsync } = Atomics as { waitAsync?: WaitAsync };
  if (waitAsync) await waitAsync(ints, index, value, ms).value;
  else await new Promise((resolve) => setTimeout(resolve, 0));
}
