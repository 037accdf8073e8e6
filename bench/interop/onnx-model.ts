import * as ort from 'onnxruntime-web';
import type { Batch } from '../../src/nn/batch.ts';
import type { ModelSpec } from '../../src/nn/index.ts';
import type { Answered } from './ours.ts';

/** The states that go in and come out, by names without the last digit: `lstm.0.h`. */
type States = Record<string, ort.Tensor>;
/** An exported model in onnxruntime, which is WebAssembly here as in browsers. */
export class OnnxModel {
  readonly #session: ort.InferenceSession;
  readonly #spec: ModelSpec;

  private constructor(session: ort.InferenceSession, spec: ModelSpec) {
    this.#session = session;
    this.#spec = spec;
  }

  /** @param bytes the file of a model of that architecture */
  static async open(bytes: Uint8Array, spec: ModelSpec): Promise<OnnxModel> {
    ort.env.wasm.numThreads = 1;
    return new OnnxModel(await ort.InferenceSession.create(bytes), spec);
  }

  /** The states before anything was read. */
  zeros(batch: number): States {
    const states = this.#session.inputMetadata.filter(({ name }) => /\.[hc]0$/.test(name));
    return Object.fromEntries(
      states.map((state) => {
        const sizes = state.isTensor ? state.shape.map((size) => (typeof size === 'number' ? size : batch)) : [];
        const zeros = new Float32Array(sizes.reduce((a, b) => a * b));
        return [state.name.slice(0, -1), new ort.Tensor('float32', zeros, sizes)];
      }),
    );
  }

  /** Runs a batch. @returns what comes out, and the states as they go into the next run */
  async run(batch: Batch, before = this.zeros(batch.size)): Promise<Answered & { after: States }> {
    const { heads } = this.#spec;
    const found = await this.#session.run(this.#feeds(batch, before));
    const after = Object.fromEntries(Object.keys(before).map((name) => [name, found[`${name}1`] as ort.Tensor]));
    return {
      heads: heads.map(({ name }) => found[`heads.${name}`].data as Float32Array),
      states: Object.fromEntries(Object.entries(after).map(([name, { data }]) => [name, data as Float32Array])),
      after,
    };
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  #feeds(
    { size, steps, categories, features, targets = {}, lengths }: Batch,
    before: States,
  ): Record<string, ort.Tensor> {
    const { inputs, heads, lstm } = this.#spec;
    const classes = (values: ArrayLike<number>): ort.Tensor =>
      new ort.Tensor('int64', BigInt64Array.from(Array.from(values), BigInt), [steps, size]);
    const feeds: Record<string, ort.Tensor> = {};
    inputs.categories.forEach(({ name }, k) => (feeds[`inputs.${name}`] = classes(categories[k])));
    const width = inputs.features.length;
    if (width > 0) feeds.features = new ort.Tensor('float32', Float32Array.from(features), [steps, size, width]);
    for (const { reads = [] } of heads) for (const name of reads) feeds[`drawn.${name}`] = classes(targets[name]);
    for (const [name, state] of Object.entries(before)) feeds[`${name}0`] = state;
    const all = Array.from({ length: size }, () => steps);
    if (lstm.bidirectional) feeds.lengths = new ort.Tensor('int32', Int32Array.from(lengths ?? all), [size]);
    return feeds;
  }
}
