import type { Arena } from './arena.ts';
import type { IndexTensor, Tensor } from './tensor.ts';

/** What Adam needs beside its tensors. `step` counts from 1. */
export interface AdamSettings {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  step: number;
}

/** What gradient descent with momentum needs beside its tensors. */
export interface MomentumSettings {
  learningRate: number;
  momentum: number;
  /** Whether the step is that of the velocity one step ahead (Nesterov 1983). */
  nesterov: boolean;
}

/** What RMSprop needs beside its tensors. */
export interface RmspropSettings {
  learningRate: number;
  /** The share of the mean square that each step keeps. */
  decay: number;
  epsilon: number;
}

/** One of the products `a · b` that were added up, and where the gradient of its second factor goes. */
export interface WeightGradient {
  /** `db[K, N]`, which is added to. */
  db: Tensor;
  /** `a[M, K]`. */
  a: Tensor;
  /** The first so many rows of `a` are zeros, and nothing is gained from them; 0 unless given. */
  zeroRows?: number;
}

/**
 * Every operation that training and generation need, forward beside backward. Several implementations stand behind it
 * (`reference/` is the one to read); one suite of tests runs over all of them.
 *
 * Matrices are row-major [rows, columns]. Batches of sequences are time-major, [T, B, ...], so that one time step is one
 * contiguous matrix. Names of gradients begin with `d`: `dOut` is dL/dOut. Unless said otherwise gradients are added to
 * what they are written to, never overwritten; whoever starts a backward pass fills them with zeros first. Operations
 * check the shapes of their operands and throw ShapeError. The numbers in `error` notes are bounds against float64 for
 * float32 tensors, relative to the sum of the magnitudes of the terms that make up the number (what stood there before
 * included); `test/tensor/conformance` holds every implementation to them. Below 2^-124 a number may be anything as
 * small. NaN goes through every operation, and so does an infinity as far as arithmetic has it.
 */
export interface Kernels {
  /** What runs, as reports say it: `reference`, `reference (float64)`, `simd (relaxed)`. */
  readonly name: string;
  /** Where the tensors live that these kernels work on. */
  readonly arena: Arena;

  /** Every element of `out` becomes `value`. */
  fill(out: Tensor, value: number): void;
  /** `out` becomes a copy of `a`, of the same size. */
  copy(out: Tensor, a: Tensor): void;
  /** `out += a`, of the same size, correctly rounded. */
  add(out: Tensor, a: Tensor): void;
  /** `out *= factor`. Error: 2 · 2^-24. */
  scale(out: Tensor, factor: number): void;
  /**
   * Brings every element of `a` into [-limit, limit], the limit rounded to the precision of `a`; NaN stays.
   * @returns whether any was outside
   */
  clip(a: Tensor, limit: number): boolean;
  /** The sum of the squares of all elements, added up in double precision. */
  sumOfSquares(a: Tensor): number;

  /** `out[M, N] += a[M, K] · b[K, N]`. Error: (K + 1) · 2^-24. */
  matmul(out: Tensor, a: Tensor, b: Tensor): void;
  /** The gradient of matmul in its first factor: `da[M, K] += dOut[M, N] · b[K, N]ᵀ`. Error: (N + 1) · 2^-24. */
  matmulBackwardA(da: Tensor, dOut: Tensor, b: Tensor): void;
  /** The gradient of matmul in its second factor: `db[K, N] += a[M, K]ᵀ · dOut[M, N]`. Error: (M + 1) · 2^-24. */
  matmulBackwardB(db: Tensor, a: Tensor, dOut: Tensor): void;

  /** Every row of `out[M, N]` becomes `bias[N]`: the start of an affine map, to which matmul then adds. */
  bias(out: Tensor, bias: Tensor): void;
  /** `dBias[N] +=` the sum of the rows of `dOut[M, N]`. Error: M · 2^-24. */
  biasBackward(dBias: Tensor, dOut: Tensor): void;

  /** An affine map: `out[M, N] = bias[N] + a[M, K] · b[K, N]`. Error: (K + 1) · 2^-24. */
  affine(out: Tensor, bias: Tensor, a: Tensor, b: Tensor): void;
  /**
   * The gradients of bias and kernels of an affine map, or of several products with one output: `biasBackward`, and
   * `matmulBackwardB` for each product. Error: as those.
   */
  affineBackward(dBias: Tensor, dOut: Tensor, products: readonly WeightGradient[]): void;

  /**
   * Adds row `indices[m]` of `table[V, N]` to row m of `out[M, N]`: the product of a one-hot matrix [M, V] with `table`,
   * without the zeros. An index below 0 or from V on throws RangeError. Error: 2^-24.
   */
  embedding(out: Tensor, table: Tensor, indices: IndexTensor): void;
  /** `dTable[indices[m]] += dOut[m]` for every row m, in the order of m. Error: M · 2^-24. */
  embeddingBackward(dTable: Tensor, dOut: Tensor, indices: IndexTensor): void;

  /**
   * One time step of an LSTM cell for a batch (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000):
   *
   *     i = σ(zᵢ)  f = σ(z_f)  g = tanh(z_g)  o = σ(z_o)      c = f ∘ cPrev + i ∘ g      h = o ∘ tanh(c)
   *
   * `gates[B, 4H]` holds the pre-activations z in the order i f g o and is overwritten by the activations. `c`, `tanhC`
   * and `h` ([B, H] each) are written; `cPrev` [B, H] is read. Error: 4 · 2^-24 absolute for gates and tanhC, and 4 ulp of
   * tanh, 8 ulp of σ; given the gates and tanhC as they were stored, 4 · 2^-24 for c and h.
   */
  lstmCell(gates: Tensor, cPrev: Tensor, c: Tensor, tanhC: Tensor, h: Tensor): void;
  /**
   * Back through `lstmCell`. Reads the activations `gates`, `cPrev`, `tanhC` and `dh` = dL/dh; `dc` holds what later
   * steps sent back into c and is overwritten by dL/dcPrev. Writes (not adds) dL/dz to `dGates`, which may be `gates` itself:
   *
   *     dc' = dc + dh ∘ o ∘ (1 - tanhC²)
   *     dzᵢ = dc' ∘ g ∘ i(1-i)   dz_f = dc' ∘ cPrev ∘ f(1-f)   dz_g = dc' ∘ i ∘ (1-g²)   dz_o = dh ∘ tanhC ∘ o(1-o)
   *     dcPrev = dc' ∘ f
   *
   * Error: 8 · 2^-24, each difference 1 - x counting as 1.
   */
  lstmCellBackward(dGates: Tensor, dc: Tensor, dh: Tensor, gates: Tensor, cPrev: Tensor, tanhC: Tensor): void;

  /**
   * A whole sequence through one layer: for t = 0 to T - 1, `gates[t] += h[t] · recurrentKernel`, then the cell from `c[t]`
   * to `c[t + 1]` and `h[t + 1]`. Whoever knows that `h[0]` is zero says so with `fromZero`: the first product is left out then. `gates[T, B, 4H]` holds the input's part of the pre-activations and is overwritten by the
   * activations; `h` and `c` are [T + 1, B, H] with the state before the first step in slot 0; `tanhC` is [T, B, H]. Each
   * step keeps the bounds of matmul and lstmCell.
   */
  lstmForward(gates: Tensor, h: Tensor, c: Tensor, tanhC: Tensor, recurrentKernel: Tensor, fromZero?: boolean): void;
  /**
   * Back through `lstmForward`. `dh[T, B, H]` holds dL/dh as the layers above see it and gets what comes back through time
   * added (dL/dh of slot 0 is not formed); `dc[B, H]` what comes back into the last cell, and dL/dc of slot 0 afterwards;
   * `gates` is overwritten by dL/dz, from which the caller forms the gradients of kernels, bias and input.
   */
  lstmBackward(gates: Tensor, dh: Tensor, dc: Tensor, c: Tensor, tanhC: Tensor, recurrentKernel: Tensor): void;

  /**
   * One time step of an LSTM cell whose gates see the cell (Gers and Schmidhuber 2000): `lstmCell` with
   *
   *     i = σ(zᵢ + pᵢ ∘ cPrev)      f = σ(z_f + p_f ∘ cPrev)      o = σ(z_o + p_o ∘ c)
   *
   * where `peephole[3H]` holds p in the order i f o. Error: (4 + |z| + |p ∘ c|) · 2^-24 absolute for the gates, given c as it was
   * stored; the rest as in `lstmCell`.
   */
  peepholeCell(gates: Tensor, peephole: Tensor, cPrev: Tensor, c: Tensor, tanhC: Tensor, h: Tensor): void;
  /**
   * Back through `peepholeCell`: `lstmCellBackward` in place (`gates` are overwritten by dL/dz, `dc` by dL/dcPrev), with what comes
   * through the peepholes:
   *
   *     dc' = dc + dh ∘ o ∘ (1 - tanhC²) + dz_o ∘ p_o      dcPrev = dc' ∘ f + dzᵢ ∘ pᵢ + dz_f ∘ p_f
   *
   * Error: 16 · 2^-24, each difference 1 - x counting as 1.
   */
  peepholeCellBackward(gates: Tensor, peephole: Tensor, dc: Tensor, dh: Tensor, cPrev: Tensor, tanhC: Tensor): void;
  /**
   * The gradient of the peepholes, `dPeephole[3H] +=` the sums over the rows of dzᵢ ∘ cPrev, dz_f ∘ cPrev and dz_o ∘ c, of
   * `dGates[B, 4H]` as `peepholeCellBackward` left them. Error: (B + 1) · 2^-24.
   */
  peepholeBackward(dPeephole: Tensor, dGates: Tensor, cPrev: Tensor, c: Tensor): void;

  /**
   * Layer normalisation (Ba et al. 2016), row by row, of `a[M, N]` with a gain for each column:
   *
   *     â = (a - mean) · inverse      inverse = 1 / √(variance + 10⁻⁵)      out += gain ∘ â
   *
   * Mean and variance (that of the row itself, divided by N) are of each row, and formed in double precision. `a` is overwritten by â,
   * `inverse[M]` is written, and `out[M, N]`, where the bias stands already, is added to. A row of equal numbers becomes zeros, up to rounding. Error:
   * (N + 8) · 2^-24 · (1 + |â|) · (1 + (|a| + mean |a|) · inverse) absolute for â, (N + 8) · 2^-24 · inverse · (1 + 2 mean |a| ·
   * inverse) for inverse; given â as it was stored, 2 · 2^-24 for out.
   */
  layerNorm(out: Tensor, gain: Tensor, a: Tensor, inverse: Tensor): void;
  /**
   * Back through `layerNorm`. `normalised` holds â and is overwritten (not added to) by da; `dGain[N]` is added to:
   *
   *     dGain += Σ dOut ∘ â over the rows      d = dOut ∘ gain      da = inverse · (d - mean(d) - â · mean(d ∘ â))
   *
   * Error: (M + 1) · 2^-24 for dGain, (N + 8) · 2^-24 for da, the means counting as those of magnitudes.
   */
  layerNormBackward(dOut: Tensor, gain: Tensor, dGain: Tensor, normalised: Tensor, inverse: Tensor): void;
  /**
   * One time step of an LSTM cell whose cell is normalised on its way out (Ba et al. 2016): `lstmCell` with
   *
   *     ĉ, inverse as `layerNorm` has them of c      tanhC = tanh(bias + gain ∘ ĉ)      h = o ∘ tanhC
   *
   * `gain` and `bias` are [H], `inverse` [B], `normalised` = ĉ [B, H] is written beside `c`, which is what the next step sees. Error: as
   * in `lstmCell` and `layerNorm`; given ĉ as it was stored, (4 + |bias| + |gain ∘ ĉ|) · 2^-24 absolute for tanhC.
   */
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
  ): void;
  /**
   * Back through `layerNormCell`. `gates` are overwritten by dL/dz, `dc` by dL/dcPrev, `tanhC` by dn and `normalised` by r; `dGain` and
   * `dBias` are added to:
   *
   *     dn = dh ∘ o ∘ (1 - tanhC²)      dBias += Σ dn over the rows      dGain and r as dGain and da of `layerNormBackward` from dn
   *     dc' = dc + r      dzᵢ, dz_f, dz_g and dcPrev from dc' as in `lstmCellBackward`      dz_o = dh ∘ tanhC ∘ o(1-o)
   *
   * Error: (B + 8) · 2^-24 for dGain and dBias, (H + 16) · 2^-24 for the rest, each difference 1 - x counting as 1 and the means as
   * those of magnitudes.
   */
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
  ): void;

  /** `out = tanh(a)`; `out` may be `a` itself. Error: 4 · 2^-24 absolute, and 4 ulp. */
  tanh(out: Tensor, a: Tensor): void;
  /** `da += dOut ∘ (1 - out²)`, where `out` is what `tanh` wrote. Error: 4 · 2^-24, the difference counting as 1. */
  tanhBackward(da: Tensor, dOut: Tensor, out: Tensor): void;

  /**
   * The first half of a time step of a GRU for a batch (Cho et al. 2014): reset and update gate, and what the reset gate acts on.
   *
   *     r = σ(zᵣ + uᵣ)    z = σ(z_z + u_z)    product = r ∘ by
   *
   * `gates[B, 3H]` holds the input's part of the pre-activations in the order r z n; r and z are overwritten by the
   * activations, and n stays. `recurrent[B, 2H]` holds u, the states' part. `by` [B, H] is the state before, or its product with
   * the candidate's kernel; `product` [B, H] is written. Error: (4 + |z| + |u|) · 2^-24 absolute for the gates; given
   * those as they were stored, `product` is correctly rounded.
   */
  gruGates(gates: Tensor, recurrent: Tensor, by: Tensor, product: Tensor): void;
  /**
   * Back through `gruGates`. `gates` holds r as it was, and in the place of z already dL/dz (`gruOutputBackward`); r is
   * overwritten by dL/dz of it. `dProduct` = dL/d(product). Writes (not adds) `dRecurrent[B, 2H]`, and adds to `dBy`:
   *
   *     dzᵣ = dProduct ∘ by ∘ r(1-r)      dRecurrent = dzᵣ, dz_z      dBy += dProduct ∘ r
   *
   * Error: 8 · 2^-24, the difference counting as 1; 2 · 2^-24 for dBy.
   */
  gruGatesBackward(gates: Tensor, dRecurrent: Tensor, dBy: Tensor, dProduct: Tensor, by: Tensor): void;
  /**
   * The second half: `n = tanh(z_n + candidate)`, `h = (1 - z) ∘ n + z ∘ hPrev`. In `gates[B, 3H]` n is overwritten by its
   * activation, z is read; `candidate` and `hPrev` [B, H] are read, `h` [B, H] is written. Error: (4 + |z_n| + |candidate|) · 2^-24
   * absolute for n; given n as it was stored, 4 · 2^-24 for h, the difference counting as 1.
   */
  gruOutput(gates: Tensor, candidate: Tensor, hPrev: Tensor, h: Tensor): void;
  /**
   * Back through `gruOutput`. Reads `dh` = dL/dh and `hPrev`; z and n in `gates` are overwritten by dL/dz, `dCandidate` [B, H] is
   * written (not added to), and `dhPrev` [B, H] is added to:
   *
   *     dz_z = dh ∘ (hPrev - n) ∘ z(1-z)      dz_n = dCandidate = dh ∘ (1-z) ∘ (1-n²)      dhPrev += dh ∘ z
   *
   * Error: 8 · 2^-24, each difference counting as the sum of its terms; 2 · 2^-24 for dhPrev.
   */
  gruOutputBackward(gates: Tensor, dCandidate: Tensor, dhPrev: Tensor, dh: Tensor, hPrev: Tensor): void;

  /** `out = a ∘ mask`, correctly rounded; the mask holds 0 or 1 / (1 - rate) (inverted dropout, as Keras and PyTorch do). */
  dropout(out: Tensor, a: Tensor, mask: Tensor): void;
  /** `da += dOut ∘ mask`. Error: 2 · 2^-24. */
  dropoutBackward(da: Tensor, dOut: Tensor, mask: Tensor): void;

  /** `out = max(a, 0)`, exact; `out` may be `a` itself. */
  relu(out: Tensor, a: Tensor): void;
  /** `da += dOut ∘ [out > 0]`, where `out` is what `relu` wrote; at 0 the gradient is taken as 0. Error: 2^-24. */
  reluBackward(da: Tensor, dOut: Tensor, out: Tensor): void;

  /**
   * Softmax and cross-entropy from logits, shifted by each row's largest logit so that nothing overflows. Writes
   * `probabilities[M, V]` (which may be `logits` itself) and returns the sum over the rows of -log p[target], in nats.
   * A target below 0 or from V on throws RangeError. Error of a p whose logit lies d below the row's largest:
   * (V + d + 8) · 2^-24; of a row's loss: (V + loss + 8) · 2^-24 absolute.
   */
  softmaxCrossEntropy(probabilities: Tensor, logits: Tensor, targets: IndexTensor): number;
  /** `dLogits += scale · (probabilities - onehot(targets))`. Error: 4 · 2^-24. */
  softmaxCrossEntropyBackward(dLogits: Tensor, probabilities: Tensor, targets: IndexTensor, scale: number): void;

  /**
   * The tutorial's loss for times: returns the sum of (target - p)² + pressure · max(-p, 0) over all elements. A pressure
   * of 0 is the plain squared error. Error: (size + 4) · 2^-24.
   */
  mseWithPositivePressure(predictions: Tensor, targets: Tensor, pressure: number): number;
  /**
   * `dPredictions += scale · (2 (p - target) - pressure [p < 0])`; at p = 0 the pressure's gradient is taken as 0.
   * Error: 6 · 2^-24.
   */
  mseWithPositivePressureBackward(
    dPredictions: Tensor,
    predictions: Tensor,
    targets: Tensor,
    pressure: number,
    scale: number,
  ): void;

  /**
   * One step of Adam (Kingma and Ba 2015) in the form of Keras, all four of one size, `parameters`, `m` and `v` updated:
   *
   *     m = β₁m + (1-β₁)g    v = β₂v + (1-β₂)g²    w -= learningRate · √(1-β₂ᵗ) / (1-β₁ᵗ) · m / (√v + ε)
   *
   * Here ε stands beside √v before the bias correction ("epsilon hat" in the paper), so it is not PyTorch's ε.
   * Error: 8 · 2^-24 for m and v, 16 · 2^-24 for the parameters.
   */
  adam(parameters: Tensor, gradients: Tensor, m: Tensor, v: Tensor, settings: AdamSettings): void;
  /** One step of gradient descent: `w -= learningRate · g`. Error: 3 · 2^-24. */
  sgd(parameters: Tensor, gradients: Tensor, learningRate: number): void;
  /**
   * One step of gradient descent with momentum (Polyak 1964) in the form of PyTorch's `SGD`, all three of one size,
   * `parameters` and `velocity` u updated:
   *
   *     u = momentum · u + g        w -= learningRate · u        Nesterov: w -= learningRate · (g + momentum · u)
   *
   * The learning rate is not part of u. Error: 3 · 2^-24 for u, 8 · 2^-24 for the parameters.
   */
  sgdMomentum(parameters: Tensor, gradients: Tensor, velocity: Tensor, settings: MomentumSettings): void;
  /**
   * One step of RMSprop (Tieleman and Hinton 2012) in the form of PyTorch's `RMSprop`, all three of one size, `parameters` and
   * `square` s updated:
   *
   *     s = decay · s + (1 - decay) · g²        w -= learningRate · g / (√s + ε)
   *
   * Error: 8 · 2^-24 for s, 16 · 2^-24 for the parameters.
   */
  rmsprop(parameters: Tensor, gradients: Tensor, square: Tensor, settings: RmspropSettings): void;
}
