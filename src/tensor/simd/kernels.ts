import type { Lease } from '../arena.ts';
import type { AdamSettings, Kernels, MomentumSettings, RmspropSettings, WeightGradient } from '../kernels.ts';
import * as check from '../operand-checks.ts';
import { biasCorrectedRate } from '../adam-rate.ts';
import type { IndexTensor, Tensor } from '../tensor.ts';
import { doNothing, upperClearer } from './clear-upper.ts';
import { SimdCellKernels } from './cell-kernels.ts';
import type { SimdExports, SimdModule, WasmMemory } from './exports.ts';
import { createMemory, WasmArena } from './wasm-arena.ts';

/** The bytes of a number. */
const FLOAT = 4;

/**
 * The operations in WebAssembly SIMD. This class checks operands and hands their addresses over; the arithmetic is in
 * assembly/, under the same names. Tensors must come from `arena`.
 */
export class SimdKernels extends SimdCellKernels implements Kernels {
  readonly name: string;
  readonly arena: WasmArena;
  protected wasm: SimdExports;
  protected readonly leave: () => void;
  #scratch?: Lease<number>;
  #scratchBytes = 0;

  /**
   * @param module a compiled module; for a shared `memory` one that was compiled for it
   * @param memory a new one of its own unless given
   * @param start the first byte of `memory` that these kernels may use for tensors and scratch
   */
  constructor(module: SimdModule, memory: WasmMemory = createMemory(false), start = 0) {
    super();
    const imports = { env: { memory: memory as WebAssembly.Memory } };
    const instance = new WebAssembly.Instance(module.wasm as WebAssembly.Module, imports);
    this.wasm = instance.exports as unknown as SimdExports;
    this.arena = new WasmArena(memory, Math.max(start, this.wasm.heapBase()));
    this.name = `simd (${module.variant})`;
    this.leave = module.variant === 'wide' ? upperClearer() : doNothing;
  }

  /**
   * Runs `work` without its arithmetic: scratch memory is taken as the operations will need it, tensors keep their numbers, and
   * sums are of no meaning.
   */
  rehearse(work: () => void): void {
    const wasm = this.wasm;
    const silent = Object.fromEntries(Object.keys(wasm).map((name) => [name, () => -1]));
    const { scratchBytes, gradientScratchBytes, blockRows, blockColumns } = wasm;
    const sizes = { scratchBytes, gradientScratchBytes, blockRows, blockColumns };
    this.wasm = { ...(silent as unknown as SimdExports), ...sizes };
    try {
      work();
    } finally {
      this.wasm = wasm;
    }
  }

  fill(out: Tensor, value: number): void {
    this.wasm.fill(out.byteOffset, out.size, value);
    this.leave();
  }

  copy(out: Tensor, a: Tensor): void {
    check.sameSize('copy', out, a);
    out.data.set(a.data);
  }

  add(out: Tensor, a: Tensor): void {
    check.sameSize('add', out, a);
    this.wasm.add(out.byteOffset, a.byteOffset, out.size);
    this.leave();
  }

  scale(out: Tensor, factor: number): void {
    this.wasm.scale(out.byteOffset, out.size, factor);
    this.leave();
  }

  sumOfSquares(a: Tensor): number {
    return this.wasm.sumOfSquares(a.byteOffset, a.size);
  }

  matmul(out: Tensor, a: Tensor, b: Tensor): void {
    check.matmul('matmul', a, b, out);
    const m = a.rows;
    const k = a.columns;
    const n = b.columns;
    this.wasm.matmul(out.byteOffset, a.byteOffset, b.byteOffset, m, k, n, this.#scratchFor(m, k, n));
    this.leave();
  }

  matmulBackwardA(da: Tensor, dOut: Tensor, b: Tensor): void {
    check.matmul('matmulBackwardA', da, b, dOut);
    const m = da.rows;
    const k = da.columns;
    const n = b.columns;
    const scratch = this.#scratchFor(m, n, k);
    this.wasm.matmulBackwardA(da.byteOffset, dOut.byteOffset, b.byteOffset, m, k, n, scratch);
    this.leave();
  }

  matmulBackwardB(db: Tensor, a: Tensor, dOut: Tensor): void {
    check.matmul('matmulBackwardB', a, db, dOut);
    const m = a.rows;
    const k = a.columns;
    const n = db.columns;
    const scratch = this.#scratchOf(this.wasm.gradientScratchBytes(m, k, n));
    this.wasm.matmulBackwardB(db.byteOffset, a.byteOffset, dOut.byteOffset, m, k, n, scratch);
    this.leave();
  }

  bias(out: Tensor, bias: Tensor): void {
    check.bias('bias', out, bias);
    this.wasm.bias(out.byteOffset, bias.byteOffset, out.rows, out.columns);
    this.leave();
  }

  biasBackward(dBias: Tensor, dOut: Tensor): void {
    check.bias('biasBackward', dOut, dBias);
    this.wasm.biasBackward(dBias.byteOffset, dOut.byteOffset, dOut.rows, dOut.columns);
    this.leave();
  }

  affine(out: Tensor, bias: Tensor, a: Tensor, b: Tensor): void {
    check.bias('affine', out, bias);
    check.matmul('affine', a, b, out);
    const m = a.rows;
    const k = a.columns;
    const n = b.columns;
    const scratch = this.#scratchFor(m, k, n);
    if (k === 0) this.wasm.bias(out.byteOffset, bias.byteOffset, m, n);
    else this.wasm.affine(out.byteOffset, bias.byteOffset, a.byteOffset, b.byteOffset, m, k, n, scratch);
    this.leave();
  }

  affineBackward(dBias: Tensor, dOut: Tensor, products: readonly WeightGradient[]): void {
    check.affineBackward(dBias, dOut, products);
    const wasm = this.wasm;
    const m = dOut.rows;
    const n = dOut.columns;
    let bytes = wasm.gradientScratchBytes(m, 0, n);
    for (const { a } of products) bytes = Math.max(bytes, wasm.gradientScratchBytes(m, a.columns, n));
    const scratch = this.#scratchOf(bytes);
    const [height, width] = [wasm.blockRows(), wasm.blockColumns()];
    // A block of dOut is packed once, and read from the cache by all that need it.
    for (let column = 0; column < n; column += width) {
      const columns = Math.min(width, n - column);
      const at = FLOAT * column;
      for (let row = 0; row < m; row += height) {
        const rows = Math.min(height, m - row);
        wasm.packBlock(scratch, dOut.byteOffset + FLOAT * row * n + at, n, rows, columns);
        wasm.addBlockRows(dBias.byteOffset + at, scratch, rows, columns);
        for (const { db, a, zeroRows = 0 } of products) {
          const k = a.columns;
          const zeros = Math.max(0, zeroRows - row);
          wasm.addBlock(db.byteOffset + at, n, a.byteOffset + FLOAT * row * k, scratch, rows, zeros, k, columns);
        }
      }
    }
    this.leave();
  }

  embedding(out: Tensor, table: Tensor, indices: IndexTensor): void {
    check.embedding('embedding', out, table, indices);
    const { rows: classes, columns } = table;
    const { rows } = out;
    this.#assertIndices('embedding: index', indices, classes);
    this.wasm.embedding(out.byteOffset, table.byteOffset, indices.byteOffset, rows, columns);
    this.leave();
  }

  embeddingBackward(dTable: Tensor, dOut: Tensor, indices: IndexTensor): void {
    check.embedding('embeddingBackward', dOut, dTable, indices);
    const { rows: classes, columns } = dTable;
    const { rows } = dOut;
    this.#assertIndices('embeddingBackward: index', indices, classes);
    this.wasm.embeddingBackward(dTable.byteOffset, dOut.byteOffset, indices.byteOffset, rows, columns);
    this.leave();
  }

  lstmCell(gates: Tensor, cPrev: Tensor, c: Tensor, tanhC: Tensor, h: Tensor): void {
    const [rows, hidden] = check.lstmCell('lstmCell', gates, [cPrev, c, tanhC, h]);
    this.wasm.lstmCell(gates.byteOffset, cPrev.byteOffset, c.byteOffset, tanhC.byteOffset, h.byteOffset, rows, hidden);
    this.leave();
  }

  lstmCellBackward(dGates: Tensor, dc: Tensor, dh: Tensor, gates: Tensor, cPrev: Tensor, tanhC: Tensor): void {
    const [rows, hidden] = check.lstmCell('lstmCellBackward', gates, [dc, dh, cPrev, tanhC]);
    check.sameSize('lstmCellBackward', dGates, gates);
    this.wasm.lstmCellBackward(
      dGates.byteOffset,
      dc.byteOffset,
      dh.byteOffset,
      gates.byteOffset,
      cPrev.byteOffset,
      tanhC.byteOffset,
      rows,
      hidden,
    );
    this.leave();
  }

  lstmForward(gates: Tensor, h: Tensor, c: Tensor, tanhC: Tensor, recurrentKernel: Tensor, fromZero = false): void {
    check.lstmForward(gates, recurrentKernel, h, c, tanhC);
    const steps = gates.shape[0];
    const rows = gates.shape[1];
    const hidden = recurrentKernel.rows;
    const scratch = this.#scratchFor(rows, hidden, 4 * hidden);
    this.wasm.lstmForward(
      gates.byteOffset,
      h.byteOffset,
      c.byteOffset,
      tanhC.byteOffset,
      recurrentKernel.byteOffset,
      steps,
      rows,
      hidden,
      fromZero,
      scratch,
    );
    this.leave();
  }

  lstmBackward(gates: Tensor, dh: Tensor, dc: Tensor, c: Tensor, tanhC: Tensor, recurrentKernel: Tensor): void {
    check.lstmBackward(gates, recurrentKernel, dh, dc, c, tanhC);
    const steps = gates.shape[0];
    const rows = gates.shape[1];
    const hidden = recurrentKernel.rows;
    const scratch = this.#scratchFor(rows, 4 * hidden, hidden);
    this.wasm.lstmBackward(
      gates.byteOffset,
      dh.byteOffset,
      dc.byteOffset,
      c.byteOffset,
      tanhC.byteOffset,
      recurrentKernel.byteOffset,
      steps,
      rows,
      hidden,
      scratch,
    );
    this.leave();
  }

  dropout(out: Tensor, a: Tensor, mask: Tensor): void {
    check.sameSize('dropout', out, a, mask);
    this.wasm.dropout(out.byteOffset, a.byteOffset, mask.byteOffset, out.size);
    this.leave();
  }

  dropoutBackward(da: Tensor, dOut: Tensor, mask: Tensor): void {
    check.sameSize('dropoutBackward', da, dOut, mask);
    this.wasm.dropoutBackward(da.byteOffset, dOut.byteOffset, mask.byteOffset, da.size);
    this.leave();
  }

  relu(out: Tensor, a: Tensor): void {
    check.sameSize('relu', out, a);
    this.wasm.relu(out.byteOffset, a.byteOffset, out.size);
    this.leave();
  }

  reluBackward(da: Tensor, dOut: Tensor, out: Tensor): void {
    check.sameSize('reluBackward', da, dOut, out);
    this.wasm.reluBackward(da.byteOffset, dOut.byteOffset, out.byteOffset, da.size);
    this.leave();
  }

  softmaxCrossEntropy(probabilities: Tensor, logits: Tensor, targets: IndexTensor): number {
    const [rows, classes] = check.classes('softmaxCrossEntropy', logits, probabilities, targets);
    this.#assertIndices('softmaxCrossEntropy: target', targets, classes);
    const loss = this.wasm.softmaxCrossEntropy(
      probabilities.byteOffset,
      logits.byteOffset,
      targets.byteOffset,
      rows,
      classes,
    );
    this.leave();
    return loss;
  }

  softmaxCrossEntropyBackward(dLogits: Tensor, probabilities: Tensor, targets: IndexTensor, scale: number): void {
    const [rows, classes] = check.classes('softmaxCrossEntropyBackward', dLogits, probabilities, targets);
    this.#assertIndices('softmaxCrossEntropyBackward: target', targets, classes);
    this.wasm.softmaxCrossEntropyBackward(
      dLogits.byteOffset,
      probabilities.byteOffset,
      targets.byteOffset,
      rows,
      classes,
      scale,
    );
    this.leave();
  }

  mseWithPositivePressure(predictions: Tensor, targets: Tensor, pressure: number): number {
    check.sameSize('mseWithPositivePressure', predictions, targets);
    return this.wasm.mseWithPositivePressure(predictions.byteOffset, targets.byteOffset, predictions.size, pressure);
  }

  mseWithPositivePressureBackward(
    dPredictions: Tensor,
    predictions: Tensor,
    targets: Tensor,
    pressure: number,
    scale: number,
  ): void {
    check.sameSize('mseWithPositivePressureBackward', dPredictions, predictions, targets);
    this.wasm.mseWithPositivePressureBackward(
      dPredictions.byteOffset,
      predictions.byteOffset,
      targets.byteOffset,
      predictions.size,
      pressure,
      scale,
    );
    this.leave();
  }

  adam(parameters: Tensor, gradients: Tensor, m: Tensor, v: Tensor, settings: AdamSettings): void {
    check.sameSize('adam', parameters, gradients, m, v);
    const { beta1, beta2, epsilon } = settings;
    const rate = biasCorrectedRate(settings);
    this.wasm.adam(
      parameters.byteOffset,
      gradients.byteOffset,
      m.byteOffset,
      v.byteOffset,
      parameters.size,
      rate,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      epsilon,
    );
    this.leave();
  }

  clip(a: Tensor, limit: number): boolean {
    const clipped = this.wasm.clip(a.byteOffset, a.size, limit) !== 0;
    this.leave();
    return clipped;
  }

  sgd(parameters: Tensor, gradients: Tensor, learningRate: number): void {
    check.sameSize('sgd', parameters, gradients);
    this.wasm.sgd(parameters.byteOffset, gradients.byteOffset, parameters.size, learningRate);
    this.leave();
  }

  sgdMomentum(parameters: Tensor, gradients: Tensor, velocity: Tensor, settings: MomentumSettings): void {
    check.sameSize('sgdMomentum', parameters, gradients, velocity);
    const { learningRate, momentum, nesterov } = settings;
    const at = [parameters.byteOffset, gradients.byteOffset, velocity.byteOffset] as const;
    if (nesterov) this.wasm.sgdNesterov(...at, parameters.size, learningRate, momentum);
    else this.wasm.sgdMomentum(...at, parameters.size, learningRate, momentum);
    this.leave();
  }

  rmsprop(parameters: Tensor, gradients: Tensor, square: Tensor, settings: RmspropSettings): void {
    check.sameSize('rmsprop', parameters, gradients, square);
    const { learningRate, decay, epsilon } = settings;
    const at = [parameters.byteOffset, gradients.byteOffset, square.byteOffset] as const;
    this.wasm.rmsprop(...at, parameters.size, learningRate, decay, 1 - decay, epsilon);
    this.leave();
  }

  /** Scratch memory for a product, taken anew only when a product needs more than any before it. */
  #scratchFor(m: number, k: number, n: number): number {
    return this.#scratchOf(this.wasm.scratchBytes(m, k, n));
  }

  #scratchOf(bytes: number): number {
    if (!this.#scratch || bytes > this.#scratchBytes) {
      this.#scratch?.release();
      this.#scratch = this.arena.lease(() => this.arena.reserve(bytes));
      this.#scratchBytes = bytes;
    }
    return this.#scratch.value;
  }

  #assertIndices(what: string, indices: IndexTensor, classes: number): void {
    const row = this.wasm.firstBadIndex(indices.byteOffset, indices.size, classes);
    if (row >= 0) {
      throw new RangeError(`${what}: expected a class from 0 to ${classes - 1}, got ${indices.data[row]}.`);
    }
  }
}
