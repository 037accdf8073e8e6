import { histogram, lineChart, timeline, type RollNote } from '../../src/plot/index.ts';
import { EXAMPLE } from './cell-forward.ts';
import { lstmLayer, type Lesson } from './lesson.ts';
import { BAR, surprises, unitOrder } from './listening.ts';
import type { Measurements } from './measure.ts';
import { forgetProducts, LAGS, plainRnnFactor, spanSteps } from './memory.ts';

/** The notes that pictures show: the first bars of the song. */
export const SHOWN_BARS = 4;

/** Every picture of the lesson under the name that it has in docs/images. */
export function lessonFigures(lesson: Lesson, measured: Measurements): Record<string, string> {
  return {
    'lstm-gate-curves.svg': gateCurves(),
    'lstm-unit.svg': unitPicture(lesson),
    'lstm-cells.svg': cellsPicture(lesson),
    'lstm-surprise.svg': surprisePicture(lesson),
    'lstm-spans.svg': spansPicture(measured),
    'lstm-gradient.svg': gradientPicture(lesson, measured),
    'lstm-cells-gradient.svg': cellsGradientPicture(measured),
    'lstm-learning.svg': learningPicture(lesson),
  };
}

function gateCurves(): string {
  const xs = Array.from({ length: 121 }, (_, k) => (k - 60) / 10);
  const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
  return lineChart({
    title: 'The two squashing functions and their slopes',
    xLabel: 'pre-activation z',
    yLabel: 'value',
    series: [
      { name: 'σ(z)', points: xs.map((z) => [z, sigmoid(z)]) },
      { name: 'tanh z', points: xs.map((z) => [z, Math.tanh(z)]) },
      { name: 'slope of σ, σ(1−σ)', points: xs.map((z) => [z, sigmoid(z) * (1 - sigmoid(z))]), dashed: true },
      { name: 'slope of tanh, 1−tanh²', points: xs.map((z) => [z, 1 - Math.tanh(z) ** 2]), dashed: true },
    ],
    height: 320,
  });
}

function shownNotes({ notes }: Lesson): RollNote[] {
  return Array.from({ length: SHOWN_BARS * BAR }, (_, k) => ({
    pitch: notes.pitch[k],
    velocity: notes.velocity[k],
    start: notes.start[k],
    end: notes.start[k] + notes.duration[k],
  }));
}

/** One number of a unit at every shown note. */
function valuesOf(values: ArrayLike<number>, size: number, unit: number): number[] {
  return Array.from({ length: SHOWN_BARS * BAR }, (_, note) => values[note * size + unit]);
}

function unitPicture(lesson: Lesson): string {
  const layer = lstmLayer(lesson.recording);
  const { unit } = EXAMPLE;
  const of = (values: ArrayLike<number>): number[] => valuesOf(values, layer.size, unit);
  const c = of(layer.c);
  return timeline({
    title: `Unit ${unit + 1} reads the first bars of the prelude`,
    description: `The notes of the first ${SHOWN_BARS} bars, and under them the gates, the cell and the output of unit ${unit + 1} after each note.`,
    notes: shownNotes(lesson),
    panels: [
      { kind: 'roll' },
      {
        kind: 'lines',
        label: 'gates',
        range: [0, 1],
        series: [
          { name: 'input i', values: of(layer.i) },
          { name: 'forget f', values: of(layer.f) },
          { name: 'output o', values: of(layer.o) },
        ],
      },
      {
        kind: 'lines',
        label: 'state',
        range: [Math.min(-1, ...c), Math.max(1, ...c)],
        series: [
          { name: 'candidate g', values: of(layer.g) },
          { name: 'cell c', values: c },
          { name: 'output h', values: of(layer.h) },
        ],
        height: 110,
      },
    ],
  });
}

function cellsPicture(lesson: Lesson): string {
  const layer = lstmLayer(lesson.recording);
  const rowHeight = 10;
  const rows = (values: ArrayLike<number>) =>
    unitOrder(lesson).map((unit) => ({ name: String(unit), values: valuesOf(values, layer.size, unit) }));
  return timeline({
    title: `All ${layer.size} units over the first bars of the prelude`,
    description: `Two heat maps under the notes of the first ${SHOWN_BARS} bars: tanh c and the forget gate of every unit, a row a unit.`,
    notes: shownNotes(lesson),
    panels: [
      { kind: 'roll' },
      { kind: 'heat', label: 'tanh c of each unit: blue above 0, orange below', rows: rows(layer.tanhC), rowHeight },
      {
        kind: 'heat',
        label: 'forget gate of each unit: the stronger the colour, the more is kept',
        rows: rows(layer.f),
        rowHeight,
      },
    ],
  });
}

function surprisePicture(lesson: Lesson): string {
  const shown = (head?: string): number[] => surprises(lesson, head).slice(0, SHOWN_BARS * BAR);
  return timeline({
    title: 'How surprised the network is by each note',
    description: `The notes of the first ${SHOWN_BARS} bars, and under each -log of the probability that its pitch and its step were given.`,
    notes: shownNotes(lesson),
    panels: [
      { kind: 'roll' },
      { kind: 'bars', label: 'surprise at pitch (nats)', values: shown('pitch') },
      { kind: 'bars', label: 'surprise at the time to the next note (nats)', values: shown('step'), height: 60 },
    ],
  });
}

function spansPicture({ spans }: Measurements): string {
  return histogram({
    title: 'How long units remember',
    xLabel: 'memory span: notes until half of what was written is forgotten',
    yLabel: 'share of units (%)',
    groups: [{ name: 'units', values: spans.map(spanSteps) }],
    bins: 'integers',
    height: 320,
  });
}

function gradientPicture(lesson: Lesson, { byLag: { dh, dc } }: Measurements): string {
  const factor = plainRnnFactor();
  const lags = Array.from({ length: LAGS + 1 }, (_, lag) => lag);
  const series = (name: string, values: readonly number[], dashed = false) => ({
    name,
    points: lags.map((lag) => [lag, values[lag]] as const),
    dashed,
  });
  return lineChart({
    title: 'The gradient on its way back through time',
    xLabel: 'notes before the prediction',
    yLabel: 'part of what it was at the prediction',
    series: [
      series('|dL/dh|, measured', dh),
      series('|dL/dc|, measured', dc!),
      series('product of forget gates, mean of all units', forgetProducts(lesson), true),
      series('plain RNN, typical, by formula', lags.map((lag) => factor ** lag), true), // prettier-ignore
    ],
    logY: true,
    height: 420,
  });
}

function cellsGradientPicture({ cells }: Measurements): string {
  return lineChart({
    title: 'How much of the gradient is left, in three cells trained alike',
    xLabel: 'notes before the prediction',
    yLabel: 'part of what it was at the prediction',
    series: cells.map(({ title, state, left }) => ({
      name: `${title}: |dL/d${state}|`,
      points: left.map((value, lag) => [lag, value] as const),
    })),
    logY: true,
    height: 360,
  });
}

function learningPicture({ history, model }: Lesson): string {
  const heads = model.spec.heads.map(({ name }) => name);
  return lineChart({
    title: 'Training the model of this lesson',
    xLabel: 'training steps',
    yLabel: 'nats a note',
    series: heads.map((name) => ({ name, points: history.map(({ step, losses }) => [step, losses[name]]) })),
    height: 320,
  });
}
