import { ShapeError, type Floats, type IndexTensor, type Tensor } from '../../tensor/index.ts';
import { headSize } from '../spec.ts';
import { HeadProbe } from './head-probe.ts';
import { likeliest } from './next.ts';
import { ablationsByLayer, type Ablation, type HeldRows } from './ablation.ts';
import type { CellRows } from './cells/probe-cell.ts';
import type { ProbedModel } from './model.ts';
import type { LayerRecording, NetworkState, ProbedSequence } from './recorded.ts';

/**
 * Runs a model one step at a time for a recording. It makes the same calls of the kernels as `Network` with a batch of one
 * and a window of one, except that what a layer does in a step may be several calls: between them stand the pre-activations. Both
 * ways give the same bits.
 */
export class RecordingStepper {
  readonly #model: ProbedModel;
  /** What is held in each layer. */
  readonly #held: HeldRows[][];
  readonly #categories: IndexTensor[];
  readonly #features: Tensor;
  readonly #layers: CellRows[];
  readonly #heads: HeadProbe[];
  readonly #outputs: Tensor[];
  /** For each head the class that heads after it read. */
  readonly #taken: Int32Array;

  /** @throws ShapeError when the state is another network's */
  constructor(model: ProbedModel, ablation: readonly Ablation[], initial?: NetworkState) {
    const { spec } = model;
    const { arena } = model.kernels;
    this.#model = model;
    this.#held = ablationsByLayer(spec, ablation).map((held) => (held ? [{ held, from: 0, to: 1 }] : []));
    this.#categories = spec.inputs.categories.map(() => arena.indices([1]));
    this.#features = arena.tensor([1, spec.inputs.features.length]);
    this.#layers = model.layers.map(({ cell }) => cell.layout(1, true));
    this.#heads = spec.heads.map((_, head) => new HeadProbe(model, head, 1));
    this.#outputs = spec.heads.map((head) => arena.tensor([1, headSize(head)]));
    this.#taken = new Int32Array(spec.heads.length);
    if (initial) this.#restore(initial);
  }

  /** Takes step `t` of a sequence; with `layers` given, writes what happened to their row `row`. */
  step({ categories, features, targets }: ProbedSequence, t: number, layers?: LayerRecording[], row = 0): void {
    this.#categories.forEach((to, k) => (to.data[0] = categories[k][t]));
    const to = this.#features.data;
    for (let f = 0; f < to.length; f++) to[f] = features[t * to.length + f];
    this.#layers.forEach((_, index) => { this.#stepLayer(index, layers?.[index], row); }); // prettier-ignore
    const top = this.#layers[this.#layers.length - 1].h;
    this.#model.heads.forEach(({ spec, reads }, head) => {
      const out = this.#outputs[head];
      this.#heads[head].forward(out, { hidden: top.data, classes: reads.map((read) => [this.#taken[read]]) });
      if (spec.kind === 'categorical') this.#taken[head] = targets?.[spec.name][t + 1] ?? likeliest(out.data);
    });
  }

  /** The class of a head that heads after it read at the last step: what came next, the likeliest where that is not known. */
  taken(head: number): number {
    return this.#taken[head];
  }

  /** What a head said after the last step, overwritten by the next. */
  output(head: number): Floats {
    return this.#outputs[head].data;
  }

  /** A copy of the state after the last step. */
  state(): NetworkState {
    const c = this.#layers.flatMap((layer) => (layer.c ? [layer.c.data.slice()] : []));
    return { h: this.#layers.map(({ h }) => h.data.slice()), ...(c.length > 0 && { c }) };
  }

  #stepLayer(index: number, record: LayerRecording | undefined, row: number): void {
    const { kernels, layers } = this.#model;
    const rows = this.#layers[index];
    kernels.copy(rows.hPrev, rows.h);
    if (rows.c) kernels.copy(rows.cPrev!, rows.c);
    this.#model.project(index, rows.input, index === 0 ? this.#features : this.#layers[index - 1].h, this.#categories);
    layers[index].cell.forward(rows, this.#held[index]);
    if (!record) return;
    const at = row * record.size;
    copyGates(record.z, rows.z!.data, row, record.size);
    copyGates(record.gates, rows.gates.data, row, record.size);
    record.h.set(rows.h.data, at);
    record.c?.set(rows.c!.data, at);
    record.tanhC?.set(rows.tanhC!.data, at);
  }

  #restore({ h, c }: NetworkState): void {
    this.#layers.forEach((layer, index) => {
      const H = layer.h.size;
      if (h[index]?.length !== H || (layer.c && c?.[index]?.length !== H)) {
        throw new ShapeError(
          `recording: the initial state of layer ${index} should be ${H} numbers for h${layer.c ? ' and for c' : ''}.`,
        );
      }
      layer.h.data.set(h[index]);
      layer.c?.data.set(c![index]);
    });
  }
}

/** Takes one row of gates, which stand side by side in the order of the record, apart. */
function copyGates(to: LayerRecording['gates'], gates: Floats, row: number, H: number): void {
  Object.values(to).forEach((each, k) => {
    each.set(gates.subarray(k * H, (k + 1) * H), row * H);
  });
}
