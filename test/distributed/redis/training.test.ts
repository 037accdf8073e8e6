import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LogFile } from '../../../src/cli/log-file.ts';
import type { JobProgress } from '../../../src/distributed/coordinator.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { noRedis, ownRedis } from '../../support/redis.ts';
import { coordinator, prepared, trainedAlone, worker } from './jobs.ts';

/** What of a run folder does not depend on the clock. */
function essence(folder: string) {
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  const config = JSON.parse(String(read('config.json'))) as Record<string, unknown>;
  const log = new LogFile(join(folder, 'log.jsonl')).read().map(({ seconds: _, time: __, ...rest }) => rest);
  return { best: read('best.safetensors'), last: read('last.safetensors'), config, log };
}

describe.skipIf(noRedis)('training on other machines by way of Redis', () => {
  it('leaves the bytes of a run of etude train, in all its files', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const alone = await trainedAlone(music, '--epochs', '3');
    const away = await coordinator(redis.url, music);
    const { events } = worker(redis.url);
    const progress: JobProgress[] = [];
    const result = await away.train(music.job('a'), music.folder('a'), { onProgress: (each) => progress.push(each) });
    expect(result).toMatchObject({ machine: 'one', ended: 'completed', step: 12 });
    expect(result.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(essence(music.folder('a'))).toEqual(essence(alone));
    expect(events.map(({ event }) => event).filter((event) => event !== 'saved')).toEqual(['ready', 'job', 'done']);
    expect(events[1]).toMatchObject({ run: 'a', from: 0, music: 'redis' });
  });

  it('goes on from the checkpoint of the folder, to a step and on to the end', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const alone = await trainedAlone(music, '--epochs', '3');
    const away = await coordinator(redis.url, music);
    const { events } = worker(redis.url);
    const folder = music.folder('b');
    expect(await away.train(music.job('b', { until: 6 }), folder, {})).toMatchObject({ ended: 'steps', step: 6 });
    expect(await away.train(music.job('b'), folder, {})).toMatchObject({ ended: 'completed', step: 12 });
    const [{ best, last }, expected] = [essence(folder), essence(alone)];
    expect([last.equals(expected.last), best.equals(expected.best)]).toEqual([true, true]);
    expect(events.filter(({ event }) => event === 'job')).toMatchObject([{ from: 0, music: 'redis' }, { from: 6, music: 'memory' }]); // prettier-ignore
  });

  it('shares jobs between workers, each with the bytes of its own settings', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const away = await coordinator(redis.url, music);
    const workers = ['one', 'two'].map((name) => worker(redis.url, { name }));
    await Promise.all(workers.map(({ events }) => expect.poll(() => events.length).toBe(1)));
    expect([await away.atOnce(), await away.machines()]).toEqual([2, [{ name: 'one' }, { name: 'two' }]]);
    const seeds = [1, 2, 3, 4];
    await Promise.all(
      seeds.map((seed) => away.train(music.job(`s${seed}`, {}, { seed }), music.folder(`s${seed}`), {})),
    );
    for (const seed of seeds) {
      const alone = await trainedAlone(music, '--epochs', '3', '--seed', String(seed));
      expect(essence(music.folder(`s${seed}`)).last.equals(essence(alone).last)).toBe(true);
    }
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
