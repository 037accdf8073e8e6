import { UsageError } from '../../errors.ts';
import { ShapeError, type Tensor } from '../../tensor/index.ts';
import { CELLS } from '../cells/kinds.ts';
import { cellOf, layerWidth, type ModelSpec } from '../spec.ts';
import { counted, inWords } from '../../text/words.ts';
import { sliceRows, type CellRows, type CellSequence } from './cells/probe-cell.ts';
import type { ProbedModel } from './model.ts';
import type { LayerRecording, Recording } from './recorded.ts';

/**
 * Puts what was recorded back into an arena, for the way back: of every layer the rows of all steps.
 *
 * @throws ShapeError when the recording is another model's
 * @throws UsageError when something was held while it ran: what is held has no derivative
 */
export function loadTrace(model: ProbedModel, recording: Recording): CellRows[] {
  const { spec, layers } = model;
  if (recording.ablation.length > 0) {
    throw new UsageError(
      'Gradients are taken of a recording without ablations; record the sequence once more without.',
    );
  }
  assertSameModel(spec, recording);
  const trace = layers.map(({ cell }, index) => {
    const sequence = cell.layoutSequence(recording.steps, 1);
    loadLayer(sequence, recording, index);
    return sequence.rows;
  });
  layers.forEach(({ cell }, index) => {
    const rows = trace[index];
    if (!cell.gatesInPlace) projectRecorded(model, recording, index, rows.input, trace[index - 1]?.h);
    cell.recall?.(rows);
  });
  return trace;
}

/** Rows `from` to `to` of every layer: the steps that a block of predictions looks back to at once. */
export function traceRows(trace: readonly CellRows[], from: number, to: number): CellRows[] {
  return trace.map((rows) => sliceRows(rows, from, to));
}

function assertSameModel(spec: ModelSpec, { layers, heads }: Recording): void {
  const widths = Array.from({ length: spec.lstm.layers }, (_, layer) => layerWidth(spec, layer));
  const cell = cellOf(spec);
  const fits = (layer: LayerRecording, index: number): boolean => layer.size === widths[index] && layer.cell === cell;
  if (layers.length === widths.length && layers.every(fits) && heads.length === spec.heads.length) return;
  const say = (kind: LayerRecording['cell'], sizes: readonly number[], count: number): string =>
    `${counted(sizes.length, 'layer')} of ${CELLS[kind].title} of ${inWords([...new Set(sizes)].map(String), 'and')} units and ${counted(count, 'head')}`;
  throw new ShapeError(
    `The recording has ${say(
      layers[0].cell,
      layers.map(({ size }) => size),
      heads.length,
    )}, ` + `the model ${say(cell, widths, spec.heads.length)}.`,
  );
}

function loadLayer(
  { rows, states: [h, c] }: CellSequence,
  { layers, initialState, steps }: Recording,
  index: number,
): void {
  const layer = layers[index];
  const H = layer.size;
  const to = rows.gates.data;
  Object.values(layer.gates).forEach((from, k, { length }) => {
    for (let t = 0; t < steps; t++) to.set(from.subarray(t * H, (t + 1) * H), (length * t + k) * H);
  });
  h.data.set(initialState.h[index]);
  h.data.set(layer.h, H);
  if (!layer.c) return;
  c.data.set(initialState.c![index]);
  c.data.set(layer.c, H);
  rows.tanhC!.data.set(layer.tanhC!);
}

/** What came into a layer at every step, once more. */
function projectRecorded(
  model: ProbedModel,
  { steps, sequence }: Recording,
  index: number,
  input: Tensor,
  below?: Tensor,
): void {
  const { arena } = model.kernels;
  if (below) return model.project(index, input, below, []);
  const features = arena.tensor([steps, model.spec.inputs.features.length]);
  features.data.set(Array.from(sequence.features));
  const categories = sequence.categories.map((classes) => {
    const indices = arena.indices([steps]);
    indices.data.set(Array.from(classes));
    return indices;
  });
  model.project(index, input, features, categories);
}
