import { readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parseRedisAddress } from '../../../src/distributed/redis/address.ts';
import { connectRedis } from '../../../src/distributed/redis/connect.ts';
import { useBuiltEtude } from '../../cli/build-etude.ts';
import { noRedis, ownRedis } from '../../support/redis.ts';
import { RoundsRun } from './rounds-run.ts';
import { startWorker } from './start-worker.ts';

const etude = useBuiltEtude();
const ROUNDS = 240;
/** Of memory as it wanders: of a process's, and of Redis'. Weights are 400 kB, so that what kept those of 100 rounds would be twice as much. */
const [PROCESS_MB, REDIS_MB] = [20, 2];
const missing = noRedis ?? (platform() === 'linux' ? undefined : 'memory is read from /proc');

/** The memory that a process has in use, in MB. */
function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1000;
}

describe.skipIf(missing)(`a long run on two machines${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  it(`takes no more memory after ${ROUNDS} rounds than after 50, here, at the machines and in Redis`, async () => {
    const redis = await ownRedis();
    const link = await connectRedis(parseRedisAddress(redis.url));
    // A pass over the music is 58 batches, and a round two.
    const run = new RoundsRun(
      etude,
      '--inner-steps',
      '1',
      '--steps-per-epoch',
      '58',
      '--epochs',
      String(Math.ceil(ROUNDS / 29)),
    );
    const workers = ['one', 'two'].map((name) => startWorker(etude, redis.url, name));
    const training = run.start(redis.url);
    const processes = [training, ...workers].map(({ child }) => child.pid!);
    const readings: { round: number; asker: number; one: number; two: number; redis: number; keys: number }[] = [];
    let ended = false;
    void training.ended.then(() => { ended = true; }); // prettier-ignore
    while (!ended) {
      try {
        const [asker, one, two] = processes.map(memoryOf);
        const used = Number(/used_memory:(\d+)/.exec(await link.client.info('memory'))![1]) / 1e6;
        const keys = await link.client.dbsize();
        readings.push({ round: run.rounds.at(-1)?.round ?? 0, asker, one, two, redis: used, keys });
      } catch {
        // It has just ended.
      }
      await sleep(50);
    }
    await run.expectEnd(training);
    link.close();
    expect(run.rounds.length).toBeGreaterThanOrEqual(ROUNDS - 10);
    // Memory wanders; the least of many readings does so the least.
    const least = (from: number, to: number) => {
      const some = readings.filter(({ round }) => round >= from && round < to);
      expect(some.length).toBeGreaterThan(5);
      const of = (what: keyof (typeof readings)[number]): number => Math.min(...some.map((reading) => reading[what]));
      return { asker: of('asker'), one: of('one'), two: of('two'), redis: of('redis'), keys: of('keys') };
    };
    const total = run.rounds.length;
    const [early, late] = [least(50, 120), least(total - 70, total)];
    for (const who of ['asker', 'one', 'two'] as const) expect(late[who], who).toBeLessThan(early[who] + PROCESS_MB);
    expect(late.redis).toBeLessThan(early.redis + REDIS_MB);
    expect(late.keys).toBeLessThanOrEqual(early.keys + 2);
  });
});
