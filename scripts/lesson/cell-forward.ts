import { GATES, ProbedModel } from '../../src/nn/index.ts';
import { exactKernels, lstmLayer, type Lesson } from './lesson.ts';

/** The unit and the step that the lesson computes by hand: the note that begins the second bar. */
export const EXAMPLE = { unit: 8, step: 16 } as const;

/** A gate of the LSTM. */
export type Gate = (typeof GATES)[number];

/** What goes into one gate: z = bias + pitch + Σ features + recurrent. */
export interface GateSum {
  gate: Gate;
  bias: number;
  /** The weight of the pitch that is on. */
  pitch: number;
  /** Each feature times its weight. */
  features: number[];
  /** Σ h'·U over the units of the step before. */
  recurrent: number;
  z: number;
  activation: number;
}

/** One unit at one step forward. */
export interface CellForward {
  gates: GateSum[];
  cPrev: number;
  c: number;
  tanhC: number;
  h: number;
}

/** The example's unit and step, every term of every gate. */
export function cellForward({ model, recording, song }: Lesson): CellForward {
  const { unit, step } = EXAMPLE;
  const { layers, spec } = new ProbedModel(model.spec, model.parameters, exactKernels());
  const { tables, denseKernel, recurrentKernel, bias } = layers[0];
  const H = spec.lstm.hiddenSize;
  const layer = lstmLayer(recording);
  const F = spec.inputs.features.length;
  const gates = GATES.map((gate, k): GateSum => {
    const column = k * H + unit;
    let recurrent = 0;
    for (let j = 0; j < H; j++) recurrent += layer.h[(step - 1) * H + j] * recurrentKernel.data[j * 4 * H + column];
    return {
      gate,
      bias: bias.data[column],
      pitch: tables[0].data[song.categories[0][step] * 4 * H + column],
      features: Array.from({ length: F }, (_, f) => song.features[step * F + f] * denseKernel.data[f * 4 * H + column]),
      recurrent,
      z: layer.z[gate][step * H + unit],
      activation: layer[gate][step * H + unit],
    };
  });
  const at = step * H + unit;
  return { gates, cPrev: layer.c[at - H], c: layer.c[at], tanhC: layer.tanhC[at], h: layer.h[at] };
}
