import type { InferenceSession, Tensor } from 'onnxruntime-web';
import * as web from 'onnxruntime-web';
import type { Batch } from '../../src/nn/batch.ts';
import type { ModelSpec } from '../../src/nn/index.ts';
import type { Answered } from './ours.ts';

/** The states that go in and come out, by names without the last digit: `lstm.0.h`. */
type States = Record<string, Tensor>;

/** What is used of onnxruntime: WebAssembly as in browsers, or that which is native in Node. */
export interface OnnxRuntime {
  InferenceSession: { create(bytes: Uint8Array): Promise<InferenceSession> };
  Tensor: new (
    type: 'float32' | 'int64' | 'int32',
    values: Float32Array | BigInt64Array | Int32Array,
    shape: number[],
  ) => Tensor;
}

/** An exported model in onnxruntime. */
export class OnnxModel {
  readonly #session: InferenceSession;
  readonly #spec: ModelSpec;
  readonly #Tensor: OnnxRuntime['Tensor'];

  private constructor(session: InferenceSession, spec: ModelSpec, { Tensor }: OnnxRuntime) {
    this.#session = session;
    this.#spec = spec;
    this.#Tensor = Tensor;
  }

  /** @param bytes the file of a model of that architecture */
  static async open(
    bytes: Uint8Array,
    spec: ModelSpec,
    runtime: OnnxRuntime = web as unknown as OnnxRuntime,
  ): Promise<OnnxModel> {
    web.env.wasm.numThreads = 1;
    return new OnnxModel(await runtime.InferenceSession.create(bytes), spec, runtime);
  }

  /** The states before anything was read. */
  zeros(batch: number): States {
    const states = this.#session.inputMetadata.filter(({ name }) => /\.[hc]0$/.test(name));
    return Object.fromEntries(
      states.map((state) => {
        const sizes = state.isTensor ? state.shape.map((size) => (typeof size === 'number' ? size : batch)) : [];
        const zeros = new Float32Array(sizes.reduce((a, b) => a * b));
        return [state.name.slice(0, -1), new this.#Tensor('float32', zeros, sizes)];
      }),
    );
  }

  /** Runs a batch. @returns what comes out, and the states as they go into the next run */
  async run(batch: Batch, before = this.zeros(batch.size)): Promise<Answered & { after: States }> {
    const { heads } = this.#spec;
    const found = await this.#session.run(this.#feeds(batch, before));
    const after = Object.fromEntries(Object.keys(before).map((name) => [name, found[`${name}1`] as Tensor]));
    return {
      heads: heads.map(({ name }) => found[`heads.${name}`].data as Float32Array),
      states: Object.fromEntries(Object.entries(after).map(([name, { data }]) => [name, data as Float32Array])),
      after,
    };
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  #feeds({ size, steps, categories, features, targets = {}, lengths }: Batch, before: States): Record<string, Tensor> {
    const { inputs, heads, lstm } = this.#spec;
    const classes = (values: ArrayLike<number>): Tensor =>
      new this.#Tensor('int64', BigInt64Array.from(Array.from(values), BigInt), [steps, size]);
    const feeds: Record<string, Tensor> = {};
    inputs.categories.forEach(({ name }, k) => (feeds[`inputs.${name}`] = classes(categories[k])));
    const width = inputs.features.length;
    if (width > 0) feeds.features = new this.#Tensor('float32', Float32Array.from(features), [steps, size, width]);
    for (const { reads = [] } of heads) for (const name of reads) feeds[`drawn.${name}`] = classes(targets[name]);
    for (const [name, state] of Object.entries(before)) feeds[`${name}0`] = state;
    const all = Array.from({ length: size }, () => steps);
    if (lstm.bidirectional) feeds.lengths = new this.#Tensor('int32', Int32Array.from(lengths ?? all), [size]);
    return feeds;
  }
}
