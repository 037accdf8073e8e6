// Plain loops over Float32Array, no SIMD and no WebAssembly: what a careful programmer would write. Loops run along rows, the
// inner dimension unrolled by four; gradients of the weights are formed once, after the loop over time.
import * as work from './protocol.mjs';

const { batchSize: B, seqLength: T, hiddenSize: H, layers: L, inputs: I, pitches: V } = work;
const G = 4 * H;
const OUTPUTS = V + 2;
const weights = Object.fromEntries(work.weightNames.map((name) => [name, work.tensor(name)]));
const gradients = Object.fromEntries(work.weightNames.map((name) => [name, new Float32Array(weights[name].length)]));
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** c[m, n] += a[m, k] · b[k, n]; rows of a and c begin at offsets. */
function multiply(m, n, k, a, aFrom, b, c, cFrom, cRow) {
  for (let i = 0; i < m; i++) {
    const ci = cFrom + i * cRow;
    const ai = aFrom + i * k;
    let p = 0;
    for (; p + 3 < k; p += 4) {
      const [a0, a1, a2, a3] = [a[ai + p], a[ai + p + 1], a[ai + p + 2], a[ai + p + 3]];
      const b0 = p * n;
      const b1 = b0 + n;
      const b2 = b1 + n;
      const b3 = b2 + n;
      for (let j = 0; j < n; j++) c[ci + j] += a0 * b[b0 + j] + a1 * b[b1 + j] + a2 * b[b2 + j] + a3 * b[b3 + j];
    }
    for (; p < k; p++) for (let j = 0; j < n; j++) c[ci + j] += a[ai + p] * b[p * n + j];
  }
}

/** c[k, n] += a[m, k]ᵀ · b[m, n]. */
function multiplyTransposedA(m, n, k, a, aFrom, b, bFrom, c) {
  let i = 0;
  for (; i + 3 < m; i += 4) {
    const a0 = aFrom + i * k;
    const b0 = bFrom + i * n;
    const b1 = b0 + n;
    const b2 = b1 + n;
    const b3 = b2 + n;
    for (let p = 0; p < k; p++) {
      const [x0, x1, x2, x3] = [a[a0 + p], a[a0 + k + p], a[a0 + 2 * k + p], a[a0 + 3 * k + p]];
      const cp = p * n;
      for (let j = 0; j < n; j++) c[cp + j] += x0 * b[b0 + j] + x1 * b[b1 + j] + x2 * b[b2 + j] + x3 * b[b3 + j];
    }
  }
  for (; i < m; i++) {
    for (let p = 0; p < k; p++) {
      for (let j = 0; j < n; j++) c[p * n + j] += a[aFrom + i * k + p] * b[bFrom + i * n + j];
    }
  }
}

/** c[m, k] += a[m, n] · b[k, n]ᵀ, two rows by two columns at a time. */
function multiplyTransposedB(m, k, n, a, aFrom, b, c, cFrom) {
  for (let i = 0; i < m; i += 2) {
    const twoRows = i + 1 < m;
    const a0 = aFrom + i * n;
    const a1 = twoRows ? a0 + n : a0;
    for (let p = 0; p < k; p += 2) {
      const twoColumns = p + 1 < k;
      const b0 = p * n;
      const b1 = twoColumns ? b0 + n : b0;
      let s00 = 0;
      let s01 = 0;
      let s10 = 0;
      let s11 = 0;
      for (let j = 0; j < n; j++) {
        const x = a[a0 + j];
        const y = a[a1 + j];
        s00 += x * b[b0 + j];
        s01 += x * b[b1 + j];
        s10 += y * b[b0 + j];
        s11 += y * b[b1 + j];
      }
      const at = cFrom + i * k + p;
      c[at] += s00;
      if (twoColumns) c[at + 1] += s01;
      if (twoRows) c[at + k] += s10;
      if (twoRows && twoColumns) c[at + k + 1] += s11;
    }
  }
}

/** Buffers for sequences of `steps` steps side by side; slot 0 of h and c is the state before. */
function createBuffers(batch, steps) {
  const rows = batch * steps;
  const each = (length) => Array.from({ length: L }, () => new Float32Array(length));
  return {
    batch,
    steps,
    input: new Float32Array(rows * I),
    gates: each(rows * G),
    h: each((rows + batch) * H),
    c: each((rows + batch) * H),
    tanhC: each(rows * H),
    dh: new Float32Array(batch * H),
    dc: new Float32Array(batch * H),
    dOutput: new Float32Array(rows * H),
    outputs: new Float32Array(batch * OUTPUTS),
  };
}

function forward(buffers, startsFromZero = true) {
  const { batch, steps } = buffers;
  for (let layer = 0; layer < L; layer++) {
    const [gates, h, c, tanhC] = [buffers.gates[layer], buffers.h[layer], buffers.c[layer], buffers.tanhC[layer]];
    const bias = weights[`lstm.${layer}.bias`];
    for (let row = 0; row < steps * batch; row++) gates.set(bias, row * G);
    const [below, from, width] = layer ? [buffers.h[layer - 1], batch * H, H] : [buffers.input, 0, I];
    multiply(steps * batch, G, width, below, from, weights[`lstm.${layer}.kernel`], gates, 0, G);
    for (let t = 0; t < steps; t++) {
      const [g0, h0, h1] = [t * batch * G, t * batch * H, (t + 1) * batch * H];
      if (t || !startsFromZero) multiply(batch, G, H, h, h0, weights[`lstm.${layer}.recurrent_kernel`], gates, g0, G);
      cell(batch, gates, g0, c, tanhC, h, h0, h1);
    }
  }
  applyHeads(buffers);
}

function cell(batch, gates, g0, c, tanhC, h, h0, h1) {
  for (let row = 0; row < batch; row++) {
    for (let j = 0, at = g0 + row * G, o = row * H; j < H; j++, at++, o++) {
      const i = sigmoid(gates[at]);
      const f = sigmoid(gates[at + H]);
      const g = Math.tanh(gates[at + 2 * H]);
      const out = sigmoid(gates[at + 3 * H]);
      const state = f * c[h0 + o] + i * g;
      const squashed = Math.tanh(state);
      gates[at] = i;
      gates[at + H] = f;
      gates[at + 2 * H] = g;
      gates[at + 3 * H] = out;
      c[h1 + o] = state;
      tanhC[h0 + o] = squashed;
      h[h1 + o] = out * squashed;
    }
  }
}

function applyHeads({ batch, steps, h, outputs }) {
  const top = h[L - 1];
  const from = steps * batch * H;
  const [ws, wd] = [weights['heads.step.kernel'], weights['heads.duration.kernel']];
  for (let row = 0; row < batch; row++) {
    outputs.set(weights['heads.pitch.bias'], row * OUTPUTS);
    let step = weights['heads.step.bias'][0];
    let duration = weights['heads.duration.bias'][0];
    for (let j = 0; j < H; j++) {
      step += top[from + row * H + j] * ws[j];
      duration += top[from + row * H + j] * wd[j];
    }
    outputs[row * OUTPUTS + V] = step;
    outputs[row * OUTPUTS + V + 1] = duration;
  }
  multiply(batch, V, H, top, from, weights['heads.pitch.kernel'], outputs, 0, OUTPUTS);
}

const dLogits = new Float32Array(B * V);
const dTimes = new Float32Array(B * 2);

/** The loss, and its gradients in the outputs: 0.05 cross-entropy + squared errors + 10 max(-p, 0). */
function lossAndGradients({ outputs }, targets) {
  const share = 1 / B;
  let loss = 0;
  for (let row = 0; row < B; row++) {
    const at = row * OUTPUTS;
    let largest = -Infinity;
    let sum = 0;
    for (let j = 0; j < V; j++) largest = Math.max(largest, outputs[at + j]);
    for (let j = 0; j < V; j++) sum += dLogits[row * V + j] = Math.exp(outputs[at + j] - largest);
    const target = targets.pitch[row];
    loss += 0.05 * share * (Math.log(sum) + largest - outputs[at + target]);
    for (let j = 0; j < V; j++) dLogits[row * V + j] *= (0.05 * share) / sum;
    dLogits[row * V + target] -= 0.05 * share;
    [targets.step[row], targets.duration[row]].forEach((wanted, k) => {
      const p = outputs[at + V + k];
      loss += share * ((wanted - p) ** 2 + 10 * Math.max(-p, 0));
      dTimes[2 * row + k] = share * (2 * (p - wanted) - (p < 0 ? 10 : 0));
    });
  }
  return loss;
}

function backward(buffers) {
  const { steps, dh, dc } = buffers;
  for (const name of work.weightNames) gradients[name].fill(0);
  dh.fill(0);
  headsBackward(buffers);
  for (let layer = L - 1; layer >= 0; layer--) {
    if (layer < L - 1) dh.set(buffers.dOutput.subarray((steps - 1) * B * H, steps * B * H));
    dc.fill(0);
    layerBackward(buffers, layer);
  }
}

function headsBackward({ steps, h, dh }) {
  const top = h[L - 1];
  const from = steps * B * H;
  multiplyTransposedA(B, V, H, top, from, dLogits, 0, gradients['heads.pitch.kernel']);
  multiplyTransposedB(B, H, V, dLogits, 0, weights['heads.pitch.kernel'], dh, 0);
  const bias = gradients['heads.pitch.bias'];
  for (let row = 0; row < B; row++) {
    for (let j = 0; j < V; j++) bias[j] += dLogits[row * V + j];
    ['step', 'duration'].forEach((head, k) => {
      const d = dTimes[2 * row + k];
      const [kernel, dKernel] = [weights[`heads.${head}.kernel`], gradients[`heads.${head}.kernel`]];
      gradients[`heads.${head}.bias`][0] += d;
      for (let j = 0; j < H; j++) {
        dKernel[j] += d * top[from + row * H + j];
        dh[row * H + j] += d * kernel[j];
      }
    });
  }
}

function layerBackward(buffers, layer) {
  const { steps, dh, dc, dOutput } = buffers;
  const [gates, h, c, tanhC] = [buffers.gates[layer], buffers.h[layer], buffers.c[layer], buffers.tanhC[layer]];
  const isTop = layer === L - 1;
  for (let t = steps - 1; t >= 0; t--) {
    cellBackward(gates, t * B * G, c, tanhC, t * B * H, dh, dc);
    if (t === 0) break;
    if (isTop) dh.fill(0);
    else dh.set(dOutput.subarray((t - 1) * B * H, t * B * H));
    multiplyTransposedB(B, H, G, gates, t * B * G, weights[`lstm.${layer}.recurrent_kernel`], dh, 0);
  }
  const rows = steps * B;
  multiplyTransposedA(rows - B, G, H, h, B * H, gates, B * G, gradients[`lstm.${layer}.recurrent_kernel`]);
  const bias = gradients[`lstm.${layer}.bias`];
  for (let row = 0; row < rows; row++) for (let j = 0; j < G; j++) bias[j] += gates[row * G + j];
  const [below, from, width] = layer ? [buffers.h[layer - 1], B * H, H] : [buffers.input, 0, I];
  multiplyTransposedA(rows, G, width, below, from, gates, 0, gradients[`lstm.${layer}.kernel`]);
  if (layer === 0) return;
  dOutput.fill(0);
  multiplyTransposedB(rows, H, G, gates, 0, weights[`lstm.${layer}.kernel`], dOutput, 0);
}

function cellBackward(gates, g0, c, tanhC, h0, dh, dc) {
  for (let row = 0; row < B; row++) {
    for (let j = 0, at = g0 + row * G, o = row * H; j < H; j++, at++, o++) {
      const [i, f, g, out] = [gates[at], gates[at + H], gates[at + 2 * H], gates[at + 3 * H]];
      const squashed = tanhC[h0 + o];
      const d = dc[o] + dh[o] * out * (1 - squashed * squashed);
      gates[at] = d * g * i * (1 - i);
      gates[at + H] = d * c[h0 + o] * f * (1 - f);
      gates[at + 2 * H] = d * i * (1 - g * g);
      gates[at + 3 * H] = dh[o] * squashed * out * (1 - out);
      dc[o] = d * f;
    }
  }
}

const moments = Object.fromEntries(
  work.weightNames.map((name) => [name, [0, 1].map(() => new Float32Array(weights[name].length))]),
);
let adamSteps = 0;

function adam() {
  adamSteps++;
  const rate = work.learningRate / (1 - 0.9 ** adamSteps);
  const correction = 1 / (1 - 0.999 ** adamSteps);
  for (const name of work.weightNames) {
    const [w, g, [m, v]] = [weights[name], gradients[name], moments[name]];
    for (let j = 0; j < w.length; j++) {
      m[j] = 0.9 * m[j] + 0.1 * g[j];
      v[j] = 0.999 * v[j] + 0.001 * g[j] * g[j];
      w[j] -= (rate * m[j]) / (Math.sqrt(v[j] * correction) + 1e-7);
    }
  }
}

async function train() {
  const buffers = createBuffers(B, T);
  buffers.input.set(work.tensor('features'));
  const targets = Object.fromEntries(
    ['pitch', 'step', 'duration'].map((name) => [name, work.tensor(`targets.${name}`)]),
  );
  const step = () => {
    forward(buffers);
    const loss = lossAndGradients(buffers, targets);
    backward(buffers);
    adam();
    return loss;
  };
  await work.serve({ name: 'plain loops', version: process.version, check: await work.firstLosses(step) }, step);
}

async function generate() {
  const window = createBuffers(1, T);
  window.input.set(work.firstSequence());
  forward(window);
  const check = work.outputsOf(window.outputs.slice(0, V), window.outputs[V], window.outputs[V + 1]);
  const note = new Float32Array(I);
  const draw = ({ outputs }) => {
    note.set([work.samplePitch(outputs) / 128, Math.max(0, outputs[V]), Math.max(0, outputs[V + 1])]);
  };
  const single = createBuffers(1, 1);
  const ways = {
    window: () => {
      forward(window);
      draw(window);
      window.input.copyWithin(0, I);
      window.input.set(note, (T - 1) * I);
    },
    stateful: () => {
      for (let layer = 0; layer < L; layer++) {
        single.h[layer].copyWithin(0, H);
        single.c[layer].copyWithin(0, H);
      }
      single.input.set(note);
      forward(single, false);
      draw(single);
    },
  };
  await work.serve({ name: 'plain loops', version: process.version, check }, ways[work.task]);
}

await (work.task === 'train' ? train() : generate());
