import type { SimdExports } from './exports.ts';

/** How often each kernel is called: V8 looks at a function's budget when it returns. */
const CALLS = 2;
/** Rows for each tile of a product, a panel of 16 columns and one that is not full. */
const ROWS = [6, 5, 4, 3, 2, 1];
const COLUMNS = 20;
const HIDDEN = 12;
/** Bytes for an operand: more than the largest of them takes. */
const OPERAND = 8_192;

/** Calls every kernel on small operands, in memory that holds nothing of worth: the first MiB behind the constants. */
export function warmUp(wasm: SimdExports): void {
  const base = Math.ceil(wasm.heapBase() / 64) * 64;
  const [a, b, c, d, e, f, g, h, i, scratch] = Array.from({ length: 10 }, (_, index) => base + index * OPERAND);
  for (let call = 0; call < CALLS; call++) {
    for (const rows of ROWS) {
      wasm.matmul(a, b, c, rows, HIDDEN, COLUMNS, scratch);
      wasm.matmulBackwardA(a, b, c, rows, HIDDEN, COLUMNS, scratch);
      wasm.matmulBackwardB(a, b, c, HIDDEN, rows, COLUMNS, scratch);
      wasm.affine(a, b, c, d, rows, HIDDEN, COLUMNS, scratch);
    }
    for (const rows of [2, 1]) {
      wasm.lstmForward(a, b, c, d, e, 2, rows, HIDDEN, false, scratch);
      wasm.lstmBackward(a, b, c, d, e, f, 2, rows, HIDDEN, scratch);
    }
    wasm.lstmCell(a, b, c, d, e, 1, HIDDEN);
    wasm.lstmCellBackward(a, b, c, d, e, f, 1, HIDDEN);
    wasm.peepholeCell(a, b, c, d, e, f, 1, HIDDEN);
    wasm.peepholeCellBackward(a, b, c, d, e, f, 1, HIDDEN);
    wasm.peepholeBackward(a, b, c, d, 1, HIDDEN);
    wasm.layerNorm(a, b, c, d, 2, HIDDEN);
    wasm.layerNormBackward(a, b, c, d, e, 2, HIDDEN);
    wasm.layerNormCell(a, b, c, d, e, f, g, h, i, 1, HIDDEN);
    wasm.layerNormCellBackward(a, b, c, d, e, f, g, h, i, scratch, 1, HIDDEN);
    wasm.tanh(a, b, COLUMNS);
    wasm.tanhBackward(a, b, c, COLUMNS);
    wasm.gruGates(a, b, c, d, 1, HIDDEN);
    wasm.gruGatesBackward(a, b, c, d, e, 1, HIDDEN);
    wasm.gruOutput(a, b, c, d, 1, HIDDEN);
    wasm.gruOutputBackward(a, b, c, d, e, 1, HIDDEN);
    wasm.scratchBytes(1, 1, 1);
    wasm.gradientScratchBytes(1, 1, 1);
    wasm.packBlock(scratch, a, COLUMNS, Math.min(2, wasm.blockRows()), Math.min(COLUMNS, wasm.blockColumns()));
    wasm.addBlock(a, COLUMNS, b, scratch, 2, 0, HIDDEN, COLUMNS);
    wasm.addBlockRows(a, scratch, 2, COLUMNS);
    wasm.fill(g, COLUMNS, 0);
    wasm.add(a, b, COLUMNS);
    wasm.scale(a, COLUMNS, 1);
    wasm.sumOfSquares(a, COLUMNS);
    wasm.bias(a, b, 2, COLUMNS);
    wasm.biasBackward(a, b, 2, COLUMNS);
    wasm.firstBadIndex(g, COLUMNS, 1);
    wasm.embedding(a, b, g, 2, COLUMNS);
    wasm.embeddingBackward(a, b, g, 2, COLUMNS);
    wasm.dropout(a, b, c, COLUMNS);
    wasm.dropoutBackward(a, b, c, COLUMNS);
    wasm.relu(a, b, COLUMNS);
    wasm.reluBackward(a, b, c, COLUMNS);
    wasm.softmaxCrossEntropy(a, b, g, 2, COLUMNS);
    wasm.softmaxCrossEntropyBackward(a, b, g, 2, COLUMNS, 1);
    wasm.mseWithPositivePressure(a, b, COLUMNS, 1);
    wasm.mseWithPositivePressureBackward(a, b, c, COLUMNS, 1, 1);
    wasm.clip(a, COLUMNS, 1);
    wasm.adam(a, b, c, d, COLUMNS, 0, 0, 0, 0, 0, 1);
    wasm.sgd(a, b, COLUMNS, 0);
    wasm.sgdMomentum(a, b, c, COLUMNS, 0, 0);
    wasm.sgdNesterov(a, b, c, COLUMNS, 0, 0);
    wasm.rmsprop(a, b, c, COLUMNS, 0, 0, 0, 1);
  }
}
