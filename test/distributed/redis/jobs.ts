import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { trainHere } from '../../../src/cli/train/train-here.ts';
import type { TrainingJob } from '../../../src/distributed/coordinator.ts';
import { musicAtHand, type MusicAtHand } from '../../../src/distributed/music-at-hand.ts';
import { parseRedisAddress } from '../../../src/distributed/redis/address.ts';
import { RedisCoordinator, type RedisCoordinatorOptions } from '../../../src/distributed/redis/coordinator.ts';
import type { OpenMachineHere } from '../../../src/distributed/redis/rounds/machine-here.ts';
import type { TrainHere, WorkerEvent } from '../../../src/distributed/redis/train-here.ts';
import { runRedisWorker, type RedisWorkerOptions } from '../../../src/distributed/redis/worker.ts';
import { loadCorpus } from '../../../src/midi/node.ts';
import { leastNotes, resolveSettings, type Settings } from '../../../src/music/index.ts';
import { folderWithMusic } from '../../cli/tiny-music.ts';
import { runEtude } from '../../cli/run-etude.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { openToy } from './toy-machine.ts';

/** As small as a training can be, in settings. */
export const TINY: Partial<Settings> = {
  ...{ hiddenSize: 8, seqLength: 6, batchSize: 8, bins: 6, epochs: 3, stepsPerEpoch: 4, schedule: 'plateau' },
};

const FLAGS = ['--preset', 'quick', '--hidden-size', '8', '--seq-length', '6', '--batch-size', '8', '--bins', '6', '--steps-per-epoch', '4', '--schedule', 'plateau', '--threads', '1', '--no-sample']; // prettier-ignore

/** Music, its job, and the place of its run. */
export interface Prepared {
  base: string;
  musicFolder: string;
  music: MusicAtHand;
  job: (run: string, more?: Partial<TrainingJob>, settings?: Partial<Settings>) => TrainingJob;
  folder: (name: string) => string;
}

/** @param size of the music: pieces, and notes in each */
export async function prepared(size: { pieces?: number; notes?: number } = {}): Promise<Prepared> {
  const { base, music: musicFolder } = folderWithMusic(size);
  const settings = resolveSettings('quick', TINY);
  const corpus = await loadCorpus([musicFolder], { minNotes: leastNotes(settings) });
  const music = musicAtHand(corpus, [musicFolder]);
  return {
    ...{ base, musicFolder, music },
    job: (run, more, changed) => ({
      ...{ run, preset: 'quick', music: music.digest, until: null },
      settings: resolveSettings('quick', { ...TINY, ...changed }),
      ...more,
    }),
    folder: (name) => join(base, name),
  };
}

/** The same training on the command line, into a folder of its own. */
export async function trainedAlone({ musicFolder, base }: Prepared, ...more: string[]): Promise<string> {
  const out = join(base, `alone-${more.join('')}`);
  const { code, stderr } = await runEtude('train', musicFolder, '--out', out, ...FLAGS, ...more);
  if (code !== 0) throw new Error(stderr);
  return out;
}

/** A coordinator that is closed when the test has finished. */
export async function coordinator(url: string, { music }: Prepared, more: Partial<RedisCoordinatorOptions> = {}) {
  const opened = await RedisCoordinator.open({
    ...{ address: parseRedisAddress(url), music: () => music },
    ...more,
  }); // prettier-ignore
  onTestFinished(() => opened.close());
  return opened;
}

/** A worker in this process, which is stopped when the test has finished. */
export function worker(
  url: string,
  more: Partial<RedisWorkerOptions> & { train?: TrainHere; openMachine?: OpenMachineHere } = {},
) {
  const { train = trainHere, openMachine = openToy, ...options } = more;
  const controller = new AbortController();
  const events: WorkerEvent[] = [];
  const cacheDir = temporaryFolder();
  const address = parseRedisAddress(url);
  const ended = runRedisWorker(
    {
      ...{ address, prefix: 'etude', name: 'one', once: false, stalledSeconds: 5, checkpointSeconds: 0.1, cacheDir },
      ...{ signal: controller.signal, onEvent: (event: WorkerEvent) => void events.push(event) },
      ...options,
    },
    { trainHere: train, openMachine },
  ); // prettier-ignore
  ended.catch(() => undefined);
  const stop = async (): Promise<void> => {
    controller.abort();
    await ended;
  };
  onTestFinished(async () => {
    await stop().catch(() => undefined);
  });
  return { events, ended, stop };
}
