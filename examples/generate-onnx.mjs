/**
 * Goes on with a piece in onnxruntime: a model of the preset performance as ONNX, with the codec in its metadata. One run over the whole primer
 * says how well the model knows it. Then come new notes: their heads are asked one after the other, each told the classes drawn before it.
 *
 *     npx etude train data/songbook --preset performance --hidden-size 64 --embedding 32 --head-hidden 32 --max-steps 800 --no-sample --out runs/played
 *     npx etude export runs/played --to onnx --out runs/played.onnx
 *     node examples/generate-onnx.mjs runs/played.onnx runs/played.mid
 *
 * It prints: the notes of the primer cost 5.89 nats each. 120 new notes, and 481 runs in all.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-web';
import { onnxMetadata } from 'etude-lstm/interop';
import { Codec, tableToNotes, writeMidi } from 'etude-lstm/midi';
import { tableOfEvents } from 'etude-lstm/music';

const [file, out, count = '120', temperature = '0.9'] = process.argv.slice(2);
const bytes = readFileSync(file);
const metadata = onnxMetadata(bytes);
const codec = new Codec(JSON.parse(metadata.codec));
const primer = JSON.parse(metadata.primer).notes;
const session = await InferenceSession.create(bytes);

/** Reads notes, told what the heads should have said of those that follow: a row of classes for each note. */
async function run(events, following, states) {
  const rows = events.map((event) => {
    const row = new Int32Array(codec.inputs.categories.length);
    codec.encodeNote(event, row, new Float32Array(0));
    return row;
  });
  const column = (from, k) =>
    new Tensor(
      'int64',
      BigInt64Array.from(from, (row) => BigInt(row[k])),
      [from.length, 1],
    );
  const inputs = codec.inputs.categories.map(({ name }, k) => [`inputs.${name}`, column(rows, k)]);
  const drawn = codec.heads.map(({ name }, k) => [`drawn.${name}`, column(following, k)]);
  const feeds = [...inputs, ...drawn, ...states].filter(([name]) => session.inputNames.includes(name));
  return session.run(Object.fromEntries(feeds));
}

/** The probabilities of the classes of a head at one step. */
function distribution({ name, size }, said, step = 0, temperature = 1) {
  const weights = Array.from(said[`heads.${name}`].data.subarray(step * size, (step + 1) * size), (logit) => Math.exp(logit / temperature)); // prettier-ignore
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

const states = session.inputMetadata.filter(({ name }) => /[hc]0$/.test(name));
const zeros = states.map(({ name, shape }) => [name, new Tensor('float32', new Float32Array(shape[2]), [1, 1, shape[2]])]); // prettier-ignore
const after = (said) => states.map(({ name }) => [name, said[name.replace(/0$/, '1')]]);

const right = primer.slice(1).map((event) => {
  const row = new Float64Array(codec.heads.length);
  codec.valuesOf(event, row);
  return row;
});
let said = await run(primer.slice(0, -1), right, zeros);
const nats = codec.heads.flatMap((head, k) =>
  right.map((row, step) => -Math.log(distribution(head, said, step)[row[k]])),
);
console.log(`The notes of the primer cost ${(nats.reduce((a, b) => a + b) / right.length).toFixed(2)} nats each.`);

const events = [];
let runs = 1;
while (events.length < Number(count)) {
  const before = after(said);
  const drawn = codec.heads.map(() => 0);
  for (const [k, head] of codec.heads.entries()) {
    said = await run([events.at(-1) ?? primer.at(-1)], [drawn], before);
    runs++;
    let left = Math.random();
    drawn[k] = Math.max(0, distribution(head, said, 0, Number(temperature)).findIndex((share) => (left -= share) < 0)); // prettier-ignore
  }
  events.push(codec.decodeNote(Object.fromEntries(codec.heads.map(({ name }, k) => [name, drawn[k]]))));
}
const notes = tableToNotes(tableOfEvents(events));
writeFileSync(out, writeMidi([{ program: 0, isDrum: false, name: '', notes }]));
console.log(`${notes.length} new notes, and ${runs} runs in all.`);
