import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parseRedisAddress } from '../../../src/distributed/redis/address.ts';
import { connectRedis } from '../../../src/distributed/redis/connect.ts';
import type { Settings } from '../../../src/music/index.ts';
import { useBuiltEtude } from '../../cli/build-etude.ts';
import { startEtude } from '../../cli/etude-process.ts';
import { freePort, noRedis, ownRedis } from '../../support/redis.ts';
import { Wire } from '../../support/wire.ts';
import { coordinator, prepared, trainedAlone, type Prepared } from './jobs.ts';
import { startWorker } from './start-worker.ts';

const etude = useBuiltEtude();

/** A training of some seconds. */
const LONG: Partial<Settings> = { hiddenSize: 160, stepsPerEpoch: 100, epochs: 15, patience: null };
const ALONE: string[] = ['--hidden-size', '160', '--steps-per-epoch', '100', '--epochs', '15', '--patience', 'none'];
const music8 = () => prepared({ pieces: 8, notes: 150 });

async function expectSameBytes(music: Prepared, folder: string, ...more: string[]): Promise<void> {
  const alone = await trainedAlone(music, ...ALONE, ...more);
  for (const name of ['best.safetensors', 'last.safetensors']) {
    expect(readFileSync(join(folder, name)).equals(readFileSync(join(alone, name))), name).toBe(true);
  }
}

describe.skipIf(noRedis)('machines and Redis that go away', () => {
  /** A job that one worker is in the middle of, a checkpoint of it in Redis. */
  async function underWay(...options: string[]) {
    const [redis, music] = [await ownRedis(...options), await music8()];
    const away = await coordinator(redis.url, music);
    const first = startWorker(etude, redis.url, 'first');
    const folder = music.folder('run');
    const steps: [machine: string, step: number][] = [];
    const training = away.train(music.job('run', {}, LONG), folder, {
      onProgress: ({ machine, step }) => steps.push([machine, step]),
    });
    training.catch(() => undefined);
    await expect.poll(() => steps.length, { timeout: 60_000, interval: 20 }).toBeGreaterThan(0);
    return { redis, music, away, first, folder, steps, training };
  }

  it('a worker that is killed is followed by another, from its last checkpoint', async () => {
    const { redis, music, first, folder, training } = await underWay();
    first.child.kill('SIGKILL');
    const second = startWorker(etude, redis.url, 'second', '--once');
    expect(await training).toMatchObject({ machine: 'second', ended: 'completed', step: 1500 });
    const { stderr, code } = await second.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/second: run run \(preset quick\), from step [\d,]+ to the end/);
    expect(stderr).toMatch(/second: run run: done at step 1,500 \(completed\)/);
    await expectSameBytes(music, folder);
  });

  it('a worker that hangs has lost its job, sees it when it wakes, and takes others', async () => {
    const { redis, music, away, first, folder, training } = await underWay();
    first.child.kill('SIGSTOP');
    const second = startWorker(etude, redis.url, 'second', '--once');
    await second.says(/second: run run \(preset quick\), from step/);
    first.child.kill('SIGCONT');
    await first.says(/first: run run: another machine has taken it/);
    expect(await training).toMatchObject({ machine: 'second', step: 1500 });
    await expectSameBytes(music, folder);
    await second.ended;
    expect(await away.train(music.job('next'), music.folder('next'), {})).toMatchObject({ machine: 'first' });
  });

  it('a Redis that is killed and comes back with its file goes on with everything', async () => {
    const { redis, music, first, folder, training } = await underWay('--appendonly', 'yes', '--appendfsync', 'always');
    await redis.kill();
    await first.says(/The connection to Redis is lost; training goes on/);
    await redis.begin();
    await first.says(/Redis is there again/);
    expect(await training).toMatchObject({ ended: 'completed', step: 1500 });
    await expectSameBytes(music, folder);
  });

  it('a Redis that comes back empty is given the job again', async () => {
    const { redis, music, folder, training } = await underWay();
    await redis.kill();
    await redis.begin();
    expect(await training).toMatchObject({ ended: 'completed', step: 1500 });
    await expectSameBytes(music, folder);
  });

  it('a network that carries nothing for 30 seconds delays the result, and nothing else', async () => {
    const [redis, music] = [await ownRedis(), await music8()];
    const wire = await Wire.open(redis.port);
    const away = await coordinator(redis.url, music);
    const first = startWorker(etude, `redis://127.0.0.1:${wire.port}`, 'first');
    const folder = music.folder('run');
    let told = 0;
    const training = away.train(music.job('run', {}, LONG), folder, { onProgress: () => told++ });
    await expect.poll(() => told, { timeout: 60_000 }).toBeGreaterThan(0);
    wire.cut();
    await sleep(30_000);
    wire.mend();
    expect(await training).toMatchObject({ machine: 'first', ended: 'completed', step: 1500 });
    expect(first.child.exitCode).toBeNull();
    await expectSameBytes(music, folder);
  });

  it('Ctrl-C gives the job back at once, at its last step', async () => {
    const { redis, music, first, folder, training } = await underWay();
    first.child.kill('SIGINT');
    const { code, stderr } = await first.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/first: run run: given back at step [\d,]+; another machine goes on from there/);
    const at = Number(/given back at step ([\d,]+)/.exec(stderr)![1].replace(',', ''));
    const second = startWorker(etude, redis.url, 'second', '--once', '--json');
    expect(await training).toMatchObject({ machine: 'second', step: 1500 });
    const { stdout } = await second.ended;
    const events = stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    expect(events.find(({ event }) => event === 'job')).toMatchObject({ from: at, run: 'run', machine: 'second' });
    await expectSameBytes(music, folder);
  });

  it('four workers of one command share eight runs, and end with it', async () => {
    const [redis, music] = [await ownRedis(), await music8()];
    const away = await coordinator(redis.url, music);
    const four = startWorker(etude, redis.url, 'four', '--at-once', '4');
    await expect.poll(() => away.atOnce(), { timeout: 60_000 }).toBe(4);
    const seeds = Array.from({ length: 8 }, (_, k) => k);
    const short: Partial<Settings> = { ...LONG, epochs: 5 };
    const results = await Promise.all(
      seeds.map((seed) => away.train(music.job(`s${seed}`, {}, { ...short, seed }), music.folder(`s${seed}`), {})),
    );
    expect(new Set(results.map(({ machine }) => machine)).size).toBeGreaterThan(1);
    const more = [...ALONE, '--epochs', '5', '--seed'];
    for (const seed of seeds) {
      const alone = await trainedAlone(music, ...more, String(seed));
      const [found, expected] = [music.folder(`s${seed}`), alone].map((folder) => readFileSync(join(folder, 'last.safetensors'))); // prettier-ignore
      expect(found.equals(expected), `seed ${seed}`).toBe(true);
    }
    four.child.kill('SIGINT');
    expect((await four.ended).code).toBe(0);
    expect(await away.atOnce()).toBe(0);
  });

  it('workers end with the command that was killed', async () => {
    const redis = await ownRedis();
    const music = await music8();
    const away = await coordinator(redis.url, music);
    const two = startWorker(etude, redis.url, 'two', '--at-once', '2');
    await expect.poll(() => away.atOnce(), { timeout: 60_000 }).toBe(2);
    two.child.kill('SIGKILL');
    await expect.poll(() => away.atOnce(), { timeout: 10_000 }).toBe(0);
  });
});

describe.skipIf(noRedis)('a worker that cannot begin says why, and ends', () => {
  const ended = async (...words: string[]) => {
    const { code, stderr, stdout } = await startEtude([process.execPath, etude], ['worker', ...words]).ended;
    return { code, said: stderr + stdout };
  };

  it('with a wrong password, or nobody there; the password is never shown', async () => {
    const redis = await ownRedis('--requirepass', 'open-sesame');
    const wrong = await ended('--redis', `redis://me:wr0ng@127.0.0.1:${redis.port}`, '--json');
    expect(wrong).toMatchObject({ code: 1, said: expect.stringMatching(/refuses this user and password/) as string });
    expect(wrong.said).not.toContain('wr0ng');
    const nobody = await ended('--redis', `redis://:wr0ng@127.0.0.1:${await freePort()}`);
    expect(nobody).toMatchObject({ code: 1, said: expect.stringMatching(/nothing answers there/) as string });
    expect(nobody.said).not.toContain('wr0ng');
    expect((await ended('--redis', 'no address')).code).toBe(2);
    expect(await ended()).toMatchObject({ code: 2 });
  });

  it('--clean asks for --force', async () => {
    const redis = await ownRedis();
    const link = await connectRedis(parseRedisAddress(redis.url));
    await link.client.set('etude:blob:x', '1');
    const asked = await ended('--redis', redis.url, '--clean');
    expect(asked).toMatchObject({ code: 1, said: expect.stringMatching(/pass --force[^]*1 key; /) as string });
    expect(await link.client.dbsize()).toBe(1);
    expect((await ended('--redis', redis.url, '--clean', '--force')).code).toBe(0);
    expect(await link.client.dbsize()).toBe(0);
    link.close();
  });
});
