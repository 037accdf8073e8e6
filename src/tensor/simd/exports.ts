/** The exports of the wasm modules; what each computes is said in ../kernels.ts. Pointers are byte addresses. */
export interface SimdExports {
  heapBase(): number;
  scratchBytes(m: number, k: number, n: number): number;
  gradientScratchBytes(m: number, k: number, n: number): number;
  fill(out: number, count: number, value: number): void;
  add(out: number, a: number, count: number): void;
  scale(out: number, count: number, factor: number): void;
  sumOfSquares(a: number, count: number): number;
  matmul(out: number, a: number, b: number, m: number, k: number, n: number, scratch: number): void;
  matmulBackwardA(da: number, dOut: number, b: number, m: number, k: number, n: number, scratch: number): void;
  matmulBackwardB(db: number, a: number, dOut: number, m: number, k: number, n: number, scratch: number): void;
  affine(out: number, bias: number, a: number, b: number, m: number, k: number, n: number, scratch: number): void;
  blockRows(): number;
  blockColumns(): number;
  packBlock(scratch: number, dOut: number, n: number, rows: number, columns: number): void;
  addBlock(
    db: number,
    n: number,
    a: number,
    scratch: number,
    rows: number,
    zeroRows: number,
    k: number,
    columns: number,
  ): void;
  addBlockRows(dBias: number, scratch: number, rows: number, columns: number): void;
  bias(out: number, bias: number, rows: number, columns: number): void;
  biasBackward(dBias: number, dOut: number, rows: number, columns: number): void;
  firstBadIndex(indices: number, rows: number, classes: number): number;
  embedding(out: number, table: number, indices: number, rows: number, columns: number): void;
  embeddingBackward(dTable: number, dOut: number, indices: number, rows: number, columns: number): void;
  lstmCell(gates: number, cPrev: number, c: number, tanhC: number, h: number, rows: number, hidden: number): void;
  lstmCellBackward(
    dGates: number,
    dc: number,
    dh: number,
    gates: number,
    cPrev: number,
    tanhC: number,
    rows: number,
    hidden: number,
  ): void;
  lstmForward(
    gates: number,
    h: number,
    c: number,
    tanhC: number,
    kernel: number,
    steps: number,
    rows: number,
    hidden: number,
    fromZero: boolean,
    scratch: number,
  ): void;
  lstmBackward(
    gates: number,
    dh: number,
    dc: number,
    c: number,
    tanhC: number,
    kernel: number,
    steps: number,
    rows: number,
    hidden: number,
    scratch: number,
  ): void;
  peepholeCell(
    gates: number,
    peephole: number,
    cPrev: number,
    c: number,
    tanhC: number,
    h: number,
    rows: number,
    hidden: number,
  ): void;
  peepholeCellBackward(
    gates: number,
    peephole: number,
    dc: number,
    dh: number,
    cPrev: number,
    tanhC: number,
    rows: number,
    hidden: number,
  ): void;
  peepholeBackward(dPeephole: number, dGates: number, cPrev: number, c: number, rows: number, hidden: number): void;
  layerNorm(out: number, gain: number, a: number, inverse: number, rows: number, columns: number): void;
  layerNormBackward(
    dOut: number,
    gain: number,
    dGain: number,
    normalised: number,
    inverse: number,
    rows: number,
    columns: number,
  ): void;
  layerNormCell(
    gates: number,
    gain: number,
    bias: number,
    cPrev: number,
    c: number,
    normalised: number,
    inverse: number,
    tanhC: number,
    h: number,
    rows: number,
    hidden: number,
  ): void;
  layerNormCellBackward(
    gates: number,
    gain: number,
    dGain: number,
    dBias: number,
    dc: number,
    dh: number,
    cPrev: number,
    normalised: number,
    inverse: number,
    tanhC: number,
    rows: number,
    hidden: number,
  ): void;
  tanh(out: number, a: number, count: number): void;
  tanhBackward(da: number, dOut: number, out: number, count: number): void;
  gruGates(gates: number, recurrent: number, by: number, product: number, rows: number, hidden: number): void;
  gruGatesBackward(
    gates: number,
    dRecurrent: number,
    dBy: number,
    dProduct: number,
    by: number,
    rows: number,
    hidden: number,
  ): void;
  gruOutput(gates: number, candidate: number, hPrev: number, h: number, rows: number, hidden: number): void;
  gruOutputBackward(
    gates: number,
    dCandidate: number,
    dhPrev: number,
    dh: number,
    hPrev: number,
    rows: number,
    hidden: number,
  ): void;
  dropout(out: number, a: number, mask: number, count: number): void;
  dropoutBackward(da: number, dOut: number, mask: number, count: number): void;
  relu(out: number, a: number, count: number): void;
  reluBackward(da: number, dOut: number, out: number, count: number): void;
  softmaxCrossEntropy(p: number, logits: number, targets: number, rows: number, classes: number): number;
  softmaxCrossEntropyBackward(
    dLogits: number,
    p: number,
    targets: number,
    rows: number,
    classes: number,
    scale: number,
  ): void;
  mseWithPositivePressure(predictions: number, targets: number, count: number, pressure: number): number;
  mseWithPositivePressureBackward(
    dPredictions: number,
    predictions: number,
    targets: number,
    count: number,
    pressure: number,
    scale: number,
  ): void;
  adam(
    w: number,
    g: number,
    m: number,
    v: number,
    count: number,
    rate: number,
    beta1: number,
    oneMinusBeta1: number,
    beta2: number,
    oneMinusBeta2: number,
    epsilon: number,
  ): void;
  clip(a: number, count: number, limit: number): number;
  sgd(w: number, g: number, count: number, rate: number): void;
  sgdMomentum(w: number, g: number, velocity: number, count: number, rate: number, momentum: number): void;
  sgdNesterov(w: number, g: number, velocity: number, count: number, rate: number, momentum: number): void;
  rmsprop(
    w: number,
    g: number,
    square: number,
    count: number,
    rate: number,
    decay: number,
    oneMinusDecay: number,
    epsilon: number,
  ): void;
}

/**
 * Fused multiply-add with one rounding, or WebAssembly's plain 128-bit arithmetic: the last bits of results differ. `wide` is
 * `relaxed` written for engines that join 128-bit operations to 256-bit ones, with the same bits.
 */
export type SimdVariant = 'wide' | 'relaxed' | 'plain';

/** A `WebAssembly.Memory`, in words that need no types of a browser where our declarations are read. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}

/** A compiled module, and which it is. Can be sent to a worker, which then need not compile it, or carry its bytes. */
export interface SimdModule {
  /** A `WebAssembly.Module`. */
  wasm: object;
  variant: SimdVariant;
}
