import type {
  AdamSettings,
  IndexTensor,
  MomentumSettings,
  RmspropSettings,
  Tensor,
} from '../../../src/tensor/index.ts';

/**
 * Every operation again, in float64 and straight from its definition, without regard to speed and without a line in common
 * with `src/tensor/reference`: what the implementations are judged by. Call them before the operation, for they read what
 * it overwrites.
 */

/** What an operation should give, and for each number the sum of the magnitudes of the terms that make it up. */
export interface Judged {
  values: Float64Array;
  magnitudes: Float64Array;
}

/** `initial[row, column] + Σ term(row, column, d)` over `depth` values of d. */
function sum(
  initial: ArrayLike<number>,
  [rows, columns, depth]: [number, number, number],
  term: (row: number, column: number, d: number) => number,
): Judged {
  const values = Float64Array.from(initial);
  const magnitudes = values.map(Math.abs);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let d = 0; d < depth; d++) {
        const value = term(row, column, d);
        values[row * columns + column] += value;
        magnitudes[row * columns + column] += Math.abs(value);
      }
    }
  }
  return { values, magnitudes };
}

/** One number for each element of `like`, with its own magnitude unless another is given. */
export function elementwise(like: Tensor, value: (at: number) => number, magnitude?: (at: number) => number): Judged {
  const values = Float64Array.from({ length: like.size }, (_, at) => value(at));
  return { values, magnitudes: magnitude ? values.map((_, at) => magnitude(at)) : values.map(Math.abs) };
}

export function matmul(
  { data: out, rows: M, columns: N }: Tensor,
  { data: a, columns: K }: Tensor,
  { data: b }: Tensor,
) {
  return sum(out, [M, N, K], (m, n, k) => a[m * K + k] * b[k * N + n]);
}

export function matmulBackwardA(
  { data: da, rows: M, columns: K }: Tensor,
  { data: dOut, columns: N }: Tensor,
  { data: b }: Tensor,
): Judged {
  return sum(da, [M, K, N], (m, k, n) => dOut[m * N + n] * b[k * N + n]);
}

export function matmulBackwardB(
  { data: db, rows: K, columns: N }: Tensor,
  { data: a, rows: M }: Tensor,
  { data: dOut }: Tensor,
) {
  return sum(db, [K, N, M], (k, n, m) => a[m * K + k] * dOut[m * N + n]);
}

export function bias(out: Tensor, { data }: Tensor): Judged {
  return elementwise(out, (at) => data[at % data.length]);
}

export function biasBackward({ data: dBias, size: N }: Tensor, { data: dOut, rows: M }: Tensor): Judged {
  return sum(dBias, [1, N, M], (_, n, m) => dOut[m * N + n]);
}

/** As the product of a one-hot matrix with the table. */
export function embedding(
  { data: out, rows: M, columns: N }: Tensor,
  { data: table, rows: V }: Tensor,
  { data: indices }: IndexTensor,
): Judged {
  return sum(out, [M, N, V], (m, n, v) => (indices[m] === v ? table[v * N + n] : 0));
}

/** As the product of the transposed one-hot matrix with dOut. */
export function embeddingBackward(
  { data: dTable, rows: V, columns: N }: Tensor,
  { data: dOut, rows: M }: Tensor,
  { data: indices }: IndexTensor,
) {
  return sum(dTable, [V, N, M], (v, n, m) => (indices[m] === v ? dOut[m * N + n] : 0));
}

/** tanh by way of expm1, accurate at both ends. */
export function tanh(x: number): number {
  const t = -Math.expm1(-2 * Math.abs(x));
  return Math.sign(x) * (t / (2 - t));
}

/** The logistic function, from the side on which nothing overflows or cancels. */
export function sigmoid(x: number): number {
  return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
}

/** The numbers of unit `at` (row · H + j) of `gates[B, 4H]`, and where they stand. */
export function unitGates(gates: ArrayLike<number>, H: number, at: number) {
  const i = Math.floor(at / H) * 4 * H + (at % H);
  return {
    i: gates[i],
    f: gates[i + H],
    g: gates[i + 2 * H],
    o: gates[i + 3 * H],
    places: [0, 1, 2, 3].map((k) => i + k * H),
  };
}

/** The activations of `gates[B, 4H]`, pre-activations in. */
export function activations({ data, columns }: Tensor): Float64Array {
  const H = columns / 4;
  return Float64Array.from(data, (z, at) => (Math.floor((at % columns) / H) === 2 ? tanh(z) : sigmoid(z)));
}

export interface CellGradients {
  dGates: Judged;
  dcPrev: Judged;
}

/**
 * Back through one step: the chain rule along each path from h and c to z and cPrev.
 *
 * @param dc what comes back into c, and the magnitudes that went into it
 */
export function cellBackward(dc: Judged, dh: Tensor, gates: Tensor, cPrev: Tensor, tanhC: Tensor): CellGradients {
  const H = gates.columns / 4;
  const judged = (size: number): Judged => ({ values: new Float64Array(size), magnitudes: new Float64Array(size) });
  const dGates = judged(gates.size);
  const dcPrev = judged(dh.size);
  for (let at = 0; at < dh.size; at++) {
    const { i, f, g, o, places } = unitGates(gates.data, H, at);
    const t = tanhC.data[at];
    const dTanhC = dh.data[at] * o;
    const dC = dc.values[at] + dTanhC * (1 - t ** 2);
    const mC = dc.magnitudes[at] + Math.abs(dTanhC);
    const set = (place: number, value: number, magnitude: number): void => {
      dGates.values[place] = value;
      dGates.magnitudes[place] = Math.abs(magnitude);
    };
    set(places[0], dC * g * (i - i * i), mC * g * i);
    set(places[1], dC * cPrev.data[at] * (f - f * f), mC * cPrev.data[at] * f);
    set(places[2], dC * i * (1 - g ** 2), mC * i);
    set(places[3], dh.data[at] * t * (o - o * o), dh.data[at] * t * o);
    dcPrev.values[at] = dC * f;
    dcPrev.magnitudes[at] = mC * f;
  }
  return { dGates, dcPrev };
}

/** `cellBackward` with `dc` as a tensor holds it. */
export function lstmCellBackward(dc: Tensor, dh: Tensor, gates: Tensor, cPrev: Tensor, tanhC: Tensor): CellGradients {
  return cellBackward(
    elementwise(dc, (at) => dc.data[at]),
    dh,
    gates,
    cPrev,
    tanhC,
  );
}

/** The probabilities of every row, and each row's loss; `distance` is how far a logit lies below its row's largest. */
export function softmaxCrossEntropy({ data, rows, columns: V }: Tensor, { data: targets }: IndexTensor) {
  const probabilities = new Float64Array(data.length);
  const distance = new Float64Array(data.length);
  const losses = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const logits = [...data.subarray(row * V, (row + 1) * V)];
    const top = Math.max(...logits);
    const total = logits.reduce((sum, z) => sum + Math.exp(z - top), 0);
    logits.forEach((z, j) => {
      distance[row * V + j] = top - z;
      probabilities[row * V + j] = Math.exp(z - top) / total;
    });
    losses[row] = top + Math.log(total) - logits[targets[row]];
  }
  return { probabilities, distance, losses };
}

/** Adam as its paper writes it, with both bias corrections apart; ε̂ = ε / √(1-β₂ᵗ) makes it Keras's form. */
export function adam(w: Tensor, g: Tensor, m: Tensor, v: Tensor, settings: AdamSettings) {
  const { beta1, beta2, epsilon, learningRate, step } = settings;
  const [w0, g0, m0, v0] = [w, g, m, v].map(({ data }) => Float64Array.from(data));
  const [correct1, correct2] = [1 - beta1 ** step, 1 - beta2 ** step];
  const first = (at: number): number => beta1 * m0[at] + (1 - beta1) * g0[at];
  const firstMagnitude = (at: number): number => beta1 * Math.abs(m0[at]) + (1 - beta1) * Math.abs(g0[at]);
  const second = (at: number): number => beta2 * v0[at] + (1 - beta2) * g0[at] ** 2;
  const update = (at: number, moment: number): number =>
    (learningRate * (moment / correct1)) / (Math.sqrt(second(at) / correct2) + epsilon / Math.sqrt(correct2));
  return {
    m: elementwise(m, first, firstMagnitude),
    v: elementwise(v, second),
    w: elementwise(
      w,
      (at) => w0[at] - update(at, first(at)),
      (at) => Math.abs(w0[at]) + update(at, firstMagnitude(at)),
    ),
  };
}

/** Gradient descent, from the definition of its velocity; plain where there is none. */
export function descent(w: Tensor, g: Tensor, velocity: Tensor | undefined, settings: MomentumSettings) {
  const { learningRate, momentum, nesterov } = settings;
  const [w0, g0] = [w, g].map(({ data }) => Float64Array.from(data));
  const u0 = velocity ? Float64Array.from(velocity.data) : g0.map(() => 0);
  const next = (u: number, gradient: number): number => momentum * u + gradient;
  const direction = (u: number, gradient: number): number => {
    const ahead = next(u, gradient);
    return nesterov ? next(ahead, gradient) : ahead;
  };
  const [a, magnitudes] = [Math.abs, { u: u0.map(Math.abs), g: g0.map(Math.abs) }];
  return {
    velocity: elementwise(
      w,
      (at) => next(u0[at], g0[at]),
      (at) => next(magnitudes.u[at], magnitudes.g[at]),
    ),
    w: elementwise(
      w,
      (at) => w0[at] - learningRate * direction(u0[at], g0[at]),
      (at) => a(w0[at]) + learningRate * direction(magnitudes.u[at], magnitudes.g[at]),
    ),
  };
}

/** RMSprop, the gradient divided by the root of the mean of its squares. */
export function rmsprop(w: Tensor, g: Tensor, square: Tensor, { learningRate, decay, epsilon }: RmspropSettings) {
  const [w0, g0, s0] = [w, g, square].map(({ data }) => Float64Array.from(data));
  const mean = (at: number): number => decay * s0[at] + (1 - decay) * g0[at] ** 2;
  const step = (at: number): number => learningRate * (g0[at] / (Math.sqrt(mean(at)) + epsilon));
  return {
    square: elementwise(square, mean),
    w: elementwise(
      w,
      (at) => w0[at] - step(at),
      (at) => Math.abs(w0[at]) + Math.abs(step(at)),
    ),
  };
}
