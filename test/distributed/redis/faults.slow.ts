import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trainHere } from '../../../src/cli/train/train-here.ts';
import { readCheckpoint } from '../../../src/cli/run-folder.ts';
import { ownBuild, type Build } from '../../../src/distributed/build.ts';
import { connectRedis } from '../../../src/distributed/redis/connect.ts';
import { parseRedisAddress } from '../../../src/distributed/redis/address.ts';
import { cleanRedis, type UnderPrefix } from '../../../src/distributed/redis/clean.ts';
import type { TrainHere, WorkerEvent } from '../../../src/distributed/redis/train-here.ts';
import { encodeSafetensors, decodeSafetensors } from '../../../src/nn/safetensors.ts';
import { noRedis, ownRedis } from '../../support/redis.ts';
import { coordinator, prepared, trainedAlone, worker } from './jobs.ts';

const eventsOf = (events: readonly WorkerEvent[]) =>
  events.map(({ event }) => event).filter((event) => event !== 'saved');
const last = (folder: string): Buffer => readFileSync(join(folder, 'last.safetensors'));

/** Trains, and stays at a step until it is stopped. */
const staying =
  (at: number): TrainHere =>
  async (task, onProgress, signal) => {
    const result = await trainHere({ ...task, job: { ...task.job, until: at } }, onProgress, signal);
    if (signal.aborted || result.ended !== 'steps') return result;
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true });
    });
    return { ...result, ended: 'interrupted' };
  };

describe.skipIf(noRedis)('what can go wrong between machines', () => {
  it('a machine whose bits differ is refused with a sentence at both ends', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const other: Build = { etude: '0.0.1', bits: 'f'.repeat(64) };
    const away = await coordinator(redis.url, music);
    const { ended, events } = worker(redis.url, { build: other, name: 'old' });
    await expect(ended).rejects.toThrow(
      /results differ from those of Etude 0\.0\.1 here: .*Install the same version of Etude/,
    );
    expect(events).toEqual([]);
    await expect(away.train(music.job('v'), music.folder('v'), {})).rejects.toMatchObject({
      code: 'version',
      message: expect.stringContaining('old (Etude 0.0.1)') as string,
    });
    expect(await away.atOnce()).toBe(0);
  });

  it('the build of this machine is always the same', async () => {
    const [one, two] = [await ownBuild(), await ownBuild()];
    expect(one).toEqual(two);
    expect(one.bits).toMatch(/^[0-9a-f]{64}$/);
  });

  it('a worker that is asked to end gives its job back, and another goes on from there to the same bytes', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const alone = await trainedAlone(music, '--epochs', '3');
    const away = await coordinator(redis.url, music);
    const first = worker(redis.url, { train: staying(6), name: 'first' });
    const training = away.train(music.job('g'), music.folder('g'), {});
    await expect.poll(() => first.events.some((event) => event.event === 'saved' && event.step === 6)).toBe(true);
    await first.stop();
    expect(first.events.at(-1)).toEqual({ event: 'given back', run: 'g', step: 6 });
    const second = worker(redis.url, { name: 'second' });
    expect(await training).toMatchObject({ machine: 'second', ended: 'completed', step: 12 });
    expect(second.events[1]).toMatchObject({ event: 'job', from: 6 });
    expect(last(music.folder('g')).equals(last(alone))).toBe(true);
  });

  it('who asked can stop a job, keeps its checkpoint, and can ask for it again', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const away = await coordinator(redis.url, music);
    const one = worker(redis.url, { train: staying(6) });
    const controller = new AbortController();
    const training = away.train(music.job('s'), music.folder('s'), { signal: controller.signal });
    await expect.poll(() => one.events.some((event) => event.event === 'saved' && event.step === 6)).toBe(true);
    controller.abort(new Error('enough'));
    await expect(training).rejects.toThrow('enough');
    await expect.poll(() => eventsOf(one.events)).toEqual(['ready', 'job', 'stopped']);
    expect(readCheckpoint(music.folder('s'), 'last').training?.trainer.step).toBe(6);
    await one.stop();
    worker(redis.url);
    expect(await away.train(music.job('s'), music.folder('s'), {})).toMatchObject({ step: 12 });
    expect(last(music.folder('s')).equals(last(await trainedAlone(music, '--epochs', '3')))).toBe(true);
  });

  it.each<[string, (folder: string) => void, RegExp]>([
    ['a NaN', (folder) => { spoil(folder, NaN); }, /last\.safetensors: .*NaN/],
    ['weights of another size', (folder) => { resize(folder); }, /last\.safetensors: The weights do not fit the architecture/],
    ['a checkpoint that is cut off', (folder) => { writeFileSync(join(folder, 'last.safetensors'), last(folder).subarray(0, -100)); }, /last\.safetensors: safetensors: the file is truncated/],
    ['a log that is none', (folder) => { writeFileSync(join(folder, 'log.jsonl'), '[1]\n'); }, /log\.jsonl: expected an object/],
    ['a config of other settings', (folder) => { reseed(folder); }, /config\.json: it is of other settings/],
  ])('a result with %s is refused, and nothing of it is written', async (_, forge, sentence) => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const away = await coordinator(redis.url, music);
    worker(redis.url, {
      checkpointSeconds: 1000,
      train: async (task, ...rest) => {
        const result = await trainHere(task, ...rest);
        forge(task.folder);
        return result;
      },
    });
    const folder = music.folder('f');
    await expect(away.train(music.job('f'), folder, {})).rejects.toThrow(sentence);
    expect(existsSync(folder)).toBe(false);
  }); // prettier-ignore

  it('a result that claims another step, or other losses, than its checkpoint is refused', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const away = await coordinator(redis.url, music);
    let forge: (result: Awaited<ReturnType<TrainHere>>) => object = () => ({ step: 13 });
    const train: TrainHere = async (...args) => {
      const result = await trainHere(...args);
      return { ...result, ...forge(result) };
    };
    worker(redis.url, { train });
    await expect(away.train(music.job('c'), music.folder('c'), {})).rejects.toThrow(
      /it is of step 12, the result of step 13/,
    );
    forge = ({ history }) => ({ history: history.map((epoch) => ({ ...epoch, loss: 0 })) });
    await expect(away.train(music.job('d'), music.folder('d'), {})).rejects.toThrow(
      /its epochs are not those of the result/,
    );
  });

  it('a job that no machine can do fails once, with its reason', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const away = await coordinator(redis.url, music);
    const { events } = worker(redis.url);
    const training = away.train(music.job('l', {}, { seqLength: 500 }), music.folder('l'), {});
    await expect(training).rejects.toThrow(/Run l could not be trained: No piece is long enough/);
    expect(eventsOf(events)).toEqual(['ready', 'job', 'failed']);
  });

  it('progress and music that somebody has tampered with do no harm', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const away = await coordinator(redis.url, music);
    const first = worker(redis.url, { train: staying(6) });
    const training = away.train(music.job('t'), music.folder('t'), {});
    await expect.poll(() => first.events.some((event) => event.event === 'saved' && event.step === 6)).toBe(true);
    await first.stop();
    const link = await connectRedis(parseRedisAddress(redis.url));
    const keys = await link.client.keys('etude:jobs-*:t.end');
    const progress = JSON.parse((await link.client.hget(keys[0], 'progress'))!) as {
      files: { digest: string; name: string }[];
    };
    const { digest } = progress.files.find(({ name }) => name === 'last.safetensors')!;
    await link.client.hset(`etude:blob:${digest}`, '0', Buffer.from('nonsense'));
    link.close();
    const second = worker(redis.url);
    expect(await training).toMatchObject({ ended: 'completed', step: 12 });
    expect(second.events.find(({ event }) => event === 'warning')).toMatchObject({ message: expect.stringContaining('damaged') as string }); // prettier-ignore
    expect(last(music.folder('t')).equals(last(await trainedAlone(music, '--epochs', '3')))).toBe(true);
  });

  it('a Redis that has lost everything is given everything again', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const away = await coordinator(redis.url, music);
    const training = away.train(music.job('e'), music.folder('e'), {});
    const link = await connectRedis(parseRedisAddress(redis.url));
    await expect.poll(() => link.client.keys('etude:jobs-*:e.end')).toHaveLength(1);
    await link.client.flushall();
    link.close();
    worker(redis.url);
    expect(await training).toMatchObject({ ended: 'completed', step: 12 });
  });

  it('a full Redis is said to be full, to whoever asks and at the worker, whose result waits for room', async () => {
    const [redis, music] = [await ownRedis('--maxmemory-policy', 'noeviction'), await prepared()];
    const away = await coordinator(redis.url, music);
    const link = await connectRedis(parseRedisAddress(redis.url));
    await link.client.config('SET', 'maxmemory', '1mb');
    await expect(away.train(music.job('o'), music.folder('o'), {})).rejects.toThrow(
      /Redis is full: it has reached its maxmemory/,
    );
    await link.client.config('SET', 'maxmemory', '0');
    const { events } = worker(redis.url, {
      checkpointSeconds: 1000,
      train: async (...args) => {
        const result = await trainHere(...args);
        await link.client.config('SET', 'maxmemory', '1mb');
        return result;
      },
    });
    const training = away.train(music.job('p'), music.folder('p'), {});
    await expect.poll(() => events.find(({ event }) => event === 'warning'), { timeout: 10_000 }).toMatchObject({ message: expect.stringContaining('Redis is full') as string }); // prettier-ignore
    await link.client.config('SET', 'maxmemory', '0');
    expect(await training).toMatchObject({ ended: 'completed' });
    link.close();
  });

  it('closing ends soon where Redis is gone', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const away = await coordinator(redis.url, music);
    const { events, stop } = worker(redis.url);
    await expect.poll(() => events).toHaveLength(1);
    await redis.kill();
    await Promise.all([away.close(), stop()]);
  });

  it('cleaning says what is there, asks, and removes nothing of another prefix', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const away = await coordinator(redis.url, music);
    worker(redis.url);
    await away.train(music.job('k'), music.folder('k'), {});
    const address = parseRedisAddress(redis.url);
    const link = await connectRedis(address);
    await link.client.set('etude2:mine', '1');
    const found: UnderPrefix[] = [];
    await cleanRedis(address, 'etude', (each) => found.push(each) < 0);
    expect(found[0]).toMatchObject({ ended: 1, waiting: 0, active: 0, machines: ['one'] });
    expect(found[0].blobs).toBeGreaterThan(3);
    expect((await link.client.keys('etude:*')).length).toBe(found[0].keys);
    await away.close();
    await cleanRedis(address, 'etude', () => true);
    expect(await link.client.keys('etude:blob:*')).toEqual([]);
    expect(await link.client.get('etude2:mine')).toBe('1');
    link.close();
  });
});

/** Puts a number into the weights and leaves everything else as it is. */
function spoil(folder: string, value: number): void {
  const { tensors, metadata } = decodeSafetensors(last(folder));
  Object.values(tensors)[0].data[0] = value;
  writeFileSync(join(folder, 'last.safetensors'), encodeSafetensors({ tensors, metadata }));
}

function resize(folder: string): void {
  const { tensors, metadata } = decodeSafetensors(last(folder));
  const [name] = Object.keys(tensors);
  tensors[name] = { shape: [1], data: new Float32Array(1) };
  writeFileSync(join(folder, 'last.safetensors'), encodeSafetensors({ tensors, metadata }));
}

function reseed(folder: string): void {
  const path = join(folder, 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as { settings: { seed: number } };
  config.settings.seed++;
  writeFileSync(path, JSON.stringify(config));
}
