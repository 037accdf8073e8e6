import { HeapArena, type Arena } from '../arena.ts';
import type { AdamSettings, Kernels, MomentumSettings, RmspropSettings, WeightGradient } from '../kernels.ts';
import * as check from '../operand-checks.ts';
import type { IndexTensor, Tensor } from '../tensor.ts';
import * as gru from './gru-cell.ts';
import * as norm from './layer-norm.ts';
import { lstmCell, lstmCellBackward } from './lstm-cell.ts';
import * as losses from './losses.ts';
import { addProduct } from './matmul.ts';
import * as optimizers from './optimizers.ts';
import * as peepholes from './peephole-cell.ts';

/**
 * The operations in plain TypeScript: the specification that a student can read, the judge in float64, and the fallback
 * where nothing faster runs. Sums are formed in double precision and rounded once, when they are stored.
 */
export class ReferenceKernels implements Kernels {
  readonly name: string;
  readonly arena: Arena;

  constructor(arena: Arena = new HeapArena()) {
    this.arena = arena;
    this.name = arena.precision === 'float32' ? 'reference' : 'reference (float64)';
  }

  fill(out: Tensor, value: number): void {
    out.data.fill(value);
  }

  copy(out: Tensor, a: Tensor): void {
    check.sameSize('copy', out, a);
    out.data.set(a.data);
  }

  add(out: Tensor, a: Tensor): void {
    check.sameSize('add', out, a);
    const [to, from] = [out.data, a.data];
    for (let j = 0; j < to.length; j++) to[j] += from[j];
  }

  scale(out: Tensor, factor: number): void {
    const to = out.data;
    for (let j = 0; j < to.length; j++) to[j] *= factor;
  }

  sumOfSquares(a: Tensor): number {
    let sum = 0;
    for (const value of a.data) sum += value * value;
    return sum;
  }

  matmul(out: Tensor, a: Tensor, b: Tensor): void {
    check.matmul('matmul', a, b, out);
    const m = a.rows;
    const k = a.columns;
    const n = b.columns;
    const left = { data: a.data, rowStride: k, columnStride: 1 };
    addProduct(out.data, m, n, k, left, { data: b.data, rowStride: n, columnStride: 1 });
  }

  matmulBackwardA(da: Tensor, dOut: Tensor, b: Tensor): void {
    check.matmul('matmulBackwardA', da, b, dOut);
    const m = da.rows;
    const k = da.columns;
    const n = b.columns;
    const left = { data: dOut.data, rowStride: n, columnStride: 1 };
    addProduct(da.data, m, k, n, left, { data: b.data, rowStride: 1, columnStride: n });
  }

  matmulBackwardB(db: Tensor, a: Tensor, dOut: Tensor): void {
    check.matmul('matmulBackwardB', a, db, dOut);
    const m = a.rows;
    const k = a.columns;
    const n = db.columns;
    const left = { data: a.data, rowStride: 1, columnStride: k };
    addProduct(db.data, k, n, m, left, { data: dOut.data, rowStride: n, columnStride: 1 });
  }

  bias(out: Tensor, bias: Tensor): void {
    check.bias('bias', out, bias);
    const [to, from] = [out.data, bias.data];
    for (let at = 0; at < to.length; at += from.length) to.set(from, at);
  }

  biasBackward(dBias: Tensor, dOut: Tensor): void {
    check.bias('biasBackward', dOut, dBias);
    const [to, from] = [dBias.data, dOut.data];
    const columns = to.length;
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let at = j; at < from.length; at += columns) sum += from[at];
      to[j] += sum;
    }
  }

  affine(out: Tensor, bias: Tensor, a: Tensor, b: Tensor): void {
    check.bias('affine', out, bias);
    check.matmul('affine', a, b, out);
    this.bias(out, bias);
    this.matmul(out, a, b);
  }

  affineBackward(dBias: Tensor, dOut: Tensor, products: readonly WeightGradient[]): void {
    check.affineBackward(dBias, dOut, products);
    this.biasBackward(dBias, dOut);
    for (const { db, a, zeroRows = 0 } of products) {
      this.matmulBackwardB(db, a.slice(zeroRows, a.rows), dOut.slice(zeroRows, dOut.rows));
    }
  }

  embedding(out: Tensor, table: Tensor, indices: IndexTensor): void {
    check.embedding('embedding', out, table, indices);
    const { rows: classes, columns } = table;
    const { rows } = out;
    const [to, from, index] = [out.data, table.data, indices.data];
    for (let row = 0; row < rows; row++) {
      const source = losses.assertIndex(index[row], classes, 'embedding: index') * columns;
      for (let j = 0; j < columns; j++) to[row * columns + j] += from[source + j];
    }
  }

  embeddingBackward(dTable: Tensor, dOut: Tensor, indices: IndexTensor): void {
    check.embedding('embeddingBackward', dOut, dTable, indices);
    const { rows: classes, columns } = dTable;
    const { rows } = dOut;
    const [to, from, index] = [dTable.data, dOut.data, indices.data];
    for (let row = 0; row < rows; row++) {
      const target = losses.assertIndex(index[row], classes, 'embeddingBackward: index') * columns;
      for (let j = 0; j < columns; j++) to[target + j] += from[row * columns + j];
    }
  }

  lstmCell(gates: Tensor, cPrev: Tensor, c: Tensor, tanhC: Tensor, h: Tensor): void {
    const [rows, hidden] = check.lstmCell('lstmCell', gates, [cPrev, c, tanhC, h]);
    lstmCell(gates.data, cPrev.data, c.data, tanhC.data, h.data, rows, hidden);
  }

  lstmCellBackward(dGates: Tensor, dc: Tensor, dh: Tensor, gates: Tensor, cPrev: Tensor, tanhC: Tensor): void {
    const [rows, hidden] = check.lstmCell('lstmCellBackward', gates, [dc, dh, cPrev, tanhC]);
    check.sameSize('lstmCellBackward', dGates, gates);
    lstmCellBackward(dGates.data, dc.data, dh.data, gates.data, cPrev.data, tanhC.data, rows, hidden);
  }

  lstmForward(gates: Tensor, h: Tensor, c: Tensor, tanhC: Tensor, recurrentKernel: Tensor, fromZero = false): void {
    check.lstmForward(gates, recurrentKernel, h, c, tanhC);
    const steps = gates.shape[0];
    for (let t = 0; t < steps; t++) {
      if (t > 0 || !fromZero) this.matmul(gates.row(t), h.row(t), recurrentKernel);
      this.lstmCell(gates.row(t), c.row(t), c.row(t + 1), tanhC.row(t), h.row(t + 1));
    }
  }

  lstmBackward(gates: Tensor, dh: Tensor, dc: Tensor, c: Tensor, tanhC: Tensor, recurrentKernel: Tensor): void {
    check.lstmBackward(gates, recurrentKernel, dh, dc, c, tanhC);
    const steps = gates.shape[0];
    for (let t = steps - 1; t >= 0; t--) {
      const dz = gates.row(t);
      this.lstmCellBackward(dz, dc, dh.row(t), dz, c.row(t), tanhC.row(t));
      if (t > 0) this.matmulBackwardA(dh.row(t - 1), dz, recurrentKernel);
    }
  }

  peepholeCell(gates: Tensor, peephole: Tensor, cPrev: Tensor, c: Tensor, tanhC: Tensor, h: Tensor): void {
    check.peephole('peepholeCell', gates, peephole);
    const [rows, hidden] = check.lstmCell('peepholeCell', gates, [cPrev, c, tanhC, h]);
    peepholes.peepholeCell(gates.data, peephole.data, cPrev.data, c.data, tanhC.data, h.data, rows, hidden);
  }

  peepholeCellBackward(gates: Tensor, peephole: Tensor, dc: Tensor, dh: Tensor, cPrev: Tensor, tanhC: Tensor): void {
    check.peephole('peepholeCellBackward', gates, peephole);
    const [rows, hidden] = check.lstmCell('peepholeCellBackward', gates, [dc, dh, cPrev, tanhC]);
    peepholes.peepholeCellBackward(gates.data, peephole.data, dc.data, dh.data, cPrev.data, tanhC.data, rows, hidden);
  }

  peepholeBackward(dPeephole: Tensor, dGates: Tensor, cPrev: Tensor, c: Tensor): void {
    check.peephole('peepholeBackward', dGates, dPeephole);
    const [rows, hidden] = check.lstmCell('peepholeBackward', dGates, [cPrev, c]);
    peepholes.peepholeBackward(dPeephole.data, dGates.data, cPrev.data, c.data, rows, hidden);
  }

  layerNorm(out: Tensor, gain: Tensor, a: Tensor, inverse: Tensor): void {
    check.layerNorm('layerNorm', out, a, gain, gain, inverse);
    norm.layerNorm(out.data, gain.data, a.data, inverse.data, out.rows, out.columns);
  }

  layerNormBackward(dOut: Tensor, gain: Tensor, dGain: Tensor, normalised: Tensor, inverse: Tensor): void {
    check.layerNorm('layerNormBackward', dOut, normalised, gain, dGain, inverse);
    const { rows, columns } = dOut;
    norm.layerNormBackward(dOut.data, gain.data, dGain.data, normalised.data, inverse.data, rows, columns);
  }

  layerNormCell(
    gates: Tensor,
    gain: Tensor,
    bias: Tensor,
    cPrev: Tensor,
    c: Tensor,
    normalised: Tensor,
    inverse: Tensor,
    tanhC: Tensor,
    h: Tensor,
  ): void {
    const [rows, hidden] = check.lstmCell('layerNormCell', gates, [cPrev, c, normalised, tanhC, h]);
    check.layerNorm('layerNormCell', c, normalised, gain, bias, inverse);
    norm.layerNormCell(
      gates.data,
      gain.data,
      bias.data,
      cPrev.data,
      c.data,
      normalised.data,
      inverse.data,
      tanhC.data,
      h.data,
      rows,
      hidden,
    );
  }

  layerNormCellBackward(
    gates: Tensor,
    gain: Tensor,
    dGain: Tensor,
    dBias: Tensor,
    dc: Tensor,
    dh: Tensor,
    cPrev: Tensor,
    normalised: Tensor,
    inverse: Tensor,
    tanhC: Tensor,
  ): void {
    const [rows, hidden] = check.lstmCell('layerNormCellBackward', gates, [dc, dh, cPrev, normalised, tanhC]);
    check.layerNorm('layerNormCellBackward', dc, normalised, gain, dGain, inverse);
    check.layerNorm('layerNormCellBackward', dc, normalised, gain, dBias, inverse);
    norm.layerNormCellBackward(
      gates.data,
      gain.data,
      dGain.data,
      dBias.data,
      dc.data,
      dh.data,
      cPrev.data,
      normalised.data,
      inverse.data,
      tanhC.data,
      rows,
      hidden,
    );
  }

  tanh(out: Tensor, a: Tensor): void {
    check.sameSize('tanh', out, a);
    const [to, from] = [out.data, a.data];
    for (let j = 0; j < to.length; j++) to[j] = Math.tanh(from[j]);
  }

  tanhBackward(da: Tensor, dOut: Tensor, out: Tensor): void {
    check.sameSize('tanhBackward', da, dOut, out);
    const [to, from, value] = [da.data, dOut.data, out.data];
    for (let j = 0; j < to.length; j++) to[j] += from[j] * (1 - value[j] * value[j]);
  }

  gruGates(gates: Tensor, recurrent: Tensor, by: Tensor, product: Tensor): void {
    check.gruRecurrent('gruGates', gates, recurrent);
    check.gru('gruGates', gates, by, product, product);
    gru.gruGates(gates.data, recurrent.data, by.data, product.data, by.rows, by.columns);
  }

  gruGatesBackward(gates: Tensor, dRecurrent: Tensor, dBy: Tensor, dProduct: Tensor, by: Tensor): void {
    check.gruRecurrent('gruGatesBackward', gates, dRecurrent);
    check.gru('gruGatesBackward', gates, dBy, dProduct, by);
    gru.gruGatesBackward(gates.data, dRecurrent.data, dBy.data, dProduct.data, by.data, by.rows, by.columns);
  }

  gruOutput(gates: Tensor, candidate: Tensor, hPrev: Tensor, h: Tensor): void {
    check.gru('gruOutput', gates, candidate, hPrev, h);
    gru.gruOutput(gates.data, candidate.data, hPrev.data, h.data, h.rows, h.columns);
  }

  gruOutputBackward(gates: Tensor, dCandidate: Tensor, dhPrev: Tensor, dh: Tensor, hPrev: Tensor): void {
    check.gru('gruOutputBackward', gates, dCandidate, dhPrev, dh);
    check.gru('gruOutputBackward', gates, hPrev, dh, dh);
    gru.gruOutputBackward(gates.data, dCandidate.data, dhPrev.data, dh.data, hPrev.data, dh.rows, dh.columns);
  }

  dropout(out: Tensor, a: Tensor, mask: Tensor): void {
    check.sameSize('dropout', out, a, mask);
    const [to, from, factor] = [out.data, a.data, mask.data];
    for (let j = 0; j < to.length; j++) to[j] = from[j] * factor[j];
  }

  dropoutBackward(da: Tensor, dOut: Tensor, mask: Tensor): void {
    check.sameSize('dropoutBackward', da, dOut, mask);
    const [to, from, factor] = [da.data, dOut.data, mask.data];
    for (let j = 0; j < to.length; j++) to[j] += from[j] * factor[j];
  }

  relu(out: Tensor, a: Tensor): void {
    check.sameSize('relu', out, a);
    const [to, from] = [out.data, a.data];
    for (let j = 0; j < to.length; j++) to[j] = Math.max(from[j], 0);
  }

  reluBackward(da: Tensor, dOut: Tensor, out: Tensor): void {
    check.sameSize('reluBackward', da, dOut, out);
    const [to, from, value] = [da.data, dOut.data, out.data];
    // A product, so that NaN is not hidden behind a unit that is off.
    for (let j = 0; j < to.length; j++) to[j] += from[j] * (value[j] > 0 ? 1 : 0);
  }

  softmaxCrossEntropy(probabilities: Tensor, logits: Tensor, targets: IndexTensor): number {
    const [rows, classes] = check.classes('softmaxCrossEntropy', logits, probabilities, targets);
    return losses.softmaxCrossEntropy(probabilities.data, logits.data, targets.data, rows, classes);
  }

  softmaxCrossEntropyBackward(dLogits: Tensor, probabilities: Tensor, targets: IndexTensor, scale: number): void {
    const [rows, classes] = check.classes('softmaxCrossEntropyBackward', dLogits, probabilities, targets);
    losses.softmaxCrossEntropyBackward(dLogits.data, probabilities.data, targets.data, rows, classes, scale);
  }

  mseWithPositivePressure(predictions: Tensor, targets: Tensor, pressure: number): number {
    check.sameSize('mseWithPositivePressure', predictions, targets);
    return losses.mseWithPositivePressure(predictions.data, targets.data, pressure);
  }

  mseWithPositivePressureBackward(
    dPredictions: Tensor,
    predictions: Tensor,
    targets: Tensor,
    pressure: number,
    scale: number,
  ): void {
    check.sameSize('mseWithPositivePressureBackward', dPredictions, predictions, targets);
    losses.mseWithPositivePressureBackward(dPredictions.data, predictions.data, targets.data, pressure, scale);
  }

  adam(parameters: Tensor, gradients: Tensor, m: Tensor, v: Tensor, settings: AdamSettings): void {
    check.sameSize('adam', parameters, gradients, m, v);
    optimizers.adam(parameters.data, gradients.data, m.data, v.data, settings);
  }

  clip(a: Tensor, limit: number): boolean {
    return optimizers.clip(a.data, this.arena.precision === 'float32' ? Math.fround(limit) : limit);
  }

  sgd(parameters: Tensor, gradients: Tensor, learningRate: number): void {
    check.sameSize('sgd', parameters, gradients);
    optimizers.sgd(parameters.data, gradients.data, learningRate);
  }

  sgdMomentum(parameters: Tensor, gradients: Tensor, velocity: Tensor, settings: MomentumSettings): void {
    check.sameSize('sgdMomentum', parameters, gradients, velocity);
    optimizers.sgdMomentum(parameters.data, gradients.data, velocity.data, settings);
  }

  rmsprop(parameters: Tensor, gradients: Tensor, square: Tensor, settings: RmspropSettings): void {
    check.sameSize('rmsprop', parameters, gradients, square);
    optimizers.rmsprop(parameters.data, gradients.data, square.data, settings);
  }
}
