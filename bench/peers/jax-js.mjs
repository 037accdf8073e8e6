// jax-js on its wasm backend: the LSTM unrolled in time, loss, gradient and Adam in one function under jit. Started with
// --experimental-wasm-relaxed-simd where Node asks for it, so that it has its fused kernels.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as jax from '@jax-js/jax';
import * as work from './protocol.mjs';

const { numpy: np, nn } = jax;
const { batchSize: B, seqLength: T, hiddenSize: H, layers: L, inputs: I, pitches: V } = work;
await jax.init('wasm');
jax.defaultDevice('wasm');
const about = { name: 'jax-js wasm, jit', version: versionOf('@jax-js/jax') };

function versionOf(name) {
  const entry = createRequire(import.meta.url).resolve(name);
  const folder = entry.slice(0, entry.indexOf(name) + name.length);
  return JSON.parse(readFileSync(`${folder || dirname(entry)}/package.json`, 'utf8')).version;
}

const array = (numbers, shape) => np.array(numbers, { shape, dtype: np.float32 });
const names = work.weightNames;
const weights = Object.fromEntries(names.map((name) => [name, array(work.tensor(name), work.shapeOf(name))]));

/** jax-js frees what it is handed: `.ref` hands over a second claim, so that the value can be used again. */
function lstm(w, input, steps, state) {
  const batch = input.shape[1];
  let sequence = input.reshape([steps * batch, I]);
  const after = [];
  let h;
  for (let layer = 0; layer < L; layer++) {
    const isTop = layer === L - 1;
    const kernel = w[`lstm.${layer}.kernel`].ref;
    const projected = np
      .matmul(sequence, kernel)
      .add(w[`lstm.${layer}.bias`].ref)
      .reshape([steps, batch, 4 * H]);
    const parts = steps > 1 ? np.split(projected, steps, 0) : [projected];
    const outputs = [];
    let c = state ? state[2 * layer + 1] : null;
    h = state ? state[2 * layer] : null;
    parts.forEach((part, t) => {
      let z = part.reshape([batch, 4 * H]);
      // The layer above needs the outputs of lower layers too.
      if (h) z = z.add(np.matmul(!isTop && t > 0 ? h.ref : h, w[`lstm.${layer}.recurrent_kernel`].ref));
      const [i, f, g, o] = np.split(z, 4, 1);
      const taken = nn.sigmoid(i).mul(np.tanh(g));
      if (c) c = nn.sigmoid(f).mul(c).add(taken);
      else {
        f.dispose();
        c = taken;
      }
      h = nn.sigmoid(o).mul(np.tanh(c.ref));
      if (!isTop) outputs.push(t < steps - 1 ? h : h.ref);
    });
    if (state) after.push(h.ref, c);
    else c.dispose();
    if (isTop) continue;
    h.dispose();
    sequence = steps > 1 ? np.concatenate(outputs, 0) : outputs[0];
  }
  return [h, after];
}

const applyHeads = (w, h) =>
  ['pitch', 'step', 'duration'].map((head, k) =>
    np.matmul(k < 2 ? h.ref : h, w[`heads.${head}.kernel`].ref).add(w[`heads.${head}.bias`].ref),
  );

const disposeAll = (w) => {
  for (const name of names) w[name].dispose();
};

function withPressure(wanted, p) {
  const difference = wanted.sub(p.ref);
  return np.mean(np.square(difference).add(nn.relu(p.neg()).mul(10)));
}

function lossOf(w, input, classes, step, duration) {
  const [h] = lstm(w, input, T);
  const [logits, s, d] = applyHeads(w, h);
  disposeAll(w);
  const crossEntropy = np.mean(np.sum(nn.logSoftmax(logits, 1).mul(classes), 1)).mul(-0.05);
  return crossEntropy.add(withPressure(step, s)).add(withPressure(duration, d));
}

/** One training step as a function of everything that it changes. */
function trainingStep() {
  const lossAndGradients = jax.valueAndGrad(lossOf);
  return jax.jit((w, m, v, rate, correction, ...batch) => {
    const again = Object.fromEntries(names.map((name) => [name, w[name].ref]));
    const [loss, g] = lossAndGradients(again, ...batch);
    const [w2, m2, v2] = [{}, {}, {}];
    for (const name of names) {
      m2[name] = m[name].mul(0.9).add(g[name].ref.mul(0.1));
      v2[name] = v[name].mul(0.999).add(np.square(g[name]).mul(0.001));
      const root = np.sqrt(v2[name].ref.mul(correction.ref)).add(1e-7);
      w2[name] = w[name].sub(m2[name].ref.mul(rate.ref).div(root));
    }
    rate.dispose();
    correction.dispose();
    return [loss, w2, m2, v2];
  });
}

async function train() {
  const classes = new Float32Array(B * V);
  work.tensor('targets.pitch').forEach((pitch, row) => (classes[row * V + pitch] = 1));
  const times = ['step', 'duration'].map((name) => array(work.tensor(`targets.${name}`), [B, 1]));
  const batch = [array(work.tensor('features'), [T, B, I]), array(classes, [B, V]), ...times];
  const zeros = () => Object.fromEntries(names.map((name) => [name, np.zeros(work.shapeOf(name))]));
  const advance = trainingStep();
  let state = [weights, zeros(), zeros()];
  let steps = 0;
  const step = async () => {
    steps++;
    const rate = np.array(work.learningRate / (1 - 0.9 ** steps));
    const correction = np.array(1 / (1 - 0.999 ** steps));
    const [loss, ...next] = advance(...state, rate, correction, ...batch.map((tensor) => tensor.ref));
    state = next;
    await jax.blockUntilReady(state);
    return (await loss.data())[0];
  };
  await work.serve({ ...about, check: await work.firstLosses(step) }, step);
}

async function generate() {
  const claims = () => Object.fromEntries(names.map((name) => [name, weights[name].ref]));
  const lookAtWindow = jax.jit((w, input) => {
    const [h] = lstm(w, input, T);
    const outputs = applyHeads(w, h);
    disposeAll(w);
    return outputs;
  });
  const takeStep = jax.jit((w, input, state) => {
    const [h, after] = lstm(w, input, 1, state);
    const outputs = applyHeads(w, h);
    disposeAll(w);
    return [...outputs, ...after];
  });
  const window = work.firstSequence();
  const read = async (outputs) => Promise.all(outputs.map((output) => output.data()));
  const noteOf = ([logits, [step], [duration]]) => [
    work.samplePitch(logits) / 128,
    Math.max(0, step),
    Math.max(0, duration),
  ];
  const [logits, [step], [duration]] = await read(lookAtWindow(claims(), array(window.slice(), [T, 1, I])));
  let note = [0.5, 0.1, 0.1];
  let state = Array.from({ length: 2 * L }, () => np.zeros([1, H]));
  const ways = {
    window: async () => {
      const next = noteOf(await read(lookAtWindow(claims(), array(window.slice(), [T, 1, I]))));
      window.copyWithin(0, I);
      window.set(next, (T - 1) * I);
    },
    stateful: async () => {
      const result = takeStep(claims(), array(Float32Array.from(note), [1, 1, I]), state);
      state = result.slice(3);
      note = noteOf(await read(result.slice(0, 3)));
    },
  };
  await work.serve({ ...about, check: work.outputsOf(logits, step, duration) }, ways[work.task]);
}

try {
  await (work.task === 'train' ? train() : generate());
} catch (thrown) {
  work.giveUp(thrown.message);
}
