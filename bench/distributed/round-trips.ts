import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownBuild } from '../../src/distributed/build.ts';
import { musicAtHand } from '../../src/distributed/music-at-hand.ts';
import { parseRedisAddress } from '../../src/distributed/redis/address.ts';
import { connectRedis } from '../../src/distributed/redis/connect.ts';
import { openRedisMachines } from '../../src/distributed/redis/rounds/machines.ts';
import { runRedisWorker } from '../../src/distributed/redis/worker.ts';
import type { Machines, RoundTask } from '../../src/distributed/rounds/machines.ts';
import { EtudeError } from '../../src/errors.ts';
import { median } from '../../src/median.ts';
import { loadCorpus } from '../../src/midi/node.ts';
import { resolveSettings } from '../../src/music/index.ts';

/** What rounds of machines that compute nothing cost: all that is left is moving weights and differences. */
export interface RoundTrip {
  machines: number;
  parameters: number;
  /** The median of the rounds, in seconds. */
  seconds: number;
  /** Bytes that went to Redis and came from there, of a round. */
  bytes: number;
  /** Processor time of a round, in seconds: of Redis, and of the process that asks and averages. */
  redisSeconds: number;
  askerSeconds: number;
}

/** A Redis of one's own, without anything on disk, while `use` runs. */
export async function withRedis<T>(use: (url: string) => Promise<T>): Promise<T> {
  const port = await freePort();
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const redis = spawn('redis-server', words, { stdio: 'ignore' });
  const failed = once(redis, 'error').then(() => { throw new EtudeError('redis-server does not start here: apt-get install redis-server'); }); // prettier-ignore
  try {
    await Promise.race([sleep(500), failed]);
    return await use(`redis://127.0.0.1:${port}`);
  } finally {
    failed.catch(() => undefined);
    redis.kill();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Measures rounds of so many machines, which stand in another process and answer at once. */
export async function measureRoundTrips(url: string, machines: number, parameters: number, rounds: number): Promise<RoundTrip> {
  const workers = fork(process.argv[1], ['--be-workers', url, String(machines), String(parameters)]);
  const corpus = await loadCorpus(['data/songbook/amazing-grace.mid']);
  const { digest, bytes } = musicAtHand(corpus, []);
  const asked = await openRedisMachines({
    ...{ address: parseRedisAddress(url), prefix: 'scale', run: `scale-${machines}-${parameters}`, preset: 'quick' },
    ...{ settings: resolveSettings('quick'), music: { digest, bytes } },
    ...{ rounds: { machines, innerSteps: 1, differences: 'float32' }, patienceSeconds: 600, heads: 1 },
  }); // prettier-ignore
  const link = await connectRedis(parseRedisAddress(url), { onLost: () => undefined, onBack: () => undefined });
  const redisCpu = async (): Promise<number> => cpuOf(await link.client.info('cpu'));
  try {
    const weights = Float32Array.from({ length: parameters }, (_, k) => Math.sin(k));
    // The first ones connect.
    for (let round = 1; round <= 2; round++) await asked.compute(taskOf(round, machines, weights));
    const [before, own] = [await redisCpu(), process.cpuUsage()];
    const seconds: number[] = [];
    let moved = 0;
    for (let round = 3; round < 3 + rounds; round++) {
      weights[0] = round;
      const began = performance.now();
      const { sentBytes, receivedBytes } = await asked.compute(taskOf(round, machines, weights));
      seconds.push((performance.now() - began) / 1000);
      moved += sentBytes + receivedBytes;
    }
    const { user, system } = process.cpuUsage(own);
    const [redisSeconds, askerSeconds] = [(await redisCpu()) - before, (user + system) / 1e6];
    return { machines, parameters, seconds: median(seconds), bytes: moved / rounds, redisSeconds: redisSeconds / rounds, askerSeconds: askerSeconds / rounds };
  } finally {
    link.close();
    await ended(asked, workers);
  }
} // prettier-ignore

async function ended(asked: Machines, workers: ChildProcess): Promise<void> {
  await asked.close();
  workers.kill();
  if (workers.exitCode === null && workers.signalCode === null) await once(workers, 'exit');
}

function taskOf(round: number, machines: number, weights: Float32Array): RoundTask {
  const learningRates = Array.from({ length: machines }, () => 0.001);
  return { round, step: round * machines, epoch: 0, shuffle: [1, 2, 3, 4], batch: 0, learningRates, weights };
}

function cpuOf(info: string): number {
  const of = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
  return of('used_cpu_user') + of('used_cpu_sys');
}

/** Is so many machines until it is killed. */
export async function beWorkers(url: string, machines: number, parameters: number): Promise<void> {
  const build = await ownBuild();
  const result = { losses: [0], loss: 0, gradientNorm: 1, clipped: false };
  const difference = Float32Array.from({ length: parameters }, (_, k) => 0.001 * Math.cos(k));
  await Promise.all(
    Array.from({ length: machines }, (_, k) =>
      runRedisWorker(
        {
          ...{ address: parseRedisAddress(url), prefix: 'scale', name: `machine-${k + 1}`, once: false, build },
          ...{ stalledSeconds: 600, checkpointSeconds: 600, signal: new AbortController().signal },
          onEvent: () => undefined,
        },
        {
          trainHere: () => Promise.reject(new EtudeError('only rounds are measured')),
          openMachine: ({ machine }) =>
            Promise.resolve({
              parameters,
              compute: () => Promise.resolve({ machine, difference, steps: [result], beganAnew: false }),
              close: () => Promise.resolve(),
            }),
        },
      ),
    ),
  );
}
