/**
 * How far each recurrent cell remembers, on two classic tasks: to say two symbols a while after they were read (the copy
 * task), and to say the sum of two marked numbers of a long sequence (the adding task). Hochreiter and Schmidhuber, Long
 * Short-Term Memory, 1997; in this form Arjovsky et al., Unitary Evolution Recurrent Neural Networks, 2016.
 * With 16 units, 1000 training steps and the median of three seeds, half of what there is to learn or more is learned
 *
 *     copying up to a span of: LSTM 20, LSTM (peepholes) 20, LSTM (layer norm) 40, GRU 20, GRU (reset before) 20, RNN 80
 *     adding up to a span of: LSTM 40, LSTM (peepholes) 40, LSTM (layer norm) 160, GRU 160, GRU (reset before) 160, RNN 20
 *
 * where 80 and 160 are the longest that are tried. One of the seeds fails where the LSTM copies over 20, and the RNN over 40
 * and 80 or adds over 20. It takes about two minutes. The pictures go to a new folder, or to one that is given;
 * `--steps` trains for longer.
 *
 *     npm run example:remember -- --out runs/remember
 */
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ADAM_DEFAULTS, CELL_KINDS, CELLS, createEngine, evaluateDataset, SequenceDataset, Trainer, UsageError, type Asked, type CellKind, type ModelSpec, type Sequence } from 'etude-lstm/nn'; // prettier-ignore
import { Random } from 'etude-lstm/tensor';
import { median } from '../src/median.ts';
import { lineChart } from '../src/plot/index.ts';

const { values: options } = parseArgs({ options: { out: { type: 'string' }, steps: { type: 'string', default: '1000' } } }); // prettier-ignore
const STEPS = Number(options.steps);
if (!(Number.isInteger(STEPS) && STEPS >= 1)) throw new UsageError(`--steps: expected a whole number of at least 1, got "${options.steps}".`); // prettier-ignore
const SEEDS = [1, 2, 3];
const BATCH = 32;
const TESTED = 512;
const SYMBOLS = 4;
const COPIED = 2;

interface Task {
  name: string;
  /** How many steps lie between what is read and what is said of it: all of them when copying, up to so many when adding. */
  spans: number[];
  asked: Asked;
  inputs: ModelSpec['inputs'];
  head: ModelSpec['heads'][number];
  /** The loss of who has read nothing and knows the task. */
  nothing: number;
  sequence(span: number, random: Random): Sequence;
}

const copying: Task = {
  name: 'copying',
  spans: [10, 20, 40, 80],
  asked: 'steps',
  // The symbols, one that says nothing, and one that asks.
  inputs: { categories: [{ name: 'symbol', size: SYMBOLS + 2 }], features: [] },
  head: { name: 'said', kind: 'categorical', size: SYMBOLS, lossWeight: 1 },
  nothing: Math.log(SYMBOLS),
  sequence(span, random) {
    const length = span + COPIED;
    const symbol = new Int32Array(length).fill(SYMBOLS);
    const said = new Int32Array(length).fill(-1);
    for (let k = 0; k < COPIED; k++) {
      symbol[k] = random.integer(SYMBOLS);
      symbol[span + k] = SYMBOLS + 1;
      said[span + k] = symbol[k];
    }
    return { length, categories: [symbol], features: [], targets: { said } };
  },
};

const adding: Task = {
  name: 'adding',
  spans: [20, 40, 80, 160],
  asked: 'ends',
  inputs: { categories: [], features: ['number', 'mark'] },
  head: { name: 'said', kind: 'scalar', lossWeight: 1, positivePressure: 0 },
  // The variance of the sum of two numbers that are uniform from 0 to 1.
  nothing: 1 / 6,
  sequence(span, random) {
    const features = Float32Array.from({ length: 2 * span }, (_, k) => (k % 2 === 0 ? random.uniform() : 0));
    // One marked number in each half.
    const half = span / 2;
    const marked = [random.integer(half), half + random.integer(half)];
    for (const t of marked) features[2 * t + 1] = 1;
    const said = [features[2 * marked[0]] + features[2 * marked[1]]];
    return { length: span, categories: [], features, targets: { said } };
  },
};

/** Trains a network from nothing, each sequence being seen once; its loss on others, as a part of that of knowing nothing. */
async function lossLeft(
  task: Task,
  cell: CellKind,
  seed: number,
  train: Sequence[],
  test: Sequence[],
): Promise<number> {
  const spec: ModelSpec = {
    inputs: task.inputs,
    lstm: { layers: 1, hiddenSize: 16, dropout: 0, cell },
    heads: [task.head],
    lossOn: 'all',
    evaluateOn: 'all',
  };
  const tested = new SequenceDataset(spec, test, task.asked);
  const engine = await createEngine(spec, {
    backend: 'simd',
    brief: true,
    threads: 1,
    optimizer: { ...ADAM_DEFAULTS, clipNorm: 1 },
    batchSize: BATCH,
    steps: tested.steps,
    init: Random.stream(seed, 'init'),
    dropout: Random.stream(seed, 'dropout'),
  });
  const trainer = new Trainer(
    engine,
    { train: new SequenceDataset(spec, train, task.asked) },
    {
      batchSize: BATCH,
      epochs: 1,
      stepsPerEpoch: null,
      learningRate: 0.01,
      schedule: { kind: 'cosine', final: 0.05 },
      patience: null,
      seed,
      validationWindows: 1000,
      checkpointEvery: null,
      maxSteps: null,
    },
  );
  await trainer.run();
  const [loss] = await evaluateDataset(engine, tested);
  await engine.dispose();
  return loss / task.nothing;
}

const percent = (part: number): string => `${Number((100 * part).toPrecision(2))} %`;
const titles = CELL_KINDS.map((cell) => CELLS[cell].title);

/** A table that grows line by line; the median of each span, one for each cell. */
async function measure(task: Task): Promise<number[][]> {
  console.log(`${task.name}: loss as a part of that of knowing nothing, median of ${SEEDS.length} seeds\n`);
  console.log(['span', ...titles].map((word) => word.padStart(6)).join('   '));
  const medians: number[][] = [];
  const apart: string[] = [];
  for (const span of task.spans) {
    const left: number[][] = CELL_KINDS.map(() => []);
    for (const seed of SEEDS) {
      const random = Random.stream(seed, `${task.name} ${span}`);
      const [train, test] = [BATCH * STEPS, TESTED].map((length) => Array.from({ length }, () => task.sequence(span, random))); // prettier-ignore
      for (const [k, cell] of CELL_KINDS.entries()) left[k].push(await lossLeft(task, cell, seed, train, test));
    }
    medians.push(left.map(median));
    console.log([`${span}`.padStart(6), ...left.map((each, k) => percent(median(each)).padStart(Math.max(6, titles[k].length)))].join('   ')); // prettier-ignore
    left.forEach((each, k) => {
      if (Math.min(...each) < 0.5 && Math.max(...each) >= 0.5) apart.push(`${titles[k]} at ${span}: ${each.map(percent).join(', ')}`); // prettier-ignore
    });
  }
  // Behind a span that fails, none counts.
  const reach = titles.map((title, k) => {
    const failed = medians.findIndex((row) => row[k] >= 0.5);
    return `${title} ${task.spans[(failed < 0 ? medians.length : failed) - 1] ?? 'none'}`;
  });
  console.log(`\n${task.name} up to a span of: ${reach.join(', ')}`);
  console.log(`seeds that disagree: ${apart.join('; ') || 'none'}\n`);
  return medians;
}

const drawn = ({ name, spans }: Task, medians: number[][]): string =>
  lineChart({
    title: `What each cell has not learned of ${name}: 16 units, ${STEPS} training steps`,
    xLabel: 'span in steps',
    yLabel: 'loss, in % of that of knowing nothing',
    logY: true,
    series: [
      ...titles.map((title, k) => ({
        name: title,
        points: medians.map((row, s): [number, number] => [spans[s], 100 * row[k]]),
        dashed: title.includes('('),
      })),
      { name: 'knowing nothing', points: [spans[0], spans.at(-1)!].map((span): [number, number] => [span, 100]), dashed: true }, // prettier-ignore
    ],
  });

const folder = options.out ?? mkdtempSync(join(tmpdir(), 'remember-'));
const tasks = [copying, adding].map((task) => ({ task, file: join(folder, `remember-${task.name}.svg`) }));
for (const { file } of tasks) {
  if (existsSync(file)) throw new UsageError(`${file}: expected no file there, and there is one; give another folder, or take it away.`); // prettier-ignore
}
for (const { task, file } of tasks) {
  const picture = drawn(task, await measure(task));
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, picture, { flag: 'wx' });
  console.log(`drawn in ${file}\n`);
}
