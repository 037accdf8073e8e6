// What local SGD costs in loss: one model, the same training music, the same number of training steps, by one machine and by several in rounds, all
// of them computed here. node scripts/bench.mjs distributed/local-sgd --help
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { InProcessMachines } from '../../src/distributed/rounds/in-process.ts';
import { openRoundsEngine } from '../../src/distributed/rounds/open.ts';
import { ROUND_DEFAULTS, parseRoundSettings, type RoundSettings } from '../../src/distributed/rounds/settings.ts';
import { UsageError } from '../../src/errors.ts';
import { loadCorpus } from '../../src/midi/node.ts';
import { createTrainingRun, leastNotes, prepareData, resolveSettings, type PreparedData, type Settings } from '../../src/music/index.ts'; // prettier-ignore
import { formatTable } from '../../src/text/table.ts';
import { describeMachine } from '../machine.ts';
import { significant } from '../results.ts';
import { runMain } from '../run-main.ts';

const HELP = `node scripts/bench.mjs distributed/local-sgd [options]

Trains a small model with one machine, and in rounds with several, with as many training steps in all; and with one machine that takes only the
steps which each of several does, one after the other: what is reached in the same time without the others.

  --music FOLDER      default: data/songbook
  --preset NAME       default: songbook
  --files N           the first N training files
  --steps N           training steps of each run, all machines together (default: 10000)
  --machines LIST     default: 2,4
  --inner-steps LIST  default: 1,10,50,250
  --outer LIST        outer steps as RATE:MOMENTUM (default: that of etude train)
  --differences KIND  default: float32
  --learning-rate X   of the training steps (default: that of the preset)
  --seeds LIST        of each run (default: 42)
  --out FILE          also write the figures as JSON`;

/** Small enough for a run to take some 20 seconds. */
const SMALL: Partial<Settings> = { hiddenSize: 64, seqLength: 24, batchSize: 16, epochs: null, patience: null };

const { values } = parseArgs({
  options: {
    music: { type: 'string', default: 'data/songbook' },
    preset: { type: 'string', default: 'songbook' },
    files: { type: 'string' },
    steps: { type: 'string', default: '10000' },
    machines: { type: 'string', default: '2,4' },
    'inner-steps': { type: 'string', default: '1,10,50,250' },
    outer: { type: 'string', default: `${ROUND_DEFAULTS.outerLearningRate}:${ROUND_DEFAULTS.outerMomentum}` },
    differences: { type: 'string', default: 'float32' },
    'learning-rate': { type: 'string' },
    seeds: { type: 'string', default: '42' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** What a run came to: of one machine where it has no rounds. */
interface Run {
  seed: number;
  rounds: RoundSettings | null;
  /** Mean validation loss in nats a note: of the best epoch, and of the last; and the training loss of the last. */
  best: number;
  last: number;
  training: number;
  /** Training steps of each machine, one after the other, and rounds. */
  serialSteps: number;
  roundCount: number;
  sentBytes: number;
  receivedBytes: number;
  seconds: number;
}

const listOf = (text: string): number[] => text.split(',').map(Number);

/** The rounds that are asked for: with one inner step there is no outer step, and one run says all. */
function* asked(): Generator<RoundSettings> {
  for (const machines of listOf(values.machines)) {
    for (const innerSteps of listOf(values['inner-steps'])) {
      for (const outer of innerSteps === 1 ? values.outer.split(',').slice(0, 1) : values.outer.split(',')) {
        const [outerLearningRate, outerMomentum] = outer.split(':').map(Number);
        yield parseRoundSettings({ machines, innerSteps, outerLearningRate, outerMomentum, differences: values.differences }); // prettier-ignore
      }
    }
  }
}

async function train(data: PreparedData, settings: Settings, rounds: RoundSettings | null): Promise<Run> {
  const sums = { roundCount: 0, sentBytes: 0, receivedBytes: 0 };
  const began = performance.now();
  const { engine, trainer } = await createTrainingRun(data, settings, values.preset, { backend: 'auto', threads: 1 }, {}, {
    makeEngine: rounds
      ? async (spec, options) => {
          const machines = await InProcessMachines.open(data, settings, rounds);
          const onRound = ({ sentBytes, receivedBytes }: { sentBytes: number; receivedBytes: number }): void => {
            sums.roundCount++;
            sums.sentBytes += sentBytes;
            sums.receivedBytes += receivedBytes;
          };
          return openRoundsEngine(spec, options, { machines, rounds, onRound });
        }
      : undefined,
  }); // prettier-ignore
  try {
    const { history, best, step } = await trainer.run();
    const seconds = (performance.now() - began) / 1000;
    const serialSteps = step / (rounds?.machines ?? 1);
    const { validation, loss } = history.at(-1)!;
    return { seed: settings.seed, rounds, best: best!.loss, last: validation!.loss, training: loss, serialSteps, ...sums, seconds }; // prettier-ignore
  } finally {
    await engine.dispose();
  }
}

const describe = ({
  rounds,
  seed,
  best,
  last,
  training,
  roundCount,
  serialSteps,
  receivedBytes,
  seconds,
}: Run): string[] => [
  rounds ? String(rounds.machines) : '1',
  rounds ? String(rounds.innerSteps) : '',
  rounds && rounds.innerSteps > 1 ? `${rounds.outerLearningRate}, ${rounds.outerMomentum}` : '',
  String(seed),
  best.toFixed(4),
  last.toFixed(4),
  training.toFixed(4),
  String(serialSteps),
  String(roundCount),
  (receivedBytes / 1e6).toFixed(1),
  seconds.toFixed(0),
];

async function main(): Promise<void> {
  if (values.help) {
    console.log(HELP);
    return;
  }
  const steps = Number(values.steps);
  if (!(steps >= 1)) throw new UsageError('--steps: expected a number of steps.');
  const runs: Run[] = [];
  const { files, 'learning-rate': learningRate } = values;
  let settings = resolveSettings(values.preset, {
    ...SMALL,
    maxSteps: steps,
    ...(files !== undefined && { files: Number(files) }),
    ...(learningRate !== undefined && { learningRate: Number(learningRate) }),
  });
  const corpus = await loadCorpus([values.music], {
    files: settings.files ?? undefined,
    minNotes: leastNotes(settings),
  });
  for (const seed of listOf(values.seeds)) {
    settings = { ...settings, seed };
    const data = prepareData(corpus, settings);
    const kept = async (of: Promise<Run>): Promise<void> => {
      runs.push(await of);
      console.error(describe(runs.at(-1)!).join('  '));
    };
    for (const part of [1, ...listOf(values.machines)]) {
      await kept(train(data, { ...settings, maxSteps: Math.round(steps / part) }, null));
    }
    for (const rounds of asked()) await kept(train(data, settings, rounds));
  }
  const columns = [
    'machines',
    'inner steps',
    'outer step',
    'seed',
    'best nats',
    'last nats',
    'training',
    'steps each',
    'rounds',
    'MB received',
    's',
  ];
  console.log(formatTable(columns.map((title) => ({ title, align: 'right' })), runs.map(describe))); // prettier-ignore
  if (values.out === undefined) return;
  const { preset } = values;
  const music = basename(values.music);
  const result = {
    bench: 'local-sgd',
    date: new Date().toISOString(),
    machine: describeMachine(),
    music,
    preset,
    steps,
    settings,
    runs,
  };
  // Seconds say how busy the machine was, and go nowhere: losses are what is measured here.
  const kept = (key: string, value: unknown): unknown =>
    key === 'seconds' ? undefined : typeof value === 'number' ? significant(value) : value;
  const text = JSON.stringify(result, kept, 1);
  writeFileSync(values.out, `${text}\n`);
}

await runMain(main);
