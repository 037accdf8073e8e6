import { afterAll, beforeAll, describe } from 'vitest';
import { ownBuild, type Build } from '../../../src/distributed/build.ts';
import { musicAtHand } from '../../../src/distributed/music-at-hand.ts';
import { openMachineHere } from '../../../src/distributed/redis/rounds/machine-here.ts';
import { noRedis, TestRedis } from '../../support/redis.ts';
import { machinesSuite } from '../rounds/suite.ts';
import { worker } from './jobs.ts';
import { machinesAt } from './rounds-machines.ts';

describe.skipIf(noRedis)('over Redis', () => {
  let redis: TestRedis;
  let build: Build;
  let opened = 0;
  beforeAll(async () => {
    [redis, build] = await Promise.all([TestRedis.start(), ownBuild()]);
  });
  afterAll(() => redis.stop());

  machinesSuite('workers at a Redis', ({ settings, preset, corpus, sources, data }, rounds) => {
    const prefix = `run-${++opened}`;
    for (let k = 0; k < rounds.machines; k++) {
      worker(redis.url, { name: `worker-${k}`, prefix, build, openMachine: openMachineHere });
    }
    const music = musicAtHand(corpus, sources);
    return machinesAt(
      redis.url,
      { music, job: () => ({ settings }) as never },
      { prefix, preset, rounds, build, heads: data.spec.heads.length },
    );
  });
});
