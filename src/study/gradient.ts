import { gradientThroughTime, type ProbedModel, type Recording, type Weights } from '../nn/index.ts'; // prettier-ignore
import { BackwardPass } from '../nn/probe/backward-pass.ts';
import { HeadProbe } from '../nn/probe/head-probe.ts';
import { lossGradient } from '../nn/probe/prediction.ts';
import { readingOf } from '../nn/probe/recording.ts';
import type { CellRows } from '../nn/probe/cells/probe-cell.ts';
import { loadTrace, traceRows } from '../nn/probe/trace.ts';
import type { Kernels, Tensor } from '../tensor/index.ts';
import type { StudyGradient } from './study-data.ts';

/** Predictions whose gradients go back together, as the rows of one batch. */
const SIDE_BY_SIDE = 64;

export interface LagOptions {
  /** How many steps each gradient is followed back. */
  lags: number;
  /** Predictions at most, in runs of 64 evenly spread over the recording. */
  predictions: number;
}

/**
 * How fast the gradient of a prediction fades on its way back: the norms of dL/dh and, where there is a cell, dL/dc, L the weighted loss of one
 * prediction, k steps before it, averaged over predictions. Lags that reach beyond the beginning count only where they
 * do not.
 */
export function gradientByLag(model: ProbedModel, recording: Recording, options: LagOptions): StudyGradient['byLag'] {
  const { targets } = recording.sequence;
  // Of the last step it is not known what came next, unless the recording is a part of a song.
  const judged = targets ? Math.min(recording.steps, targets[recording.heads[0].name].length - 1) : 0;
  const lags = Math.min(options.lags, judged);
  const rows = Math.min(SIDE_BY_SIDE, options.predictions, judged);
  const blocks =
    judged === 0 ? 0 : Math.max(1, Math.min(Math.ceil(options.predictions / rows), Math.floor(judged / rows)));
  const sums = recording.layers.map(() => ({ dh: new Float64Array(lags), dc: new Float64Array(lags) }));
  const counts = new Float64Array(lags);
  if (blocks > 0) {
    const walk = new LagWalk(model, recording, rows);
    for (let block = 0; block < blocks; block++) {
      // The last block ends with the last judged step, the first is the first that fits.
      const first = blocks === 1 ? judged - rows : Math.round((block * (judged - rows)) / (blocks - 1));
      walk.add(first, lags, sums, counts);
    }
  }
  const mean = (of: 'dh' | 'dc'): number[][] =>
    sums.map((layer) => Array.from(layer[of], (sum, lag) => sum / Math.max(1, counts[lag])));
  return { predictions: blocks * rows, dh: mean('dh'), ...(recording.layers[0].c && { dc: mean('dc') }) };
}

/**
 * Losses so many steps after the notes that are shown still count in their gradients: what comes from further on has faded
 * below what a picture shows, unless a network was made not to forget.
 */
const STEPS_BEYOND = 1000;

/** The norms of the gradient of the song's mean loss at steps `from` up to, not including, `to`, one row a layer. */
export function gradientBySteps(
  { spec, parameters }: Weights,
  recording: Recording,
  { from, to }: { from: number; to: number },
  kernels: Kernels,
  beyond = STEPS_BEYOND,
): StudyGradient['byStep'] {
  const steps = [from, Math.min(recording.steps, to + beyond)] as const;
  const { layers } = gradientThroughTime(spec, parameters, recording, { loss: 'all' }, { kernels, steps });
  const normsOf = (of: 'dh' | 'dc'): number[][] => layers.map((layer) => Array.from(layer[of]!.subarray(from, to)));
  return { dh: normsOf('dh'), ...(layers[0].dc && { dc: normsOf('dc') }) };
}

/** The first lag at which the mean norm is below a part of that at lag 0; null when it never is. */
export function lagBelow(norms: readonly number[], part: number): number | null {
  const lag = norms.findIndex((norm) => norm < part * norms[0]);
  return lag < 0 ? null : lag;
}

class LagWalk {
  readonly #model: ProbedModel;
  readonly #recording: Recording;
  readonly #trace: CellRows[];
  readonly #pass: BackwardPass;
  readonly #dOuts: Tensor[];
  readonly #heads: HeadProbe[];

  constructor(model: ProbedModel, recording: Recording, rows: number) {
    const { arena } = model.kernels;
    this.#model = model;
    this.#recording = recording;
    this.#trace = loadTrace(model, recording);
    this.#pass = new BackwardPass(model, rows);
    this.#dOuts = recording.heads.map(({ size }) => arena.tensor([rows, size]));
    this.#heads = recording.heads.map((_, head) => new HeadProbe(model, head, rows));
  }

  /** Adds the norms of the predictions after steps `first`, `first + 1`, …, row r of the batch being that of step first + r. */
  add(first: number, lags: number, sums: { dh: Float64Array; dc: Float64Array }[], counts: Float64Array): void {
    const pass = this.#pass;
    pass.reset();
    this.#seed(first);
    for (let lag = 0; lag < lags; lag++) {
      const from = Math.max(0, lag - first);
      if (from >= pass.rows) break;
      counts[lag] += pass.rows - from;
      const cells = traceRows(this.#trace, first + from - lag, first + pass.rows - lag);
      pass.step(
        cells,
        (layer, gradients, rows) => {
          const { cell } = this.#model.layers[layer];
          const H = cell.size;
          const ofCell = new Float64Array(H);
          const dh = gradients.dh.data;
          for (let row = 0; row < gradients.dh.rows; row++) {
            cell.cellGradient?.(ofCell, row, rows, gradients);
            sums[layer].dh[lag] += lengthOf(dh, row * H, H);
            sums[layer].dc[lag] += lengthOf(ofCell, 0, H);
          }
        },
        from,
      );
    }
  }

  #seed(first: number): void {
    const { heads } = this.#model;
    const targets = this.#recording.sequence.targets!;
    heads.forEach(({ spec }, k) => {
      const dOut = this.#dOuts[k];
      const { out, size } = this.#recording.heads[k];
      for (let row = 0; row < this.#pass.rows; row++) {
        const step = first + row;
        lossGradient(
          dOut.data.subarray(row * size, (row + 1) * size),
          spec,
          out.subarray(step * size, (step + 1) * size),
          targets[spec.name][step + 1],
          spec.lossWeight,
        );
      }
      const reading = readingOf(this.#model, this.#recording, k, first, first + this.#pass.rows);
      this.#heads[k].backward(this.#pass.top, dOut, reading);
    });
  }
}

function lengthOf(values: ArrayLike<number>, from: number, length: number): number {
  let sum = 0;
  for (let k = from; k < from + length; k++) sum += values[k] ** 2;
  return Math.sqrt(sum);
}
