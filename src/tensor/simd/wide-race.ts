import { Random } from '../random.ts';
import type { SimdModule } from './exports.ts';
import { SimdKernels } from './kernels.ts';
import { compileHot, compileWide } from './join.ts';
import { loadBytes } from './load.ts';
import type { WideVerdict } from './wide-verdict.ts';
import type { Tensor } from '../tensor.ts';

/** A product as a small LSTM has them: 1.5 MFLOP, 0.02 to 0.1 ms. */
const [M, K, N] = [48, 128, 128];
/** The rounds after which a clear winner is believed, and the milliseconds after which there is none. */
const ROUNDS = 40;
const TIME_LIMIT = 25;
/** The wide build must need less than this share of the narrow one's time. */
const WORTH_IT = 0.75;

/** Lets the narrow and the wide build run the same product by turns, and compares times and bits. */
export async function raceWide(): Promise<WideVerdict> {
  const [narrowBytes, wideBytes] = await Promise.all([loadBytes('relaxed', false), loadBytes('wide', false)]);
  const narrow = new Contestant({ variant: 'relaxed', wasm: compileHot(narrowBytes, false) });
  const wide = new Contestant({ variant: 'wide', wasm: compileWide(wideBytes, false) });
  const end = performance.now() + TIME_LIMIT;
  let share = 1;
  for (let round = 1; performance.now() < end && (round <= ROUNDS || share > WORTH_IT); round++) {
    narrow.run();
    wide.run();
    share = wide.best / narrow.best;
  }
  const percent = `${Math.round(100 * share)} % of the time of simd (relaxed)`;
  const [expected, found] = [narrow.bits(), wide.bits()];
  if (!expected.every((word, index) => word === found[index])) {
    return { wide: false, why: 'joined operations gave other bits than those of simd (relaxed)' };
  }
  if (share <= WORTH_IT) return { wide: true, why: `V8 joins its operations to 256 bits: a product took ${percent}` };
  return { wide: false, why: `joined operations are not worth it here: a product took ${percent}` };
}

class Contestant {
  /** The quickest run, in milliseconds. */
  best = Infinity;
  readonly #kernels: SimdKernels;
  readonly #a: Tensor;
  readonly #b: Tensor;
  readonly #out: Tensor;

  constructor(module: SimdModule) {
    this.#kernels = new SimdKernels(module);
    const { arena } = this.#kernels;
    this.#a = arena.tensor([M, K]);
    this.#b = arena.tensor([K, N]);
    this.#out = arena.tensor([M, N]);
    const random = new Random([1, 2, 3, 4]);
    for (const { data } of [this.#a, this.#b]) for (let i = 0; i < data.length; i++) data[i] = random.uniform() - 0.5;
  }

  run(): void {
    this.#kernels.fill(this.#out, 0);
    const start = performance.now();
    this.#kernels.matmul(this.#out, this.#a, this.#b);
    this.best = Math.min(this.best, performance.now() - start);
  }

  bits(): Uint32Array {
    return Uint32Array.from(new Uint32Array(this.#out.data.buffer, this.#out.byteOffset, this.#out.size));
  }
}
