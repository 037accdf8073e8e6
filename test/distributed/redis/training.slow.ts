import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { noRedis, ownRedis } from '../../support/redis.ts';
import { coordinatorSuite, essence } from '../coordinator-suite.ts';
import { coordinator, prepared, worker } from './jobs.ts';

describe.skipIf(noRedis)('training on other machines by way of Redis', () => {
  coordinatorSuite('at a Redis', async (music, machines) => {
    const redis = await ownRedis();
    const away = await coordinator(redis.url, music);
    for (let k = 1; k <= machines; k++) worker(redis.url, { name: `worker-${k}` });
    await expect.poll(() => away.atOnce()).toBe(machines);
    return away;
  });

  it('says what it does, and keeps music that it has', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const away = await coordinator(redis.url, music);
    const { events } = worker(redis.url);
    const folder = music.folder('b');
    await away.train(music.job('b', { until: 6 }), folder, {});
    await away.train(music.job('b'), folder, {});
    expect(events.map(({ event }) => event).filter((event) => event !== 'saved')).toEqual([
      'ready',
      'job',
      'done',
      'job',
      'done',
    ]);
    expect(events.filter(({ event }) => event === 'job')).toMatchObject([{ run: 'b', from: 0, music: 'redis' }, { from: 6, music: 'memory' }]); // prettier-ignore
  });

  it('finds music in a shared folder where it is the same, in the cache where it is sound, and else in Redis', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const away = await coordinator(redis.url, music);
    const cacheDir = temporaryFolder();
    const other = await prepared({ pieces: 2 });
    const found: unknown[] = [];
    const warnings: string[] = [];
    const trainWith = async (run: string, more: Parameters<typeof worker>[1]): Promise<void> => {
      const { events, ended } = worker(redis.url, { once: true, ...more });
      await away.train(music.job(run), music.folder(run), {});
      await ended;
      for (const event of events) {
        if (event.event === 'job') found.push(event.music);
        if (event.event === 'warning') warnings.push(event.message);
      }
    };
    await trainWith('m1', { musicFolder: music.musicFolder, cacheDir });
    await trainWith('m2', { musicFolder: other.musicFolder, cacheDir });
    await trainWith('m3', { musicFolder: join(other.base, 'nothing'), cacheDir });
    const kept = join(cacheDir, 'corpora', `${music.music.digest}.corpus`);
    expect(readFileSync(kept).equals(music.music.bytes)).toBe(true);
    truncateSync(kept, 1000);
    await trainWith('m4', { cacheDir });
    expect(found).toEqual(['folder', 'redis', 'cache', 'redis']);
    expect(readFileSync(kept).equals(music.music.bytes)).toBe(true);
    expect(warnings).toEqual([
      expect.stringContaining('this is not the music of the job; it is fetched from Redis'),
      expect.stringContaining('does not exist'),
    ]);
    for (const run of ['m2', 'm3', 'm4']) expect(essence(music.folder(run))).toEqual(essence(music.folder('m1')));
  });
});
