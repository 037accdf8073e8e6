import { Network, ParameterSet, type ModelSpec } from '../../src/nn/index.ts';
import type { CellKind } from '../../src/nn/cells/kinds.ts';
import { HeapArena, ReferenceKernels, type Tensor } from '../../src/tensor/index.ts';

/** What a layer's parameters are to hold, by the names that they have without it: `kernel`, `bias`. */
export type LayerWeights = Record<string, ArrayLike<number>>;

/** One recurrent layer in float64 on sequences of numbers, as other libraries test theirs: no head counts. */
export class LayerAlone {
  readonly parameters: ParameterSet;
  readonly #network: Network;
  readonly #kernels = new ReferenceKernels(new HeapArena('float64'));

  constructor(
    cell: CellKind,
    { inputs, hidden, steps, batch }: Record<'inputs' | 'hidden' | 'steps' | 'batch', number>,
  ) {
    const spec: ModelSpec = {
      inputs: { categories: [], features: Array.from({ length: inputs }, (_, at) => `x${at}`) },
      lstm: { layers: 1, hiddenSize: hidden, dropout: 0, cell },
      heads: [{ name: 'out', kind: 'scalar', lossWeight: 1, positivePressure: 0 }],
      lossOn: 'all',
    };
    this.parameters = new ParameterSet(this.#kernels.arena, spec);
    this.#network = new Network(this.#kernels, spec, { batchSize: batch, steps }, this.parameters);
  }

  /** Sets the parameters of the layer that `weights` has. */
  write(weights: LayerWeights): void {
    for (const [name, { data }] of this.parameters.entries()) {
      const part = name.split('.').slice(2).join('.');
      if (!name.startsWith('heads.') && part in weights) data.set(weights[part]);
    }
  }

  /** The outputs [T, B, H] for inputs [T, B, I], time-major both. */
  run(features: readonly number[]): Float64Array {
    const { batchSize: size, steps } = this.#network.shape;
    this.#network.load({ size, steps, categories: [], features });
    this.#network.forward();
    return Float64Array.from(this.#network.layers[0].output.data);
  }

  /** The next run begins with these states, [B, H] each, h first. */
  begin(...states: readonly (readonly number[])[]): void {
    const [layer] = this.#network.layers;
    layer.setState(
      ...states.map((values): Tensor => {
        const state = this.#kernels.arena.tensor([layer.h.shape[1], layer.h.shape[2]]);
        state.data.set(values);
        return state;
      }),
    );
  }

  /** The next run goes on where this one ended. */
  carry(): void {
    this.#network.carryState();
  }
}
