import { describe, expect, it, onTestFinished } from 'vitest';
import { parseRedisAddress } from '../../../src/distributed/redis/address.ts';
import { openRedisMachines } from '../../../src/distributed/redis/rounds/machines.ts';
import type { RedisMachinesOptions } from '../../../src/distributed/redis/rounds/options.ts';
import type { Machines } from '../../../src/distributed/rounds/machines.ts';
import { noRedis, ownRedis } from '../../support/redis.ts';
import { prepared, worker, type Prepared } from './jobs.ts';
import { PARAMETERS, toyContribution, toyStep, toyTask } from './toy-machine.ts';

async function machines(url: string, { music, job }: Prepared, more: Partial<RedisMachinesOptions> = {}): Promise<Machines> {
  const opened = await openRedisMachines({
    ...{ address: parseRedisAddress(url), run: 'toy', preset: 'quick', settings: job('toy').settings, music },
    ...{ rounds: { machines: 2, innerSteps: 3, differences: 'float32' }, patienceSeconds: 30 },
    ...more,
  });
  onTestFinished(() => opened.close());
  return opened;
}

describe.skipIf(noRedis)('rounds by machines behind a Redis', () => {
  it('come back as each machine computes them, in order', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const all = await machines(redis.url, music);
    const workers = ['one', 'two'].map((name) => worker(redis.url, { name }));
    let weights: Float32Array = Float32Array.from({ length: PARAMETERS }, (_, i) => Math.sin(i));
    for (let round = 1; round <= 5; round++) {
      const task = toyTask(round, weights);
      const t = performance.now();
      const outcome = await all.compute(task);
      console.log(round, performance.now() - t, outcome.waitedSeconds);
      expect(outcome.contributions).toEqual([0, 1].map((k) => toyContribution(task, k, 2)));
      weights = toyStep(weights, outcome.contributions);
    }
    await all.close();
    for (const { events } of workers) await expect.poll(() => events.at(-1)).toMatchObject({ event: 'done', round: 5 });
  });
});
