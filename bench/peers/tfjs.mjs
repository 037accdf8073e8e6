// TensorFlow.js on its wasm backend: `layers` is tf.layers.lstm, the way of Keras; `core` the same model from core operations,
// with optimizer.minimize.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as work from './protocol.mjs';

const { batchSize: B, seqLength: T, hiddenSize: H, layers: L, inputs: I, pitches: V } = work;
// Its greetings would stand among the answers.
console.log = console.warn = () => undefined;
const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
wasm.setThreadsCount(1);
// It goes on with another backend without a word: never time that under this one's name.
const found = await tf.setBackend('wasm');
await tf.ready();
if (!found || tf.getBackend() !== 'wasm') work.giveUp(`TensorFlow.js fell back to ${tf.getBackend()}`);
const about = { name: `TensorFlow.js wasm, ${work.variant}`, version: tf.version.tfjs };

const weights = Object.fromEntries(
  work.weightNames.map((name) => [name, tf.variable(tf.tensor(work.tensor(name), work.shapeOf(name)))]),
);

/** The output of the last layer after `steps` steps of `batch` sequences, from [steps * batch, I]; `state` is carried. */
function lstm(input, steps, batch, state) {
  let sequence = input;
  let h;
  for (let layer = 0; layer < L; layer++) {
    const kernel = weights[`lstm.${layer}.kernel`];
    const recurrent = weights[`lstm.${layer}.recurrent_kernel`];
    const projected = tf.split(tf.add(tf.matMul(sequence, kernel), weights[`lstm.${layer}.bias`]), steps, 0);
    const outputs = [];
    let c;
    [h, c] = state?.[layer] ?? [];
    for (const fromInput of projected) {
      const z = h ? tf.add(fromInput, tf.matMul(h, recurrent)) : fromInput;
      const [i, f, g, o] = tf.split(z, 4, 1);
      const taken = tf.mul(tf.sigmoid(i), tf.tanh(g));
      c = c ? tf.add(tf.mul(tf.sigmoid(f), c), taken) : taken;
      h = tf.mul(tf.sigmoid(o), tf.tanh(c));
      outputs.push(h);
    }
    if (state) state[layer] = [h, c];
    if (layer < L - 1) sequence = tf.concat(outputs, 0);
  }
  return h;
}

const applyHeads = (h) =>
  ['pitch', 'step', 'duration'].map((head) =>
    tf.add(tf.matMul(h, weights[`heads.${head}.kernel`]), weights[`heads.${head}.bias`]),
  );

/** The Keras-like model with the same weights. */
function layersModel() {
  const input = tf.input({ shape: [T, I] });
  let output = input;
  const made = [];
  for (let layer = 0; layer < L; layer++) {
    const lstmLayer = tf.layers.lstm({
      units: H,
      returnSequences: layer < L - 1,
      recurrentActivation: 'sigmoid',
      implementation: 2,
    });
    made.push([lstmLayer, ['kernel', 'recurrent_kernel', 'bias'].map((part) => `lstm.${layer}.${part}`)]);
    output = lstmLayer.apply(output);
  }
  const outputs = ['pitch', 'step', 'duration'].map((name) => {
    const dense = tf.layers.dense({ units: name === 'pitch' ? V : 1, name });
    made.push([dense, [`heads.${name}.kernel`, `heads.${name}.bias`]]);
    return dense.apply(output);
  });
  const model = tf.model({ inputs: input, outputs });
  for (const [layer, names] of made) layer.setWeights(names.map((name) => weights[name]));
  return model;
}

const crossEntropy = (classes, logits) => tf.losses.softmaxCrossEntropy(classes, logits);
const withPressure = (wanted, p) => tf.mean(tf.add(tf.squaredDifference(wanted, p), tf.mul(10, tf.relu(tf.neg(p)))));

async function train() {
  const classes = tf.oneHot(tf.tensor1d(Int32Array.from(work.tensor('targets.pitch')), 'int32'), V).toFloat();
  const times = ['step', 'duration'].map((name) => tf.tensor2d(work.tensor(`targets.${name}`), [B, 1]));
  const optimizer = tf.train.adam(work.learningRate, 0.9, 0.999, 1e-7);
  const input = tf.tensor2d(work.tensor('features'), [T * B, I]);
  let step;
  if (work.variant === 'layers') {
    const model = layersModel();
    const losses = [(y, p) => tf.mul(0.05, crossEntropy(y, p)), withPressure, withPressure];
    model.compile({ optimizer, loss: losses });
    const batch = tf.transpose(input.reshape([T, B, I]), [1, 0, 2]);
    step = async () => [await model.trainOnBatch(batch, [classes, ...times])].flat()[0];
  } else {
    const loss = () => {
      const [pitch, ...others] = applyHeads(lstm(input, T, B));
      const parts = [tf.mul(0.05, crossEntropy(classes, pitch)), ...others.map((p, k) => withPressure(times[k], p))];
      return tf.addN(parts.map((part) => part.asScalar()));
    };
    step = async () => {
      const cost = tf.tidy(() => optimizer.minimize(loss, true));
      const [value] = await cost.data();
      cost.dispose();
      return value;
    };
  }
  await work.serve({ ...about, check: await work.firstLosses(step) }, step);
}

const drawNote = ([logits, step, duration]) => {
  const [pitch] = tf.multinomial(logits, 1).dataSync();
  return tf.concat([tf.tensor2d([[pitch / 128]]), tf.relu(step), tf.relu(duration)], 1);
};

async function generate() {
  const model = work.variant === 'layers' ? layersModel() : undefined;
  let window = tf.tensor2d(work.firstSequence(), [T, I]);
  const look = () => (model ? model.predict(window.reshape([1, T, I])) : applyHeads(lstm(window, T, 1)));
  const check = work.outputsOf(
    ...tf.tidy(look).map((output, k) => (k === 0 ? output.dataSync() : output.dataSync()[0])),
  );
  let note = tf.tensor2d([[0.5, 0.1, 0.1]]);
  let state = Array.from({ length: L }, () => [tf.zeros([1, H]), tf.zeros([1, H])]);
  const ways = {
    window: async () => {
      const next = tf.tidy(() => tf.concat([tf.slice(window, [1, 0], [T - 1, I]), drawNote(look())], 0));
      window.dispose();
      window = next;
      await window.data();
    },
    stateful: async () => {
      const old = [note, ...state.flat()];
      const [next, ...after] = tf.tidy(() => {
        const carried = state.map((layer) => [...layer]);
        return [drawNote(applyHeads(lstm(note, 1, 1, carried))), ...carried.flat()];
      });
      for (const tensor of old) tensor.dispose();
      note = next;
      state = Array.from({ length: L }, (_, layer) => after.slice(2 * layer, 2 * layer + 2));
      await note.data();
    },
  };
  await work.serve({ ...about, check }, ways[work.task]);
}

try {
  await (work.task === 'train' ? train() : generate());
} catch (thrown) {
  work.giveUp(thrown.message);
}
