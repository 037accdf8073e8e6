// onnxruntime-node, which generates but does not train. The model (LSTM and three Gemm heads) is written here as the bytes of
// its protobuf messages; the numbers of the fields are those of onnx.proto3.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as work from './protocol.mjs';

const require = createRequire(import.meta.url);
const ort = require('onnxruntime-node');
const { version } = JSON.parse(readFileSync(require.resolve('onnxruntime-node/package.json'), 'utf8'));
const { seqLength: T, hiddenSize: H, layers: L, inputs: I, pitches: V } = work;
const FLOAT = 1;
const INT64 = 7;

function varint(value) {
  const bytes = [];
  for (let left = BigInt(value); ;) {
    const low = Number(left & 127n);
    left >>= 7n;
    bytes.push(left ? low | 128 : low);
    if (!left) return Buffer.from(bytes);
  }
}
const integer = (field, value) => Buffer.concat([varint(field << 3), varint(value)]);
const bytes = (field, content) => {
  const body = Buffer.from(content);
  return Buffer.concat([varint((field << 3) | 2), varint(body.length), body]);
};
const message = (field, ...parts) => bytes(field, Buffer.concat(parts));

const initializer = (name, shape, data, type = FLOAT) =>
  message(
    5,
    ...shape.map((length) => integer(1, length)),
    integer(2, type),
    bytes(8, name),
    bytes(9, Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  );
const integerAttribute = (name, value) => message(5, bytes(1, name), integer(3, value), integer(20, 2));
const node = (operator, inputs, outputs, ...attributes) =>
  message(
    1,
    ...inputs.map((name) => bytes(1, name)),
    ...outputs.map((name) => bytes(2, name)),
    bytes(4, operator),
    ...attributes,
  );
const INPUT = 11;
const OUTPUT = 12;
const value = (field, name, shape) => {
  const dimensions = shape.map((length) => message(1, integer(1, length)));
  return message(field, bytes(1, name), message(2, message(1, integer(1, FLOAT), message(2, ...dimensions))));
};

/** [rows, 4H] with the gates i f g o as [4H, rows] with the gates i o f g, which ONNX has. */
function reorderGates(weights, rows) {
  const out = new Float32Array(rows * 4 * H);
  [0, 3, 1, 2].forEach((from, gate) => {
    for (let j = 0; j < H; j++) {
      for (let row = 0; row < rows; row++) out[(gate * H + j) * rows + row] = weights[row * 4 * H + from * H + j];
    }
  });
  return out;
}

/** The model for `steps` steps of one sequence; with its state as inputs and outputs if `stateful`. */
function createModel(steps, stateful) {
  const graph = [];
  const inputs = [value(INPUT, 'x', [steps, 1, I])];
  const outputs = [];
  let from = 'x';
  for (let layer = 0; layer < L; layer++) {
    const width = layer ? H : I;
    const bias = new Float32Array(8 * H);
    bias.set(reorderGates(work.tensor(`lstm.${layer}.bias`), 1));
    const kernel = reorderGates(work.tensor(`lstm.${layer}.kernel`), width);
    const recurrent = reorderGates(work.tensor(`lstm.${layer}.recurrent_kernel`), H);
    graph.push(
      initializer(`W${layer}`, [1, 4 * H, width], kernel),
      initializer(`R${layer}`, [1, 4 * H, H], recurrent),
      initializer(`B${layer}`, [1, 8 * H], bias),
    );
    const state = stateful ? ['', `h${layer}`, `c${layer}`] : [];
    if (stateful) {
      inputs.push(value(INPUT, `h${layer}`, [1, 1, H]), value(INPUT, `c${layer}`, [1, 1, H]));
      outputs.push(value(OUTPUT, `H${layer}`, [1, 1, H]), value(OUTPUT, `C${layer}`, [1, 1, H]));
    }
    const names = [from, `W${layer}`, `R${layer}`, `B${layer}`, ...state];
    graph.push(node('LSTM', names, [`Y${layer}`, `H${layer}`, `C${layer}`], integerAttribute('hidden_size', H)));
    if (layer === L - 1) break;
    graph.push(node('Squeeze', [`Y${layer}`, 'axis1'], [`S${layer}`]));
    from = `S${layer}`;
  }
  if (L > 1) graph.push(initializer('axis1', [1], new BigInt64Array([1n]), INT64));
  graph.push(initializer('axis0', [1], new BigInt64Array([0n]), INT64));
  graph.push(node('Squeeze', [`H${L - 1}`, 'axis0'], ['top']));
  for (const [head, size] of [
    ['pitch', V],
    ['step', 1],
    ['duration', 1],
  ]) {
    graph.push(initializer(`w.${head}`, [H, size], work.tensor(`heads.${head}.kernel`)));
    graph.push(initializer(`b.${head}`, [size], work.tensor(`heads.${head}.bias`)));
    graph.push(node('Gemm', ['top', `w.${head}`, `b.${head}`], [head]));
    outputs.push(value(OUTPUT, head, [1, size]));
  }
  const [irVersion, opset] = [8, 14];
  return Buffer.concat([
    integer(1, irVersion),
    message(7, ...graph, bytes(2, 'lstm'), ...inputs, ...outputs),
    message(8, bytes(1, ''), integer(2, opset)),
  ]);
}

const options = { intraOpNumThreads: work.threads, interOpNumThreads: 1, graphOptimizationLevel: 'all' };
const float = (data, shape) => new ort.Tensor('float32', data, shape);
const noteOf = ({ pitch, step, duration }) => [
  work.samplePitch(pitch.data) / 128,
  Math.max(0, step.data[0]),
  Math.max(0, duration.data[0]),
];

const window = work.firstSequence();
const whole = await ort.InferenceSession.create(createModel(T, false), options);
const { pitch, step, duration } = await whole.run({ x: float(window, [T, 1, I]) });
const single = await ort.InferenceSession.create(createModel(1, true), options);
let feed = { x: float(window.slice(0, I), [1, 1, I]) };
for (let layer = 0; layer < L; layer++) {
  for (const part of ['h', 'c']) feed[part + layer] = float(new Float32Array(H), [1, 1, H]);
}
const ways = {
  window: async () => {
    const note = noteOf(await whole.run({ x: float(window, [T, 1, I]) }));
    window.copyWithin(0, I);
    window.set(note, (T - 1) * I);
  },
  stateful: async () => {
    const result = await single.run(feed);
    feed = { x: float(Float32Array.from(noteOf(result)), [1, 1, I]) };
    for (let layer = 0; layer < L; layer++) {
      feed[`h${layer}`] = result[`H${layer}`];
      feed[`c${layer}`] = result[`C${layer}`];
    }
  },
};
const check = work.outputsOf(pitch.data, step.data[0], duration.data[0]);
await work.serve({ name: 'onnxruntime-node', version, check }, ways[work.task]);
