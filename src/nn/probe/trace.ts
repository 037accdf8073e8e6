import { UsageError } from '../../errors.ts';
import { ShapeError, type Tensor } from '../../tensor/index.ts';
import { GATES } from '../cells/lstm.ts';
import type { ProbedModel } from './model.ts';
import type { Recording } from './recorded.ts';
import { counted } from '../../text/words.ts';

/** The activations of one layer over a sequence, as the way back reads them. */
export interface LayerTrace {
  /** [T, 4H], in the order i f g o. */
  gates: Tensor;
  /** [T + 1, H]; slot 0 is the state before the first step. */
  c: Tensor;
  /** [T, H]. */
  tanhC: Tensor;
}

/** The activations of one layer for the rows that take a step back together: [B, 4H], [B, H], [B, H]. */
export interface CellTrace {
  gates: Tensor;
  cPrev: Tensor;
  tanhC: Tensor;
}

/**
 * Puts what was recorded back into an arena, for the way back.
 *
 * @throws ShapeError when the recording is another model's
 * @throws UsageError when something was held while it ran: what is held has no derivative
 */
export function loadTrace({ spec, kernels }: ProbedModel, recording: Recording): LayerTrace[] {
  const { arena } = kernels;
  const { steps: T, layers, ablation, initialState } = recording;
  const H = spec.lstm.hiddenSize;
  if (ablation.length > 0) {
    throw new UsageError(
      'Gradients are taken of a recording without ablations; record the sequence once more without.',
    );
  }
  if (layers.length !== spec.lstm.layers || layers[0].size !== H || recording.heads.length !== spec.heads.length) {
    throw new ShapeError(
      `The recording has ${counted(layers.length, 'layer')} of ${counted(layers[0].size, 'unit')} and ${counted(recording.heads.length, 'head')}, ` +
        `the model ${spec.lstm.layers} of ${H} and ${spec.heads.length}.`,
    );
  }
  return layers.map((layer, index) => {
    const [gates, c, tanhC] = [arena.tensor([T, 4 * H]), arena.tensor([T + 1, H]), arena.tensor([T, H])];
    const to = gates.data;
    GATES.forEach((gate, k) => {
      const from = layer.gates[gate];
      for (let t = 0; t < T; t++) to.set(from.subarray(t * H, (t + 1) * H), (4 * t + k) * H);
    });
    c.data.set(initialState.c![index]);
    c.data.set(layer.c!, H);
    tanhC.data.set(layer.tanhC!);
    return { gates, c, tanhC };
  });
}

/** Rows `from` to `to` of every layer: the steps that a block of predictions looks back to at once. */
export function traceRows(trace: LayerTrace[], from: number, to: number): CellTrace[] {
  return trace.map(({ gates, c, tanhC }) => ({
    gates: gates.slice(from, to),
    cPrev: c.slice(from, to),
    tanhC: tanhC.slice(from, to),
  }));
}
