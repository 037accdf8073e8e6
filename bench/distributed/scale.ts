// How many machines are worth it for one model: node scripts/bench.mjs distributed/scale --help
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parameterCount } from '../../src/nn/index.ts';
import { median } from '../../src/median.ts';
import { lineChart, type Series } from '../../src/plot/index.ts';
import { figure, formatTable } from '../../src/text/table.ts';
import { createWorkloadEngine } from '../engine.ts';
import { describeMachine } from '../machine.ts';
import { significant } from '../results.ts';
import { runMain } from '../run-main.ts';
import { createWorkload, REFERENCE } from '../workload.ts';
import { beWorkers, measureRoundTrips, withRedis, type RoundTrip } from './round-trips.ts';
import { roundSeconds, simulatedRoundSeconds, speedup, worthIt, type Cluster } from './scale-model.ts';

const HELP = `node scripts/bench.mjs distributed/scale [options]

Measures the training steps of three models on one thread, and rounds of 1 to 64 machines that compute nothing over a Redis that it starts; says from that,
on paper and by simulation, how many machines are worth it on two networks. Takes some minutes on a quiet machine.

  --inner-steps H   training steps of each machine in a round (default: 50)
  --rounds N        that are measured for each number of machines (default: 5)
  --most-mb N       leaves out rounds that move more than this (default: 1500)
  --out FILE        also write the figures as JSON
  --picture FILE    also draw the speed-up (SVG)`;

const options = {
  'inner-steps': { type: 'string', default: '50' },
  rounds: { type: 'string', default: '5' },
  'most-mb': { type: 'string', default: '1500' },
  out: { type: 'string' },
  picture: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** Units of the tutorial's network that come to about 0.2, 1 and 10 million parameters. */
const SIZES = [200, 470, 1550];
const MACHINES = [1, 2, 4, 8, 16, 32, 64];
const NETWORKS = [
  { name: '1 Gbit/s', linkBytesPerSecond: 125e6 },
  { name: '100 Mbit/s', linkBytesPerSecond: 12.5e6 },
];
/** Of a message in a local network. */
const MESSAGE_SECONDS = 0.0005;
const SIMULATED_ROUNDS = 50;
const STEP_SECONDS = 4;

interface Model {
  parameters: number;
  stepSeconds: number;
}

interface Verdict {
  network: string;
  parameters: number;
  innerSteps: number;
  worthIt: number;
  points: { machines: number; onPaper: number; simulated: number }[];
}

async function measureModel(hiddenSize: number): Promise<Model> {
  const workload = createWorkload({ ...REFERENCE, hiddenSize });
  const { engine, step } = await createWorkloadEngine(workload, { backend: 'simd', threads: 1 });
  try {
    const samples: number[] = [];
    await step();
    const began = performance.now();
    while (samples.length < 3 || performance.now() - began < 1000 * STEP_SECONDS) {
      const from = performance.now();
      await step();
      samples.push((performance.now() - from) / 1000);
    }
    return { parameters: parameterCount(workload.spec), stepSeconds: median(samples) };
  } finally {
    await engine.dispose();
  }
}

async function measureTrips(models: readonly Model[], rounds: number, mostBytes: number): Promise<RoundTrip[]> {
  const trips: RoundTrip[] = [];
  for (const { parameters } of models) {
    for (const machines of MACHINES) {
      if ((2 * machines + 1) * 4 * parameters > mostBytes) continue;
      const trip = await withRedis((url) => measureRoundTrips(url, machines, parameters, rounds));
      trips.push(trip);
      console.error(`${machines} machines, ${parameters} parameters: ${trip.seconds.toFixed(3)} s a round`);
    }
  }
  return trips;
}

/** What a second of a processor moves: of the largest rounds, where bytes are all that counts. */
function rates(trips: readonly RoundTrip[]): Pick<Cluster, 'redisBytesPerSecond' | 'averagingBytesPerSecond'> {
  const large = trips.filter(({ machines }) => machines >= 4);
  const inAndOut = ({ machines, parameters }: RoundTrip): number => (3 * machines + 1) * 4 * parameters;
  return {
    redisBytesPerSecond: median(large.map((trip) => inAndOut(trip) / trip.redisSeconds)),
    averagingBytesPerSecond: median(large.map((trip) => (trip.machines * 4 * trip.parameters) / trip.askerSeconds)),
  };
}

function judge(models: readonly Model[], innerSteps: number, measured: ReturnType<typeof rates>): Verdict[] {
  return NETWORKS.flatMap(({ name, linkBytesPerSecond }) =>
    models.map(({ parameters, stepSeconds }) => {
      const cluster: Cluster = {
        ...{ bytes: 4 * parameters, stepSeconds, innerSteps, linkBytesPerSecond, messageSeconds: MESSAGE_SECONDS },
        ...measured,
      };
      const points = MACHINES.map((machines) => {
        const simulated = simulatedRoundSeconds(cluster, machines, SIMULATED_ROUNDS, 1);
        return {
          machines,
          onPaper: speedup(cluster, machines, roundSeconds(cluster, machines)),
          simulated: speedup(cluster, machines, simulated),
        };
      });
      return { network: name, parameters, innerSteps, worthIt: worthIt(cluster), points };
    }),
  );
}

function draw(verdicts: readonly Verdict[]): string {
  const all: Series[] = verdicts.map(({ network, parameters, points }) => ({
    name: `${millions(parameters)}, ${network}`,
    points: points.map(({ machines, simulated }) => [Math.log2(machines), simulated] as const),
    dashed: network !== NETWORKS[0].name,
  }));
  const perfect: Series = { name: 'nothing to move', points: MACHINES.map((n) => [Math.log2(n), n] as const) };
  return lineChart({
    title: `One model on several machines, ${verdicts[0].innerSteps} inner steps`,
    xLabel: 'machines, as a power of 2',
    yLabel: 'speed-up over one machine',
    series: [...all, perfect],
    logY: true,
  });
}

function millions(parameters: number): string {
  return `${(parameters / 1e6).toFixed(parameters < 1e6 ? 1 : 0)} M parameters`;
}

function report(verdicts: readonly Verdict[]): string {
  const columns = ['network', 'parameters', 'worth it', ...MACHINES.map(String)].map((name) => figure(name));
  const rows = verdicts.map(({ network, parameters, worthIt: most, points }) => [
    network,
    millions(parameters),
    String(most),
    ...points.map(({ simulated }) => simulated.toFixed(1)),
  ]);
  return formatTable(columns, rows);
}

async function main(): Promise<void> {
  if (process.argv[2] === '--be-workers') return beWorkers(process.argv[3], Number(process.argv[4]), Number(process.argv[5]));
  const { values } = parseArgs({ options });
  if (values.help) return console.log(HELP);
  const models: Model[] = [];
  for (const size of SIZES) models.push(await measureModel(size));
  const trips = await measureTrips(models, Number(values.rounds), 1e6 * Number(values['most-mb']));
  const measured = rates(trips);
  const verdicts = [1, Number(values['inner-steps']), 250].flatMap((innerSteps) => judge(models, innerSteps, measured));
  console.log(report(verdicts.filter(({ innerSteps }) => innerSteps === Number(values['inner-steps']))));
  if (values.picture !== undefined) writeFileSync(values.picture, draw(verdicts.filter(({ innerSteps }) => innerSteps === Number(values['inner-steps']))));
  if (values.out === undefined) return;
  const result = { bench: 'scale', date: new Date().toISOString(), machine: describeMachine(), models, trips, ...measured, verdicts };
  writeFileSync(values.out, `${JSON.stringify(result, (_, value: unknown) => (typeof value === 'number' ? significant(value) : value), 1)}\n`);
} // prettier-ignore

await runMain(main);
