import {
  GATES,
  gradientThroughTime,
  Network,
  numericGradient,
  ParameterSet,
  ProbedModel,
  recordModel,
  weightedLoss,
  type NetworkState,
  type Recording,
} from '../../src/nn/index.ts';
import { Random } from '../../src/tensor/index.ts';
import { EXAMPLE, type Gate } from './cell-forward.ts';
import { exactKernels, lstmLayer, partOf, type Lesson } from './lesson.ts';

/** As in training: 25 notes in, 25 predictions out. */
const WINDOW = 25;

/** A derivative by the chain rule and by differences. */
export interface Comparison {
  what: string;
  chain: number;
  differences: number;
}

/** One unit at one step backward, L being the mean loss over the song's first window. */
export interface CellBackward {
  loss: number;
  /** dL/dh in full, and what of it the heads at this very step sent, and later steps. */
  dh: number;
  dhHeads: number;
  dhLater: number;
  /** dL/dc in full, and what of it later steps sent. */
  dc: number;
  dcLater: number;
  dz: Record<Gate, number>;
  /** What goes to the cell of the step before. */
  dcPrev: number;
  checks: Comparison[];
}

/** The way back through the example's unit and step, and its check: numbers once more by nudging the network. */
export function cellBackward(lesson: Lesson): CellBackward {
  const { model, song } = lesson;
  const kernels = exactKernels();
  const probed = new ProbedModel(model.spec, model.parameters, kernels);
  const recording = recordModel(probed, partOf(lesson, 0, WINDOW + 1));
  const gradientOf = (loss: number | 'all') =>
    gradientThroughTime(model.spec, model.parameters, recording, { loss }, { kernels: exactKernels(), units: true });
  const { size, i, f, g, o, c, tanhC } = lstmLayer(recording);
  const at = EXAMPLE.step * size + EXAMPLE.unit;
  const all = gradientOf('all');
  const dh = all.layers[0].units!.dh;
  const dc = all.layers[0].units!.dc!;
  // The mean over the window: of the loss at this step alone a 25th.
  const dhHeads = gradientOf(EXAMPLE.step).layers[0].units!.dh[at] / WINDOW;
  const dhLater = dh[at] - dhHeads;
  const dcLater = dc[at] - dh[at] * o[at] * (1 - tanhC[at] ** 2);
  const nudged = nudgeState(lesson, probed, recording);
  return {
    loss: all.value,
    dh: dh[at],
    dhHeads,
    dhLater,
    dc: dc[at],
    dcLater,
    dz: {
      i: dc[at] * g[at] * i[at] * (1 - i[at]),
      f: dc[at] * c[at - size] * f[at] * (1 - f[at]),
      g: dc[at] * i[at] * (1 - g[at] ** 2),
      o: dh[at] * tanhC[at] * o[at] * (1 - o[at]),
    },
    dcPrev: dc[at] * f[at],
    checks: [
      { what: 'dL/dc, from later time steps', chain: dcLater, differences: nudged.c },
      { what: 'dL/dh, from later time steps', chain: dhLater, differences: nudged.h },
      ...weightChecks(lesson, song.categories[0][EXAMPLE.step]),
    ],
  };
}

/** What the losses of the steps after the example's say to the state after it, by differences. */
function nudgeState(lesson: Lesson, probed: ProbedModel, recording: Recording) {
  const { size, h, c } = lstmLayer(recording);
  const { unit, step } = EXAMPLE;
  const stateOf = (values: typeof h) => [values.slice(step * size, (step + 1) * size)];
  const initialState = { h: stateOf(h), c: stateOf(c) } satisfies NetworkState;
  const rest = partOf(lesson, step + 1, WINDOW + 1);
  const loss = (): number => {
    const { heads } = recordModel(probed, rest, { initialState });
    let sum = 0;
    heads.forEach(({ nextLoss }, k) => {
      for (let t = 0; t < rest.length - 1; t++) sum += probed.spec.heads[k].lossWeight * nextLoss[t];
    });
    return sum / WINDOW;
  };
  return {
    c: numericGradient(loss, initialState.c[0], unit),
    h: numericGradient(loss, initialState.h[0], unit),
  };
}

/** Gradients of weights of the unit as a training step forms them, beside differences. */
function weightChecks(lesson: Lesson, pitch: number): Comparison[] {
  const { spec, parameters: trained } = lesson.model;
  const kernels = exactKernels();
  const parameters = new ParameterSet(kernels.arena, spec);
  const gradients = new ParameterSet(kernels.arena, spec);
  parameters.fromArrays(trained);
  const training = { gradients, dropout: Random.stream(1, 'dropout') };
  const network = new Network(kernels, spec, { batchSize: 1, steps: WINDOW }, parameters, { training });
  const { categories, features } = partOf(lesson, 0, WINDOW);
  network.load({ size: 1, steps: WINDOW, categories, features, targets: partOf(lesson, 1, WINDOW + 1).targets });
  const loss = (): number => {
    network.forward();
    return weightedLoss(spec, network.losses());
  };
  loss();
  network.backward();
  const compare = (what: string, name: string, at: number): Comparison => {
    const chain = gradients.get(name).data[at];
    return { what, chain, differences: numericGradient(loss, parameters.get(name).data, at) };
  };
  const { unit } = EXAMPLE;
  const H = spec.lstm.hiddenSize;
  const column = (gate: Gate): number => GATES.indexOf(gate) * H + unit;
  return [
    ...GATES.map((gate) => compare(`dL/db of gate ${gate}`, 'lstm.0.bias', column(gate))),
    compare("dL/dU, the unit's own output to f", 'lstm.0.recurrent_kernel', unit * 4 * H + column('f')),
    compare('dL/dW, the pitch to g', 'lstm.0.kernel', pitch * 4 * H + column('g')),
  ];
}
