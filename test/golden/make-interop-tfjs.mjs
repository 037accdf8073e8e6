// Writes interop-tfjs/*, what TensorFlow.js saves of networks of several kinds, and interop-tfjs.json: what each says, in float32.
//
//     npm ci --ignore-scripts --prefix bench/peers        # TensorFlow.js 4.22 made the committed files
//     node test/golden/make-interop-tfjs.mjs [FOLDER SEED]
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [folder = fileURLToPath(new URL('interop-tfjs', import.meta.url)), seed = '11'] = process.argv.slice(2);
const BATCH = 2;
const STEPS = 5;

// Its greetings.
console.warn = () => undefined;
const tf = createRequire(new URL('../../bench/peers/package.json', import.meta.url))('@tensorflow/tfjs');
await tf.setBackend('cpu');

/** mulberry32: the same numbers everywhere. */
let state = Number(seed);
function uniform() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const number = () => Math.fround(2 * uniform() - 1);
const whole = (below) => Math.floor(below * uniform());
const list = (length, make) => Array.from({ length }, make);
const classes = (size) => list(BATCH, () => list(STEPS, () => whole(size)));
const numbers = (width) => list(BATCH, () => list(STEPS, () => list(width, number)));

const { layers } = tf;
const sigmoid = { recurrentActivation: 'sigmoid' };
const steps = { returnSequences: true };

function characters() {
  return tf.sequential({
    layers: [
      layers.embedding({ inputDim: 7, outputDim: 3, inputShape: [STEPS], name: 'letters' }),
      layers.lstm({ units: 4, ...steps, ...sigmoid }),
      layers.dropout({ rate: 0.2 }),
      layers.lstm({ units: 5, ...steps, ...sigmoid, unitForgetBias: true, implementation: 1 }),
      layers.dense({ units: 7, activation: 'softmax', name: 'next' }),
    ],
  });
}

function labels() {
  const gru = (more) =>
    layers.bidirectional({ layer: layers.gru({ units: 4, ...steps, ...sigmoid }), mergeMode: 'concat', ...more });
  return tf.sequential({
    layers: [
      gru({ inputShape: [null, 3] }),
      gru({}),
      layers.timeDistributed({ layer: layers.dense({ units: 5 }), name: 'label' }),
    ],
  });
}

function answers() {
  const both = layers.bidirectional({
    layer: layers.lstm({ units: 4, ...sigmoid }),
    mergeMode: 'concat',
    inputShape: [STEPS, 2],
  });
  return tf.sequential({
    layers: [both, layers.dense({ units: 2, name: 'answer' }), layers.activation({ activation: 'softmax' })],
  });
}

/** The network of TensorFlow's tutorial on music. */
function tutorial() {
  const input = tf.input({ shape: [STEPS, 3], name: 'notes' });
  const trunk = layers.lstm({ units: 6, ...sigmoid }).apply(input);
  const head = (name, units) => layers.dense({ units, name }).apply(trunk);
  return tf.model({ inputs: input, outputs: [head('pitch', 6), head('step', 1), head('duration', 1)] });
}

/** Numbers in front of embeddings, no biases, a relu layer, numbers between 0 and 1. */
function mixed() {
  const [tempo, pitch, bar] = [
    tf.input({ shape: [null, 2], name: 'tempo' }),
    tf.input({ shape: [null], dtype: 'int32', name: 'pitch' }),
    tf.input({ shape: [null], dtype: 'int32', name: 'bar' }),
  ];
  const rows = [
    layers.embedding({ inputDim: 6, outputDim: 3, name: 'pitches' }).apply(pitch),
    layers.embedding({ inputDim: 4, outputDim: 2, name: 'bars' }).apply(bar),
  ];
  const together = layers.concatenate().apply([tempo, ...rows]);
  const trunk = layers
    .dropout({ rate: 0.5 })
    .apply(layers.gru({ units: 5, ...steps, ...sigmoid, useBias: false }).apply(together));
  const wide = layers.dense({ units: 4, activation: 'relu', name: 'wide' }).apply(trunk);
  const chord = layers.dense({ units: 3, activation: 'softmax', name: 'chord' }).apply(wide);
  const pedals = layers.dense({ units: 2, activation: 'sigmoid', useBias: false, name: 'pedals' }).apply(trunk);
  return tf.model({ inputs: [bar, pitch, tempo], outputs: [chord, pedals] });
}

/** Embeddings that are added up. */
function added() {
  const inputs = [tf.input({ shape: [null], name: 'a' }), tf.input({ shape: [null], name: 'b' })];
  const rows = inputs.map((input, k) =>
    layers.embedding({ inputDim: 4 + k, outputDim: 3, name: `table${k}` }).apply(input),
  );
  const trunk = layers.simpleRNN({ units: 4, ...steps }).apply(layers.add().apply(rows));
  return tf.model({ inputs, outputs: layers.dense({ units: 3, name: 'numbers' }).apply(trunk) });
}

/** What a handler of `model.save` gets: weights from -1 to 1, and zeros of both signs in each. */
async function saved(model) {
  for (const layer of model.layers) {
    const weights = layer.getWeights().map(({ shape, size }) =>
      tf.tensor(
        list(size, (_, k) => (k === 0 ? -0 : number())),
        shape,
      ),
    );
    layer.setWeights(weights);
  }
  let found;
  await model.save(
    tf.io.withSaveHandler(
      async (artifacts) => ((found = artifacts), { modelArtifactsInfo: { dateSaved: new Date(0) } }),
    ),
  );
  const { weightData, ...rest } = found;
  return { ...rest, bytes: new Uint8Array(weightData) };
}

/** The same weights in fewer bytes, as Python's converter writes them, and the topology a level deeper. */
function quantised({ bytes, weightSpecs, modelTopology, ...rest }) {
  const values = new Float32Array(bytes.buffer);
  const kinds = ['float16', 'uint8', 'uint16'];
  let at = 0;
  const parts = [];
  const specs = weightSpecs.map((spec, k) => {
    const own = values.subarray(at, (at += spec.shape.reduce((a, b) => a * b, 1)));
    const dtype = kinds[k % 3];
    const name = spec.name.replace(/^(lstm[^/]*)\//, '$1/lstm_cell/');
    if (dtype === 'float16') {
      parts.push(...Array.from(own, toHalf).flatMap((half) => [half & 255, half >> 8]));
      return { ...spec, name, quantization: { dtype, original_dtype: 'float32' } };
    }
    const most = dtype === 'uint8' ? 255 : 65535;
    const min = Math.min(...own);
    const scale = (Math.max(...own) - min) / most;
    const codes = Array.from(own, (value) => Math.round((value - min) / scale));
    parts.push(...codes.flatMap((code) => (dtype === 'uint8' ? [code] : [code & 255, code >> 8])));
    return { ...spec, name, quantization: { dtype, min, scale, original_dtype: 'float32' } };
  });
  const { keras_version, backend, ...model_config } = modelTopology;
  return {
    ...rest,
    weightSpecs: specs,
    modelTopology: { keras_version, backend, model_config },
    bytes: Uint8Array.from(parts),
  };
}

/** A number below 1 as binary16, rounded towards zero. */
function toHalf(value) {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0];
  const exponent = ((bits >> 23) & 255) - 112;
  const fraction = (bits & 0x7fffff) | 0x800000;
  const rest = exponent > 0 ? (exponent << 10) | ((bits >> 13) & 1023) : fraction >> Math.min(24, 14 - exponent);
  return ((bits >> 16) & 0x8000) | rest;
}

const cases = [];
rmSync(folder, { recursive: true, force: true });
/**
 * Saves a network, loads it again, and asks it.
 * @param order which input of the network is which: the number of a category, or 'features'
 */
async function add(
  name,
  model,
  {
    shards = ['weights.bin'],
    order = ['features'],
    categories = [],
    features = null,
    activations,
    change = (made) => made,
  },
) {
  const { bytes, weightSpecs, ...json } = change(await saved(model));
  mkdirSync(join(folder, name), { recursive: true });
  const written = { ...json, weightsManifest: [{ paths: shards, weights: weightSpecs }] };
  writeFileSync(join(folder, name, 'model.json'), `${JSON.stringify(written)}\n`);
  const size = Math.ceil(bytes.length / shards.length);
  shards.forEach((shard, k) => writeFileSync(join(folder, name, shard), bytes.subarray(k * size, (k + 1) * size)));
  // As a page would load it.
  const loaded = await tf.loadLayersModel(
    tf.io.fromMemory({ ...written, weightSpecs, weightData: new Uint8Array(bytes).buffer }),
  );
  const tensors = order.map((which) =>
    which === 'features' ? tf.tensor3d(features) : tf.tensor2d(categories[which], undefined, 'int32'),
  );
  const outputs = [loaded.predict(tensors)].flat().map((tensor) => tensor.arraySync());
  cases.push({ name, categories, features, activations, outputs });
}

await add('characters', characters(), {
  shards: ['group1-shard1of2.bin', 'group1-shard2of2.bin'],
  order: [0],
  categories: [classes(7)],
  activations: ['softmax'],
});
await add('labels', labels(), { features: numbers(3), activations: ['linear'] });
await add('answers', answers(), { features: numbers(2), activations: ['softmax'] });
await add('tutorial', tutorial(), { features: numbers(3), activations: ['linear', 'linear', 'linear'] });
await add('mixed', mixed(), {
  order: [1, 0, 'features'],
  categories: [classes(6), classes(4)],
  features: numbers(2),
  activations: ['softmax', 'sigmoid'],
});
await add('added', added(), { order: [0, 1], categories: [classes(4), classes(5)], activations: ['linear'] });
await add('quantised', characters(), {
  order: [0],
  categories: [classes(7)],
  activations: ['softmax'],
  change: quantised,
});
writeFileSync(`${folder}.json`, `${JSON.stringify({ made_with: `TensorFlow.js ${tf.version.tfjs}`, cases })}\n`);
