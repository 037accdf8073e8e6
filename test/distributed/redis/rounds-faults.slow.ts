import { describe, expect, it, onTestFinished } from 'vitest';
import type { Build } from '../../../src/distributed/build.ts';
import { parseRedisAddress } from '../../../src/distributed/redis/address.ts';
import { BlobStore } from '../../../src/distributed/redis/blobs.ts';
import { cleanRedis, type UnderPrefix } from '../../../src/distributed/redis/clean.ts';
import { connectRedis, type RedisLink } from '../../../src/distributed/redis/connect.ts';
import { roundsKey } from '../../../src/distributed/redis/names.ts';
import type { OpenMachineHere } from '../../../src/distributed/redis/rounds/machine-here.ts';
import { writeAnswer, type Answer, type RoundMessage } from '../../../src/distributed/redis/rounds/messages.ts';
import type { WorkerEvent } from '../../../src/distributed/redis/train-here.ts';
import { encodeDifference } from '../../../src/distributed/rounds/difference.ts';
import { DataError } from '../../../src/errors.ts';
import { noRedis, ownRedis, type TestRedis } from '../../support/redis.ts';
import { prepared, worker } from './jobs.ts';
import { machinesAt } from './rounds-machines.ts';
import { openToy, openToyAfter, PARAMETERS, toyContribution, toyTask } from './toy-machine.ts';

const WEIGHTS = Float32Array.from({ length: PARAMETERS }, (_, i) => Math.sin(i));
const RUN = 'toy';

/** A connection of the test's own, to look and to forge. */
async function linkTo(redis: TestRedis): Promise<RedisLink> {
  const link = await connectRedis(parseRedisAddress(redis.url));
  onTestFinished(() => { link.close(); }); // prettier-ignore
  return link;
}

/** What is asked at the moment, once that is a round. */
async function asked(link: RedisLink): Promise<RoundMessage> {
  const newest = async () => {
    const [entry] = await link.client.xrevrange(roundsKey('etude', RUN, 'tasks'), '+', '-', 'COUNT', 1);
    return JSON.parse(entry[1][1]) as { kind: string };
  };
  await expect.poll(newest).toMatchObject({ kind: 'round' });
  return (await newest()) as RoundMessage & { kind: string };
}

async function say(link: RedisLink, answer: Answer | object): Promise<void> {
  const text = 'kind' in answer ? writeAnswer(answer as Answer) : JSON.stringify(answer);
  await link.client.xadd(roundsKey('etude', RUN, 'answers'), '*', 'is', text);
}

const joined = (events: readonly WorkerEvent[]) => expect.poll(() => events.map(({ event }) => event)).toContain('joined'); // prettier-ignore

describe.skipIf(noRedis)('rounds, and what can go wrong in them', () => {
  it('end after the patience with half of the machines; what comes later is dropped, counted, and goes to the newest round', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const all = await machinesAt(redis.url, music, { patienceSeconds: 0.5 });
    worker(redis.url, { name: 'quick' });
    const late = worker(redis.url, { name: 'slow', openMachine: openToyAfter(1200) });
    const outcomes = [];
    for (let round = 1; round <= 6; round++) outcomes.push(await all.compute(toyTask(round, WEIGHTS)));
    expect(outcomes[0].names).toEqual(['quick']);
    expect(outcomes[0].waitedSeconds).toBeGreaterThan(0.4);
    expect(outcomes.flatMap(({ names }) => names)).toEqual(outcomes.map(() => 'quick'));
    let dropped = outcomes.reduce((sum, outcome) => sum + outcome.late, 0);
    await expect.poll(async () => (dropped += (await all.compute(toyTask(7, WEIGHTS))).late)).toBe(1);
    // Not through those that went by while it computed the first.
    const rounds = () => late.events.flatMap((event) => (event.event === 'round' ? [event.round] : []));
    await expect.poll(rounds, { timeout: 10_000 }).toHaveLength(2);
    expect(rounds()[0]).toBe(1);
    expect(rounds()[1]).toBeGreaterThanOrEqual(6);
  });

  it('wait where there are fewer than half of them, and say for whom, and how many workers there are', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const said: string[] = [];
    const all = await machinesAt(redis.url, music, {
      ...{ rounds: { machines: 3 }, patienceSeconds: 0.2, onWarning: (sentence) => void said.push(sentence) },
    });
    worker(redis.url, { name: 'one' });
    const computing = all.compute(toyTask(1, WEIGHTS));
    await expect.poll(() => said, { timeout: 20_000 }).toEqual([
      `Round 1 waits for 2 machines of 3 (2, 3). At this Redis: 1 worker. Start more with: etude worker --redis ${redis.url}`,
    ]); // prettier-ignore
    worker(redis.url, { name: 'two' });
    const { names, contributions } = await computing;
    expect(names).toEqual(['one', 'two']);
    expect(contributions).toEqual([0, 1].map((k) => toyContribution(toyTask(1, WEIGHTS), k, 3)));
    // Nobody waits for the third until it is there.
    const next = await all.compute(toyTask(2, WEIGHTS));
    expect(next.names).toEqual(['one', 'two']);
    const third = worker(redis.url, { name: 'three' });
    await joined(third.events);
    await expect.poll(async () => (await all.compute(toyTask(3, WEIGHTS))).names).toEqual(['one', 'two', 'three']);
  });

  it.each<[string, string, (task: RoundMessage, bytes: string) => object]>([
    ['NaN in its numbers', 'it is not used. The differences of weights are finite', ({ round, weights }, difference) => ({ ...FOUND, round, weights, difference })],
    ['results that are not finite', 'an answer: steps\\[0\\]: loss: expected a finite number', ({ round, weights }, difference) => ({ ...FOUND, round, weights, difference, steps: [{ ...STEP, loss: null }, STEP, STEP] })],
    ['too few results', 'Expected the results of 3 training steps, got 1', ({ round, weights }, difference) => ({ ...FOUND, round, weights, difference, steps: [STEP] })],
    ['losses of other heads', 'Expected the losses of 2 heads, got 3', ({ round, weights }, difference) => ({ ...FOUND, round, weights, difference, steps: [STEP, STEP, { ...STEP, losses: [1, 1, 1] }] })],
    ['a round that has not begun', 'its answer is to round 9, which has not begun', ({ weights }, difference) => ({ ...FOUND, round: 9, weights, difference })],
    ['other weights', 'its answer is to other weights', ({ round }, difference) => ({ ...FOUND, round, weights: 'f'.repeat(64), difference })],
    ['the number of no machine', 'machine: expected a whole number from 0 to 1', ({ round, weights }, difference) => ({ ...FOUND, machine: 2, round, weights, difference })],
    ['a name that a terminal would obey', 'name: expected the name of a machine', ({ round, weights }, difference) => ({ ...FOUND, name: '\u001b[2J', round, weights, difference })],
    ['bytes that are nowhere', 'The bytes 000000000000 are not in Redis any more', ({ round, weights }) => ({ ...FOUND, round, weights, difference: '0'.repeat(64) })],
    ['nothing that is known', 'an answer: kind: expected one of here, found, not finite', () => ({ hello: 1 })],
  ])('an answer with %s is refused with a sentence, and the round waits for the true one', async (what, sentence, forge) => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const said: string[] = [];
    const all = await machinesAt(redis.url, music, { onWarning: (warning) => void said.push(warning) });
    const computing = all.compute(toyTask(1, WEIGHTS));
    const link = await linkTo(redis);
    const task = await asked(link);
    const bytes = encodeDifference(WEIGHTS, 'float32');
    if (what.startsWith('NaN')) new DataView(bytes.buffer).setFloat32(8, NaN, true);
    await say(link, forge(task, await new BlobStore(link, 'etude').put(bytes)));
    await expect.poll(() => said).toEqual([expect.stringMatching(sentence)]);
    for (const name of ['one', 'two']) worker(redis.url, { name });
    const { contributions } = await computing;
    expect(contributions).toEqual([0, 1].map((k) => toyContribution(toyTask(1, WEIGHTS), k, 2)));
  }); // prettier-ignore

  it('a difference of another size is refused', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const said: string[] = [];
    const all = await machinesAt(redis.url, music, { onWarning: (warning) => void said.push(warning) });
    const computing = all.compute(toyTask(1, WEIGHTS));
    const link = await linkTo(redis);
    const { round, weights } = await asked(link);
    const store = new BlobStore(link, 'etude');
    for (const length of [1, PARAMETERS - 1, 100_000]) {
      const difference = await store.put(encodeDifference(new Float32Array(length), 'float32'));
      await say(link, { ...FOUND, round, weights, difference });
      await expect.poll(() => said.at(-1)).toMatch(length < PARAMETERS ? `a difference of ${length} came` : 'bytes: expected a whole number from 0 to'); // prettier-ignore
    }
    for (const name of ['one', 'two']) worker(redis.url, { name });
    expect([...(await computing).names].sort()).toEqual(['one', 'two']);
  });

  it('an announcement that somebody has forged is refused by the machine, and replaced by the true one', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const all = await machinesAt(redis.url, music, { rounds: { machines: 1 } });
    const { events } = worker(redis.url, { name: 'one', openMachine: openToyAfter(500) });
    await joined(events);
    await all.compute(toyTask(1, WEIGHTS));
    const link = await linkTo(redis);
    const announcement = await asked(link);
    const forged = { ...announcement, learningRates: ['much'] };
    await link.client.xadd(roundsKey('etude', RUN, 'tasks'), 'MAXLEN', 1, '*', 'is', JSON.stringify(forged));
    await expect.poll(() => events.find(({ event }) => event === 'warning')).toMatchObject({ message: expect.stringContaining('learningRates[0]: number: expected a finite number') as string }); // prettier-ignore
    const computing = all.compute(toyTask(2, WEIGHTS));
    await asked(link);
    await link.client.xadd(roundsKey('etude', RUN, 'tasks'), 'MAXLEN', 1, '*', 'is', JSON.stringify({ kind: 'wait' }));
    expect((await computing).names).toEqual(['one']);
  });

  it('a Redis that has lost everything in mid-round is given everything again', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const all = await machinesAt(redis.url, music);
    const workers = ['one', 'two'].map((name) => worker(redis.url, { name }));
    await all.compute(toyTask(1, WEIGHTS));
    const computing = all.compute(
      toyTask(
        2,
        WEIGHTS.map((weight) => 2 * weight),
      ),
    );
    await (await linkTo(redis)).client.flushall();
    const { contributions } = await computing;
    expect(contributions.map(({ machine }) => machine)).toEqual([0, 1]);
    expect(workers.flatMap(({ events }) => events.filter(({ event }) => event === 'failed'))).toEqual([]);
  });

  it('a full Redis is said to be full, and the round waits for room', async () => {
    const [redis, music] = [await ownRedis('--maxmemory-policy', 'noeviction'), await prepared()];
    const said: string[] = [];
    const all = await machinesAt(redis.url, music, { onWarning: (warning) => void said.push(warning) });
    const full: OpenMachineHere = async (task) => {
      const machine = await openToy(task);
      return { ...machine, compute: async (...asked) => {
        const found = await machine.compute(...asked);
        if (asked[0].round === 2) await link.client.config('SET', 'maxmemory', '1mb');
        return found;
      } };
    }; // prettier-ignore
    const link = await linkTo(redis);
    const workers = ['one', 'two'].map((name) => worker(redis.url, { name, openMachine: full, stalledSeconds: 30 }));
    await all.compute(toyTask(1, WEIGHTS));
    const computing = all.compute(toyTask(2, WEIGHTS));
    const warnings = () => workers.flatMap(({ events }) => events.filter(({ event }) => event === 'warning'));
    await expect.poll(warnings, { timeout: 10_000 }).toContainEqual({ event: 'warning', message: expect.stringMatching(/Redis is full.*What was computed waits/) as string }); // prettier-ignore
    await link.client.config('SET', 'maxmemory', '0');
    expect((await computing).contributions).toHaveLength(2);
    await link.client.config('SET', 'maxmemory', '1mb');
    const next = all.compute(toyTask(3, WEIGHTS));
    await expect.poll(() => said, { timeout: 10_000 }).toContainEqual(expect.stringMatching(/Redis is full.*The round waits/)); // prettier-ignore
    await link.client.config('SET', 'maxmemory', '0');
    expect((await next).contributions).toHaveLength(2);
  });

  it('machines of another build are refused with a sentence at both ends', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const other: Build = { etude: '0.0.1', bits: 'f'.repeat(64) };
    const all = await machinesAt(redis.url, music);
    const { ended } = worker(redis.url, { build: other, name: 'old' });
    await expect(ended).rejects.toThrow(/results differ from those of Etude 0\.0\.1 here/);
    await expect(all.compute(toyTask(1, WEIGHTS))).rejects.toMatchObject({
      ...{ code: 'version', message: expect.stringContaining('old (Etude 0.0.1)') as string },
    });
  });

  it('what no machine can compute ends the run with its reason', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const all = await machinesAt(redis.url, music);
    const openMachine = () => Promise.reject(new DataError('No piece is long enough.'));
    for (const name of ['one', 'two']) worker(redis.url, { name, openMachine });
    await expect(all.compute(toyTask(1, WEIGHTS))).rejects.toThrow(/Run toy could not be trained by machine [12]: No piece is long enough/); // prettier-ignore
  });

  it('a wrong password is refused at once, and not repeated', async () => {
    const [redis, music] = [await ownRedis('--requirepass', 'open-sesame'), await prepared()];
    const url = `redis://:wr0ng@127.0.0.1:${redis.port}`;
    const refused = await machinesAt(url, music).then(() => 'opened', String);
    expect(refused).toMatch(/refuses this user and password/);
    expect(refused).not.toContain('wr0ng');
  });

  it('a run that nobody asks for any more is not begun', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    await machinesAt(redis.url, music, { rounds: { machines: 1 } });
    // As if its asker had been killed, a while ago: until its heart beats again.
    const { client } = await linkTo(redis);
    await client.del(roundsKey('etude', RUN, 'tasks'), ...(await client.keys('etude:asker:*')));
    const { events } = worker(redis.url, { name: 'one' });
    await expect.poll(() => events.at(-1)).toMatchObject({ event: 'done', ended: 'the run has ended' });
    expect(events.map(({ event }) => event)).toEqual(['ready', 'done']);
  });

  it('cleaning says which runs there are, and removes their keys; nothing is left of a run that has ended', async () => {
    const [redis, music] = [await ownRedis(), await prepared()];
    const all = await machinesAt(redis.url, music);
    const workers = ['one', 'two'].map((name) => worker(redis.url, { name }));
    await all.compute(toyTask(1, WEIGHTS));
    const found: UnderPrefix[] = [];
    await cleanRedis(parseRedisAddress(redis.url), 'etude', (each) => found.push(each) < 0);
    expect(found[0]).toMatchObject({ rounds: 1, active: 2 });
    await all.close();
    for (const { events } of workers) await expect.poll(() => events.at(-1)?.event, { timeout: 20_000 }).toBe('done');
    const link = await linkTo(redis);
    // Redis gives keys in no order.
    const keys = async () =>
      (await link.client.keys('etude:*')).filter((key) => !/:machine:|:meta$|:events$|:id$|stalled/.test(key)).sort();
    // The music, and that the run has ended.
    await expect
      .poll(keys, { timeout: 20_000 })
      .toEqual([`etude:blob:${music.music.digest}`, roundsKey('etude', RUN, 'tasks')]);
    await cleanRedis(parseRedisAddress(redis.url), 'etude', () => true);
    expect(await link.client.keys('etude:rounds:*')).toEqual([]);
  });
});

const STEP = { losses: [1, 2], loss: 3, gradientNorm: 1, clipped: false };
const FOUND = { kind: 'found', machine: 0, name: 'forger', steps: [STEP, STEP, STEP], beganAnew: false };
