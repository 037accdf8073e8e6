import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openMachineHere } from '../../../src/distributed/redis/rounds/machine-here.ts';
import { useBuiltEtude } from '../../cli/build-etude.ts';
import { noRedis, ownRedis, type TestRedis } from '../../support/redis.ts';
import { Wire } from '../../support/wire.ts';
import { worker as inProcess } from './jobs.ts';
import { RoundsRun } from './rounds-run.ts';
import { startWorker } from './start-worker.ts';

const etude = useBuiltEtude();
const AOF = ['--appendonly', 'yes', '--appendfsync', 'always'];
/** A round is one batch each, and no machine has a state: whoever takes part, the bytes are the same. */
const GRADIENTS = ['--inner-steps', '1', '--steps-per-epoch', '20', '--hidden-size', '160'];

describe.skipIf(noRedis)('a run by two machines that are processes', () => {
  const worker = (redis: TestRedis, name: string, ...more: string[]) => startWorker(etude, redis.url, name, ...more);

  it('ends with the bytes of one process, and lets its workers go', async () => {
    const [redis, run] = [await ownRedis(), new RoundsRun(etude)];
    const workers = ['one', 'two'].map((name) => worker(redis, name, '--json', '--once'));
    await run.expectEnd(run.start(redis.url));
    const ended = await Promise.all(workers.map((each) => each.ended));
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    const numbers = ended.map(({ stdout }) => {
      const events = stdout.trim().split('\n').map((line) => JSON.parse(line) as { event: string; number: number }); // prettier-ignore
      expect(events.filter(({ event }) => event === 'round')).toHaveLength(run.rounds.length);
      expect(events.at(-1)).toMatchObject({ event: 'done', of: 2, round: run.rounds.length });
      return events.at(-1)!.number;
    });
    expect(numbers.sort()).toEqual([1, 2]);
    await run.expectBytesOfOneProcess();
  });

  it('a worker that is killed in mid-round is followed by another, and nothing is lost', async () => {
    const [redis, run] = [await ownRedis(), new RoundsRun(etude, ...GRADIENTS)];
    const first = worker(redis, 'first');
    worker(redis, 'second');
    const training = run.start(redis.url);
    await run.untilRound(5);
    first.child.kill('SIGKILL');
    worker(redis, 'third');
    await run.expectEnd(training);
    const names = run.rounds.map((round) => round.names.join());
    expect(new Set(names).size).toBeGreaterThan(1);
    expect(names.at(-1)).toContain('third');
    expect(run.rounds.every(({ machines }) => machines.length === 2)).toBe(true);
    await run.expectBytesOfOneProcess();
  });

  it('goes on with half of the machines, after the patience, where nobody takes the place of one', async () => {
    const [redis, run] = [await ownRedis(), new RoundsRun(etude)];
    const first = worker(redis, 'first');
    worker(redis, 'second');
    const training = run.start(redis.url, '--patience-seconds', '2');
    await run.untilRound(5);
    first.child.kill('SIGKILL');
    await run.expectEnd(training);
    const counts = run.rounds.map(({ machines }) => machines.length);
    expect(counts.at(0)).toBe(2);
    expect(counts.at(-1)).toBe(1);
    // Only the round that it was missed in waits for it.
    expect(run.rounds.filter(({ waitedSeconds }) => waitedSeconds > 1)).toHaveLength(1);
  });

  it('whose asker is killed is resumed by the same machines, to the bytes of one process', async () => {
    // Rounds so long that each of them is saved.
    const [redis, run] = [
      await ownRedis(),
      new RoundsRun(etude, '--inner-steps', '100', '--steps-per-epoch', '200', '--epochs', '12'),
    ];
    const workers = ['one', 'two'].map((name) => worker(redis, name));
    const training = run.start(redis.url);
    await run.untilRound(3);
    training.child.kill('SIGKILL');
    await training.ended;
    const before = run.rounds.length;
    const stderr = await run.expectEnd(run.resume(redis.url));
    expect(stderr).not.toMatch(/fresh optimizer/);
    expect(before).toBeLessThan(run.rounds.at(-1)!.round);
    expect(workers.map(({ child }) => child.exitCode)).toEqual([null, null]);
    await run.expectBytesOfOneProcess();
  });

  it.each([
    ['killed, and comes back with its file', AOF],
    ['killed, and comes back empty', []],
  ])('whose Redis is %s goes on', async (_, options) => {
    const [redis, run] = [await ownRedis(...options), new RoundsRun(etude, ...GRADIENTS)];
    for (const name of ['one', 'two']) worker(redis, name);
    const training = run.start(redis.url);
    await run.untilRound(5);
    await redis.kill();
    const at = run.rounds.length;
    await sleep(1500);
    await redis.begin();
    await run.expectEnd(training);
    expect(at).toBeLessThan(run.rounds.length);
    expect(run.rounds.every(({ machines }) => machines.length === 2)).toBe(true);
    await run.expectBytesOfOneProcess();
  });

  it('a Redis with its file loses no state of a machine either', async () => {
    const [redis, run] = [await ownRedis(...AOF), new RoundsRun(etude)];
    for (const name of ['one', 'two']) worker(redis, name, '--stalled-seconds', '30');
    const training = run.start(redis.url);
    await run.untilRound(8);
    await redis.kill();
    await redis.begin();
    await run.expectEnd(training);
    await run.expectBytesOfOneProcess();
  });

  it('a worker that hangs is followed by another, and sees it when it wakes', async () => {
    const [redis, run] = [await ownRedis(), new RoundsRun(etude, ...GRADIENTS, '--epochs', '20')];
    const first = worker(redis, 'first');
    worker(redis, 'second');
    const training = run.start(redis.url);
    await run.untilRound(5);
    first.child.kill('SIGSTOP');
    const third = worker(redis, 'third');
    await third.says(/third: machine [12] of 2 of run/);
    first.child.kill('SIGCONT');
    await first.says(/first: machine [12] of 2 of run \w+: another machine has taken it at round \d+/);
    await run.expectEnd(training);
    await run.expectBytesOfOneProcess();
  });

  it('a network that carries nothing for 30 seconds delays a round, and changes nothing', async () => {
    const [redis, run] = [await ownRedis(), new RoundsRun(etude)];
    const wire = await Wire.open(redis.port);
    const first = startWorker(etude, `redis://127.0.0.1:${wire.port}`, 'first', '--stalled-seconds', '60');
    worker(redis, 'second', '--stalled-seconds', '60');
    const training = run.start(redis.url, '--patience-seconds', '120');
    await run.untilRound(5);
    wire.cut();
    await sleep(30_000);
    wire.mend();
    await run.expectEnd(training);
    expect(first.child.exitCode).toBeNull();
    await run.expectBytesOfOneProcess();
  });

  it('whose asker is killed and does not come back lets the workers go after a while, and can be resumed all the same', async () => {
    const [redis, run] = [await ownRedis(), new RoundsRun(etude, ...GRADIENTS)];
    const workers = ['one', 'two'].map((name) =>
      inProcess(redis.url, { name, silentSeconds: 5, openMachine: openMachineHere }),
    );
    const training = run.start(redis.url);
    await run.untilRound(5);
    training.child.kill('SIGKILL');
    const ends = () => workers.map(({ events }) => events.at(-1));
    await expect
      .poll(ends, { timeout: 90_000 })
      .toEqual(
        [0, 1].map(
          () => expect.objectContaining({ event: 'done', ended: 'nobody asks for the run any more' }) as object,
        ),
      );
    await run.expectEnd(run.resume(redis.url));
    await run.expectBytesOfOneProcess();
  });

  it('Ctrl-C at a worker gives its place to the next', async () => {
    const [redis, run] = [await ownRedis(), new RoundsRun(etude, ...GRADIENTS)];
    const first = worker(redis, 'first');
    worker(redis, 'second');
    const training = run.start(redis.url);
    await run.untilRound(5);
    first.child.kill('SIGINT');
    const { code, stderr } = await first.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/first: machine [12] of 2 of run \w+: given back at round \d+/);
    worker(redis, 'third');
    await run.expectEnd(training);
    expect(run.rounds.at(-1)!.names).toContain('third');
    await run.expectBytesOfOneProcess();
  });

  it('Ctrl-C at the asker lets the workers go, and it can be resumed', async () => {
    const [redis, run] = [await ownRedis(), new RoundsRun(etude, ...GRADIENTS)];
    const [one] = ['one', 'two'].map((name) => worker(redis, name));
    const training = run.start(redis.url);
    await run.untilRound(5);
    training.child.kill('SIGINT');
    expect((await training.ended).code).toBe(130);
    await one.says(/one: machine [12] of 2 of run \w+: done at round \d+ \(the run has ended\)/);
    await run.expectEnd(run.resume(redis.url));
    await run.expectBytesOfOneProcess();
  });
});
