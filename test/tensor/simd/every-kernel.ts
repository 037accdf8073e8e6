import type { IndexTensor, Kernels, Shape, Tensor } from '../../../src/tensor/index.ts';
import { sizeOf } from '../../../src/tensor/index.ts';
import { mulberry32 } from '../../support/generators.ts';
import { borderSizes, NOTORIOUS } from '../../support/sizes.ts';

/** What kernels wrote, in the order of the calls; numbers that a kernel returns are arrays of one. */
export type Results = { kernel: string; numbers: Float32Array | Float64Array }[];

/** Sizes of axes: a long one, and the others. */
const LONG = [...borderSizes(400), ...NOTORIOUS, ...NOTORIOUS];
const SHORT = borderSizes(40);

/** Runs every kernel once on random operands of random sizes, the same for the same seed, and copies what each writes. */
export function runEveryKernel(kernels: Kernels, seed: number): Results {
  const { value, release } = kernels.arena.lease(() => {
    const trial = new Trial(kernels, seed);
    trial.products();
    trial.affine();
    trial.cell();
    trial.sequence();
    trial.gru();
    trial.peephole();
    trial.layerNorm();
    trial.elementwise();
    trial.rows();
    return trial.results;
  });
  release();
  return value;
}

class Trial {
  readonly results: Results = [];
  readonly #kernels: Kernels;
  readonly #random: () => number;
  readonly #number: () => number;

  constructor(kernels: Kernels, seed: number) {
    this.#kernels = kernels;
    this.#random = mulberry32(seed);
    this.#number = this.#numbers();
  }

  products(): void {
    const k = this.#kernels;
    const [m, inner, n] = this.#sizes(3);
    const [a, b, out] = [this.#tensor([m, inner]), this.#tensor([inner, n]), this.#tensor([m, n])];
    this.#run('matmul', [out], () => k.matmul(out, a, b));
    const [da, db, dOut] = [this.#tensor([m, inner]), this.#tensor([inner, n]), this.#tensor([m, n])];
    this.#run('matmulBackwardA', [da], () => k.matmulBackwardA(da, dOut, b));
    this.#run('matmulBackwardB', [db], () => k.matmulBackwardB(db, a, dOut));
    const [row, rowOut] = [this.#tensor([1, inner]), this.#tensor([1, n])];
    this.#run('matmul of a row', [rowOut], () => k.matmul(rowOut, row, b));
  }

  affine(): void {
    const k = this.#kernels;
    const [m, inner, n] = this.#sizes(3);
    const other = this.#one(SHORT);
    const zeroRows = Math.floor((m + 1) * this.#random());
    const [a, a2] = [this.#tensor([m, inner]), this.#tensor([m, other])];
    const [bias, b, out] = [this.#tensor([n]), this.#tensor([inner, n]), this.#tensor([m, n])];
    this.#run('affine', [out], () => k.affine(out, bias, a, b));
    const [dBias, db, db2, dOut] = [this.#tensor([n]), this.#tensor([inner, n]), this.#tensor([other, n]), this.#tensor([m, n])]; // prettier-ignore
    a.data.fill(0, 0, zeroRows * inner);
    const products = [{ db, a, zeroRows }, { db: db2, a: a2 }]; // prettier-ignore
    this.#run('affineBackward', [dBias, db, db2], () => k.affineBackward(dBias, dOut, products));
  }

  cell(): void {
    const k = this.#kernels;
    const [B, H] = this.#sizes(2);
    const state = (): Tensor => this.#tensor([B, H]);
    const [gates, cPrev, c, tanhC, h] = [this.#tensor([B, 4 * H]), state(), state(), state(), state()];
    this.#run('lstmCell', [gates, c, tanhC, h], () => k.lstmCell(gates, cPrev, c, tanhC, h));
    const [dGates, dc, dh] = [this.#tensor([B, 4 * H]), state(), state()];
    this.#run('lstmCellBackward', [dGates, dc], () => k.lstmCellBackward(dGates, dc, dh, gates, cPrev, tanhC));
  }

  sequence(): void {
    const k = this.#kernels;
    const T = 1 + Math.floor(4 * this.#random());
    const long = this.#random() < 0.5;
    const [B, H] = long ? [this.#one(LONG), this.#one(SHORT)] : [this.#one(SHORT), this.#one(LONG.filter((size) => size <= 140))]; // prettier-ignore
    const steps = (count: number, width: number): Tensor => this.#tensor([count, B, width]);
    const [gates, h, c, tanhC] = [steps(T, 4 * H), steps(T + 1, H), steps(T + 1, H), steps(T, H)];
    const kernel = this.#tensor([H, 4 * H]);
    const fromZero = this.#random() < 0.5;
    if (fromZero) h.row(0).data.fill(0);
    this.#run('lstmForward', [gates, h, c, tanhC], () => k.lstmForward(gates, h, c, tanhC, kernel, fromZero));
    const [dh, dc] = [steps(T, H), this.#tensor([B, H])];
    this.#run('lstmBackward', [gates, dh, dc], () => k.lstmBackward(gates, dh, dc, c, tanhC, kernel));
  }

  peephole(): void {
    const k = this.#kernels;
    const [B, H] = this.#sizes(2);
    const state = (): Tensor => this.#tensor([B, H]);
    const [gates, peephole, cPrev, c, tanhC, h] = [this.#tensor([B, 4 * H]), this.#tensor([3 * H]), state(), state(), state(), state()];
    this.#run('peepholeCell', [gates, c, tanhC, h], () => { k.peepholeCell(gates, peephole, cPrev, c, tanhC, h); });
    const [dc, dh, dPeephole] = [state(), state(), this.#tensor([3 * H])];
    this.#run('peepholeCellBackward', [gates, dc], () => { k.peepholeCellBackward(gates, peephole, dc, dh, cPrev, tanhC); });
    this.#run('peepholeBackward', [dPeephole], () => { k.peepholeBackward(dPeephole, gates, cPrev, c); });
  } // prettier-ignore

  layerNorm(): void {
    const k = this.#kernels;
    const [B, H] = this.#sizes(2);
    const state = (): Tensor => this.#tensor([B, H]);
    const [out, a, gain, inverse, dGain, dBias] = [state(), state(), this.#tensor([H]), this.#tensor([B]), this.#tensor([H]), this.#tensor([H])];
    this.#run('layerNorm', [out, a, inverse], () => { k.layerNorm(out, gain, a, inverse); });
    this.#run('layerNormBackward', [a, dGain], () => { k.layerNormBackward(out, gain, dGain, a, inverse); });
    const [gates, cPrev, c, tanhC, h] = [this.#tensor([B, 4 * H]), state(), state(), state(), state()];
    this.#run('layerNormCell', [gates, c, a, inverse, tanhC, h], () => { k.layerNormCell(gates, gain, dBias, cPrev, c, a, inverse, tanhC, h); });
    const [dc, dh] = [state(), state()];
    this.#run('layerNormCellBackward', [gates, dGain, dBias, dc, a, tanhC], () => { k.layerNormCellBackward(gates, gain, dGain, dBias, dc, dh, cPrev, a, inverse, tanhC); });
  } // prettier-ignore

  gru(): void {
    const k = this.#kernels;
    const [B, H] = this.#sizes(2);
    const state = (): Tensor => this.#tensor([B, H]);
    const [gates, recurrent, by, product, h] = [this.#tensor([B, 3 * H]), this.#tensor([B, 2 * H]), state(), state(), state()];
    this.#run('gruGates', [gates, product], () => { k.gruGates(gates, recurrent, by, product); });
    this.#run('gruOutput', [gates, h], () => { k.gruOutput(gates, product, by, h); });
    const [dCandidate, dhPrev, dh, dBy] = [state(), state(), state(), state()];
    this.#run('gruOutputBackward', [gates, dCandidate, dhPrev], () => { k.gruOutputBackward(gates, dCandidate, dhPrev, dh, by); });
    this.#run('gruGatesBackward', [gates, recurrent, dBy], () => { k.gruGatesBackward(gates, recurrent, dBy, dh, by); });
    this.#run('tanh', [h], () => { k.tanh(h, dh); });
    this.#run('tanhBackward', [dBy], () => { k.tanhBackward(dBy, dh, h); });
  } // prettier-ignore

  elementwise(): void {
    const k = this.#kernels;
    const size = this.#one(LONG);
    const [x, y, z] = [this.#tensor([size]), this.#tensor([size]), this.#tensor([size])];
    const factor = this.#number();
    this.#run('add', [x], () => k.add(x, y));
    this.#run('scale', [x], () => k.scale(x, factor));
    this.#run('dropout', [z], () => k.dropout(z, x, y));
    this.#run('dropoutBackward', [z], () => k.dropoutBackward(z, x, y));
    this.#run('relu', [z], () => k.relu(z, x));
    this.#run('reluBackward', [z], () => k.reluBackward(z, x, y));
    this.#run('sumOfSquares', [], () => k.sumOfSquares(x));
    const pressure = this.#one([0, 1, 10]);
    this.#run('mseWithPositivePressure', [], () => k.mseWithPositivePressure(x, y, pressure));
    this.#run('mseWithPositivePressureBackward', [z], () => k.mseWithPositivePressureBackward(z, x, y, pressure, 0.3));
    const [w, g, m, v] = [this.#tensor([size]), this.#tensor([size]), this.#tensor([size]), this.#tensor([size], Math.abs)]; // prettier-ignore
    const step = 1 + Math.floor(50 * this.#random());
    const settings = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, step };
    this.#run('adam', [w, m, v], () => k.adam(w, g, m, v, settings));
    this.#run('rmsprop', [w, v], () => k.rmsprop(w, g, v, { learningRate: 0.001, decay: 0.99, epsilon: 1e-8 }));
    for (const nesterov of [false, true]) {
      this.#run('sgdMomentum', [w, m], () => k.sgdMomentum(w, g, m, { learningRate: 0.1, momentum: 0.9, nesterov }));
    }
    this.#run('sgd', [w], () => k.sgd(w, g, 0.1));
    this.#run('clip', [g], () => Number(k.clip(g, Math.abs(factor))));
    this.#run('fill', [x], () => k.fill(x, factor));
    this.#run('copy', [x], () => k.copy(x, y));
  }

  rows(): void {
    const k = this.#kernels;
    const [rows, columns] = this.#sizes(2);
    const [matrix, bias, dBias] = [this.#tensor([rows, columns]), this.#tensor([columns]), this.#tensor([columns])];
    this.#run('biasBackward', [dBias], () => k.biasBackward(dBias, matrix));
    const targets = this.#indices(rows, columns);
    const [p, dLogits] = [this.#tensor([rows, columns]), this.#tensor([rows, columns])];
    this.#run('softmaxCrossEntropy', [p], () => k.softmaxCrossEntropy(p, matrix, targets));
    this.#run('softmaxCrossEntropyBackward', [dLogits], () => k.softmaxCrossEntropyBackward(dLogits, p, targets, 0.3));
    const classes = this.#one(SHORT);
    const [table, indices] = [this.#tensor([classes, columns]), this.#indices(rows, classes)];
    this.#run('embedding', [matrix], () => k.embedding(matrix, table, indices));
    this.#run('embeddingBackward', [table], () => k.embeddingBackward(table, matrix, indices));
    this.#run('bias', [matrix], () => k.bias(matrix, bias));
  }

  #run(kernel: string, written: readonly Tensor[], call: () => unknown): void {
    const returned = call();
    for (const { data } of written) this.results.push({ kernel, numbers: Float32Array.from(data) });
    if (typeof returned === 'number') this.results.push({ kernel, numbers: Float64Array.of(returned) });
  }

  #one<T>(from: readonly T[]): T {
    return from[Math.floor(from.length * this.#random())];
  }

  /** One of them long. */
  #sizes(count: number): number[] {
    const long = Math.floor(count * this.#random());
    return Array.from({ length: count }, (_, axis) => this.#one(axis === long ? LONG : SHORT));
  }

  /** Starts at any multiple of four bytes, as rows of larger tensors do. */
  #tensor(shape: Shape, change = (x: number): number => x): Tensor {
    const [size, lead] = [sizeOf(shape), Math.floor(8 * this.#random())];
    const tensor = this.#kernels.arena
      .tensor([lead + size])
      .slice(lead, lead + size)
      .reshape(shape);
    const { data } = tensor;
    for (let at = 0; at < size; at++) data[at] = change(this.#number());
    return tensor;
  }

  #indices(count: number, classes: number): IndexTensor {
    const tensor = this.#kernels.arena.indices([count]);
    tensor.data.set(Int32Array.from({ length: count }, () => Math.floor(classes * this.#random())));
    return tensor;
  }

  /** A kind of numbers for all operands: ordinary ones, of all magnitudes, around the smallest, or with special ones among them. */
  #numbers(): () => number {
    const random = this.#random;
    const uniform = (size: number): number => size * (2 * random() - 1);
    const power = (from: number, to: number): number => 2 ** (from + (to - from) * random());
    const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 2 ** -149, -(2 ** -130), 3.4e38];
    const share = this.#one([0.001, 0.02, 0.1]);
    return this.#one([
      () => uniform(2),
      () => uniform(100),
      () => uniform(1) * power(-70, 50),
      () => uniform(1) * power(-140, -120),
      () => (random() < share ? this.#one(SPECIAL) : uniform(4)),
    ]);
  }
}
