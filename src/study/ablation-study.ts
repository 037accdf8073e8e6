import { gatesOf, type NetworkState, type ProbedModel, type Recording, type Sequence } from '../nn/index.ts';
import type { Floats, Tensor } from '../tensor/index.ts';
import { ablatedLosses, type AblationRun, type Variant } from './ablation.ts';
import { columnMeans, mapColumns, momentsOf } from './statistics/moments.ts';
import type { StudyAblation, StudyAblationRow, StudyOmission } from './study-data.ts';

/** Multiply-adds that an ablation may take: some three seconds of one core. */
const WORK = 2e10;
/** Fewer predictions than this say little about a unit. */
const LEAST_PREDICTIONS = 300;
/** Stretches in which a long song is looked at, and predictions before each in which a variant comes to its own state. */
const STRETCHES = 6;
const SETTLING = 12;

export interface AblationRequest {
  /** `the song`, or what the corpus is called. */
  on: string;
  /** Whole pieces: those of a corpus, or the song alone. */
  sequences: readonly Sequence[];
  /** Whether they are the song alone. */
  ofSong: boolean;
  /** Of the song: where gates and outputs have their means from. */
  recording: Recording;
  onStep?: (done: number, total: number) => void;
}

/**
 * Holds every unit's output at zero, and every gate and layer at zero and at its mean, and says what each costs. Where that
 * would take too long, fewer predictions are looked at, and of large models only the units with the loudest voice: spread
 * of h times the size of the weights that read it.
 */
export function studyAblation(
  model: ProbedModel,
  { on, sequences, ofSong, recording, onStep }: AblationRequest,
): { ablation: StudyAblation; leftOut: StudyOmission[] } {
  const all = loudestFirst(model, recording);
  const others = heldParts(recording);
  const perStep = multiplications(model);
  const most = Math.max(1, Math.floor(WORK / perStep / LEAST_PREDICTIONS) - others.length);
  const units = all.slice(0, most);
  const variants = [...units.map((unit): Variant => ({ ...unit, part: 'h', value: 0 })), ...others];
  const affordable = Math.max(LEAST_PREDICTIONS, Math.floor(WORK / (perStep * (variants.length + 1))));
  const available = sequences.reduce((sum, { length }) => sum + Math.max(0, length - 1), 0);
  const { predictions, whole, variants: losses } = ablatedLosses(model, chooseRuns(sequences, affordable, ofSong ? recording : undefined), variants, onStep); // prettier-ignore
  const rows = variants.map(({ layer, part, units: held, value }, k): StudyAblationRow => {
    const rises = losses[k].losses.map((loss, head) => loss - whole.losses[head]);
    return {
      layer,
      ...(held && { unit: held[0] }),
      ...(part !== 'h' && { gate: part }),
      held: value === 0 ? 'zero' : 'mean',
      losses: rises,
      loss: losses[k].loss - whole.loss,
    };
  });
  const ranked = (chosen: StudyAblationRow[]): StudyAblationRow[] => chosen.sort((a, b) => b.loss - a.loss);
  const leftOut: StudyOmission[] = [];
  if (predictions < available) {
    leftOut.push({
      what: `ablation on ${available - predictions} of ${available} predictions`,
      why: `so many runs of the model would take too long; it rests on ${predictions}${ofSong ? ' in stretches spread over it' : ''}`,
    });
  }
  if (units.length < all.length) {
    leftOut.push({
      what: `ablation of ${all.length - units.length} of ${all.length} units`,
      why: 'the model is large; those that the heads and the next layers read most were tried',
    });
  }
  return {
    ablation: {
      on,
      predictions,
      baseline: whole,
      units: ranked(rows.filter(({ unit }) => unit !== undefined)),
      gates: ranked(rows.filter(({ gate }) => gate !== undefined)),
      layers: ranked(rows.filter(({ unit, gate }) => unit === undefined && gate === undefined)),
    },
    leftOut,
  };
}

/** What one prediction of one variant costs. */
function multiplications({ layers, heads }: ProbedModel): number {
  const size = (sum: number, { rows, columns }: { rows: number; columns: number }): number => sum + rows * columns;
  return (
    layers.flatMap(readersOf).reduce(size, 0) +
    layers
      .slice(1)
      .map(({ denseKernel }) => denseKernel)
      .reduce(size, 0) + // prettier-ignore
    heads.flatMap(({ kernel, relu }) => (relu ? [kernel, relu.kernel, relu.out] : [kernel])).reduce(size, 0)
  );
}

/** What a layer's own outputs are multiplied with. */
function readersOf({ recurrentKernel, candidateKernel }: ProbedModel['layers'][number]): Tensor[] {
  return candidateKernel ? [recurrentKernel, candidateKernel] : [recurrentKernel];
}

/** All units, those that say most to their readers first. */
export function loudestFirst(model: ProbedModel, { layers }: Recording): { layer: number; units: [number] }[] {
  const voices = layers.flatMap(({ size, h }, layer) => {
    const readers = [
      ...readersOf(model.layers[layer]),
      ...(layer + 1 < layers.length
        ? [model.layers[layer + 1].denseKernel]
        : model.heads.flatMap(({ kernel, relu }) => (relu ? [kernel, relu.kernel] : [kernel]))),
    ];
    return mapColumns(h, size, momentsOf).map(({ mean, sd }, unit) => {
      const squares = readers.reduce((sum, kernel) => sum + squaresOfRow(kernel.data, unit, kernel.columns), 0);
      return { layer, unit, loudness: Math.hypot(mean, sd) * Math.sqrt(squares) };
    });
  });
  voices.sort((a, b) => b.loudness - a.loudness);
  return voices.map(({ layer, unit }) => ({ layer, units: [unit] }));
}

function squaresOfRow(data: ArrayLike<number>, row: number, columns: number): number {
  let sum = 0;
  for (let k = row * columns; k < (row + 1) * columns; k++) sum += data[k] ** 2;
  return sum;
}

/** Every gate and every layer, held at zero and at the means of its units. */
function heldParts({ layers }: Recording): Variant[] {
  return layers.flatMap((recorded, layer) =>
    [...gatesOf(recorded.cell), 'h' as const].flatMap((part): Variant[] => {
      return [
        { layer, part, value: 0 },
        { layer, part, value: columnMeans(part === 'h' ? recorded.h : recorded.gates[part], recorded.size) },
      ];
    }),
  );
}

/**
 * All predictions, or about `affordable` of them.
 * @param recording of the one sequence, if it is the song
 */
function chooseRuns(sequences: readonly Sequence[], affordable: number, recording?: Recording): AblationRun[] {
  const available = sequences.reduce((sum, { length }) => sum + Math.max(0, length - 1), 0);
  if (affordable >= available) return sequences.map((sequence) => ({ sequence }));
  if (!recording) return takeShare(sequences, affordable / available);
  return stretchesOf(sequences[0], recording, Math.max(LEAST_PREDICTIONS, affordable - STRETCHES * SETTLING));
}

/**
 * Stretches of a song from its beginning to its end, with `predictions` predictions together. Every variant starts a stretch from
 * the state that the whole model has there, and has some notes to come to its own before it is judged.
 */
export function stretchesOf(song: Sequence, recording: Recording, predictions: number): AblationRun[] {
  // Marks before the first note are steps of the sequence, but not of the recording.
  const marks = song.length - recording.steps;
  const length = Math.ceil(predictions / STRETCHES);
  return Array.from({ length: STRETCHES }, (_, k): AblationRun => {
    const first = Math.round((k * (song.length - 1 - length)) / (STRETCHES - 1));
    const start = Math.max(0, first - SETTLING);
    const before = start - marks - 1;
    const atStart = start === 0 ? undefined : before < 0 ? recording.initialState : stateAfter(recording, before);
    return { sequence: sliceOf(song, start, first + length + 1), state: atStart, unjudged: first - start };
  });
}

function stateAfter({ layers }: Recording, step: number): NetworkState {
  const rowOf = (values: Floats, size: number): Floats => values.subarray(step * size, (step + 1) * size);
  return {
    h: layers.map(({ h, size }) => rowOf(h, size)),
    ...(layers[0].c && { c: layers.map(({ c, size }) => rowOf(c!, size)) }),
  };
}

function sliceOf({ length, categories, features, targets }: Sequence, from: number, to: number): Sequence {
  const width = features.length / length;
  const part = (values: ArrayLike<number>, each = 1): Float64Array =>
    Float64Array.from({ length: each * (to - from) }, (_, k) => values[each * from + k]);
  return {
    length: to - from,
    categories: categories.map((classes) => part(classes)),
    features: part(features, width),
    targets: Object.fromEntries(Object.entries(targets).map(([name, values]) => [name, part(values)])),
  };
}

/** The beginnings of the sequences, this part of each. */
function takeShare(sequences: readonly Sequence[], share: number): AblationRun[] {
  return sequences.map((sequence) => ({
    sequence: { ...sequence, length: Math.min(sequence.length, 1 + Math.ceil(share * (sequence.length - 1))) },
  }));
}
