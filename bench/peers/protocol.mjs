// How a peer talks with run.ts: it says that it is ready and what it computed, and then measures whenever it is asked to, so
// that all peers can be measured in turns. One JSON object a line.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** What to do: `train`, `stateful` or `window`. */
export const task = process.env.PEER_TASK;
export const variant = process.env.PEER_VARIANT ?? '';
export const threads = Number(process.env.PEER_THREADS ?? 1);

/** The numbers of the workload: what stands where in workload.bin, which bench/peers/workload-file.ts writes. */
const folder = process.env.PEER_DATA;
const description = JSON.parse(readFileSync(`${folder}/workload.json`, 'utf8'));
export const { batchSize, seqLength, hiddenSize, layers, inputs, pitches, learningRate, lossSteps } = description;

const bytes = readFileSync(`${folder}/workload.bin`);
const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));

/** The names of all weights, in order. */
export const weightNames = Object.keys(description.tensors).filter((name) => /^(lstm|heads)\./.test(name));
export const shapeOf = (name) => description.tensors[name].shape;
/** A copy of the numbers of a tensor: a weight, `features` [T, B, 3], or a target `targets.pitch`, `.step`, `.duration` [B]. */
export function tensor(name) {
  const { shape, offset } = description.tensors[name];
  const size = shape.reduce((product, length) => product * length, 1);
  return numbers.slice(offset, offset + size);
}

/** The first sequence, [T, 3]. */
export function firstSequence() {
  const features = tensor('features');
  const rows = Array.from({ length: seqLength }, (_, t) =>
    features.slice(t * batchSize * inputs, t * batchSize * inputs + inputs),
  );
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

/** Trains as far as the last loss that is compared, and returns those losses. */
export async function firstLosses(step) {
  const losses = [];
  for (let at = 1; at <= lossSteps.at(-1); at++) {
    const loss = await step();
    if (lossSteps.includes(at)) losses.push(loss);
  }
  return losses;
}

/** Draws a pitch from logits, as TensorFlow's tutorial does. */
export function samplePitch(logits) {
  let largest = -Infinity;
  for (let j = 0; j < pitches; j++) largest = Math.max(largest, logits[j]);
  let sum = 0;
  const weights = new Float64Array(pitches);
  for (let j = 0; j < pitches; j++) sum += weights[j] = Math.exp(logits[j] - largest);
  let left = sum * Math.random();
  let pitch = 0;
  while (pitch < pitches - 1 && (left -= weights[pitch]) > 0) pitch++;
  return pitch;
}

/** The sum of the pitch logits, the step and the duration: what generation is checked by. */
export const outputsOf = (logits, step, duration) => [logits.reduce((sum, logit) => sum + logit, 0), step, duration];

/**
 * Says that the peer is ready, and measures `run` whenever it is asked to.
 *
 * @param about what is measured: name, version, and `check`, the losses or outputs that were computed
 * @param run one step or one note; may be asynchronous
 * @param parts how many runs make up the step, where one is a part of it
 */
export async function serve(about, run, parts = 1) {
  send({ ready: true, ...about });
  for await (const line of createInterface({ input: process.stdin })) send(await measure(run, JSON.parse(line), parts));
  process.exit(0);
}

/** Tells the runner why this peer cannot take part. */
export function giveUp(reason) {
  send({ ready: false, reason: String(reason) });
  process.exit(0);
}

const send = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** The median, and up to 101 marks that divide the samples evenly: what runs for long has more than need to be handed over. */
export function summary(times) {
  times.sort((a, b) => a - b);
  const kept = Math.min(times.length, 101);
  const marks = Array.from(
    { length: kept },
    (_, k) => times[Math.round((k * (times.length - 1)) / Math.max(1, kept - 1))],
  );
  return { ms: times[times.length >> 1], marks };
}

/** The times of a run in milliseconds; many quick ones count as one sample of a fifth of a millisecond. */
async function measure(run, { seconds, samples }, parts) {
  const times = [];
  const end = performance.now() + seconds * 1000;
  let each = 1;
  while (times.length < samples || performance.now() < end) {
    const begin = performance.now();
    for (let count = 0; count < each; count++) {
      const pending = run();
      if (pending instanceof Promise) await pending;
    }
    const ms = performance.now() - begin;
    if (ms < 0.1 && performance.now() < end) each *= 2;
    else times.push((ms / each) * parts);
  }
  return summary(times);
}
