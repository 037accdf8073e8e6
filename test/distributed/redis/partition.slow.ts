import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../../../src/music/index.ts';
import { useBuiltEtude } from '../../cli/build-etude.ts';
import { noNetworks, OtherNetwork } from '../../support/cut-off.ts';
import { noRedis, ownRedis } from '../../support/redis.ts';
import { coordinator, prepared, trainedAlone } from './jobs.ts';
import { RoundsRun } from './rounds-run.ts';
import { startWorker } from './start-worker.ts';

const etude = useBuiltEtude();
const missing = noRedis ?? noNetworks;

/** A training of some seconds. */
const LONG: Partial<Settings> = { hiddenSize: 96, stepsPerEpoch: 100, epochs: 15, patience: null };
const ALONE = ['--hidden-size', '96', '--steps-per-epoch', '100', '--epochs', '15', '--patience', 'none'];

describe.skipIf(missing)(`a network that is cut${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  it('for 30 seconds delays a run of a sweep and a run on two machines, and changes neither', async () => {
    const redis = await ownRedis('--bind', '0.0.0.0', '--protected-mode', 'no');
    const network = OtherNetwork.open();
    const away = `redis://${network.host}:${redis.port}`;
    const there = [...network.within, process.execPath, etude];
    const patient = ['--stalled-seconds', '90'];

    const music = await prepared({ pieces: 8, notes: 150 });
    const sweeper = startWorker(there, away, 'sweeper', '--prefix', 'sweep', ...patient);
    const asker = await coordinator(redis.url, music, { prefix: 'sweep' });
    let told = 0;
    const training = asker.train(music.job('run', {}, LONG), music.folder('run'), { onProgress: () => told++ });
    const run = new RoundsRun(etude, '--epochs', '20');
    const machine = startWorker(there, away, 'far', ...patient);
    startWorker(etude, redis.url, 'near', ...patient);
    const together = run.start(redis.url, '--patience-seconds', '300');
    await Promise.all([expect.poll(() => told, { timeout: 60_000 }).toBeGreaterThan(0), run.untilRound(5)]);

    network.cut();
    await sleep(2000);
    const at = run.rounds.length;
    await sleep(28_000);
    // The round that began before the cut has not ended.
    expect(run.rounds).toHaveLength(at);
    network.mend();

    await run.expectEnd(together);
    expect(await training).toMatchObject({ machine: 'sweeper', ended: 'completed', step: 1500 });
    expect([sweeper.child.exitCode, machine.child.exitCode]).toEqual([null, null]);
    expect(run.rounds.every(({ names }) => names.length === 2)).toBe(true);
    await run.expectBytesOfOneProcess();
    const alone = await trainedAlone(music, ...ALONE);
    const [found, expected] = [music.folder('run'), alone].map((folder) => readFileSync(join(folder, 'last.safetensors'))); // prettier-ignore
    expect(found.equals(expected)).toBe(true);
  });
});
