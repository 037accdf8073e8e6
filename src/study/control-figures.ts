import { sliceTable, type NoteTable } from '../midi/index.ts';
import { gatesOf, opens, SaliencyProbe, type Gate, type ProbedModel, type Recording } from '../nn/index.ts';
import type { MusicModel } from '../music/music-model.ts';
import { ablatedLosses, type Variant } from './ablation.ts';
import { loudestFirst } from './ablation-study.ts';
import { strongestCorrelations } from './control-correlations.ts';
import { fromBeginning } from './from-beginning.ts';
import { gradientByLag } from './gradient.ts';
import type { Label } from './labels.ts';
import { mainHead } from './main-head.ts';
import { memorySpans } from './spans.ts';
import { meanOf } from './statistics/means.ts';
import { topVariance } from './statistics/top-variance.ts';
import type { StudyControlFigures } from './study-data.ts';
import { unitFigures } from './unit-figures.ts';

/** How far gradients are followed back, and of how many predictions. */
const GRADIENT_LAGS = 64;
const GRADIENT_PREDICTIONS = 32;
/** Predictions whose saliency is looked at. */
const SALIENCY_PREDICTIONS = 64;
/** Fewer lags cannot tell near from far; nearer than NEAR is near. */
const LEAST_LAGS = 8;
const NEAR = 4;
/** What is held still, and how many notes are predicted without it. */
const ABLATED_UNITS = 8;
const ABLATED_NOTES = 128;

/** A network on the notes of a control. */
export interface ControlRequest {
  model: MusicModel;
  table: NoteTable;
  start: ArrayLike<number>;
  labels: readonly Label[];
  lags: number;
  /** The network whose figures they are, and what it did on these notes. */
  probed: ProbedModel;
  recording: Recording;
}

/** The figures of one network, trained or not, that findings compare. */
export function controlFigures(request: ControlRequest): StudyControlFigures {
  const { probed, recording, start, labels } = request;
  const { layers } = recording;
  const top = layers[layers.length - 1];
  const units = layers.flatMap((layer) => unitFigures(layer));
  const spans = layers
    .flatMap((layer) => memorySpans(layer, start) ?? [])
    .map(({ steps, atLeastSteps }) => steps ?? atLeastSteps)
    .sort((a, b) => b - a);
  const byLag = gradientByLag(probed, recording, { lags: GRADIENT_LAGS, predictions: GRADIENT_PREDICTIONS });
  const norms = byLag.dh[byLag.dh.length - 1];
  const saturation = (gate: Gate) => ({
    open: meanOf(units.map((unit) => unit.saturation[gate]!.high)),
    shut: meanOf(units.map((unit) => unit.saturation[gate]!.low)),
  });
  return {
    longestSpan: spans.at(0) ?? null,
    medianSpan: spans.at(Math.floor(spans.length / 2)) ?? null,
    correlations: strongestCorrelations(layers, labels, recording.steps),
    gradient: norms.map((norm) => norm / Math.max(norms[0], 1e-30)),
    nearSaliency: nearSaliency(request),
    idle: meanOf(units.map(({ dead, alwaysOn }) => Number(dead || alwaysOn))),
    saturation: Object.fromEntries(
      gatesOf(top.cell)
        .filter(opens)
        .map((gate) => [gate, saturation(gate)]),
    ),
    twoDirections: topVariance(top.h, top.size),
    ablation: ablation(request),
  };
}

/** The part of the main head's saliency in the last four notes, over predictions that have all of their past. */
function nearSaliency({ probed, recording, model: { spec }, lags: asked }: ControlRequest): number | null {
  const lags = Math.min(asked, recording.steps);
  const to = recording.steps - 1;
  if (lags < LEAST_LAGS || to < 1) return null;
  const from = Math.max(0, to - SALIENCY_PREDICTIONS);
  const { name } = spec.heads[mainHead(spec.heads)];
  const told = new SaliencyProbe(probed, recording, lags).song({ heads: [name], steps: [from, to] });
  const [{ attributions }] = told.heads;
  const width = told.inputs.length;
  let [near, all] = [0, 0];
  attributions.forEach((value, k) => {
    all += Math.abs(value);
    if (Math.floor(k / width) % lags < NEAR) near += Math.abs(value);
  });
  return all > 0 ? near / all : null;
}

/** What the unit costs that is missed most, in parts of the loss. */
function ablation({ probed, recording, model, table }: ControlRequest): number {
  const variants = loudestFirst(probed, recording)
    .slice(0, ABLATED_UNITS)
    .map((unit): Variant => ({ ...unit, part: 'h', value: 0 }));
  const some = sliceTable(table, 0, Math.min(table.length, ABLATED_NOTES));
  const { whole, variants: without } = ablatedLosses(probed, [{ sequence: fromBeginning(model, some) }], variants);
  const most = without.reduce((rise, { loss }) => Math.max(rise, loss - whole.loss), 0);
  return most / Math.max(whole.loss, 1e-9);
}
