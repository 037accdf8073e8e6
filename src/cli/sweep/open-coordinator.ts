import { availableParallelism } from 'node:os';
import type { Coordinator, TrainingJob } from '../../distributed/coordinator.ts';
import { LocalCoordinator } from '../../distributed/local-coordinator.ts';
import { musicAtHand, type MusicAtHand } from '../../distributed/music-at-hand.ts';
import { parseRedisAddress } from '../../distributed/redis/address.ts';
import { leastNotes } from '../../music/index.ts';
import { counted } from '../../text/words.ts';
import { cacheFolder } from '../cache-folder.ts';
import { flagName } from '../options.ts';
import { readMusic } from '../train/read-music.ts';
import type { SweepCall } from './begin-sweep.ts';
import { sameEtude } from './same-etude.ts';
import { readState, type SweepConfig } from './sweep-folder.ts';

/**
 * Who trains the runs of a sweep: processes of this machine, or with --redis the workers that wait there.
 * @param onRetry told when a process ended without having done its job, and another takes it over
 * @throws UsageError, DistributedError where Redis cannot be reached
 */
export function openCoordinator(
  config: SweepConfig,
  call: SweepCall,
  onRetry: (run: string, why: string) => void,
): Coordinator | Promise<Coordinator> {
  const { redis } = call.options;
  return redis === undefined ? local(config, call, onRetry) : remote(redis, config, call);
}

function local(
  { sources, backend, limits }: SweepConfig,
  { options, terminal }: SweepCall,
  onRetry: (run: string, why: string) => void,
): Coordinator {
  const cache = cacheFolder(options.cache, terminal.io.env);
  const limitWords = Object.entries(limits).flatMap(([key, value]) => [flagName(key), String(value)]);
  return new LocalCoordinator({
    processes: options.atOnce ?? availableParallelism(),
    etude: sameEtude(),
    sources,
    words: ['--backend', backend, '--cache', cache ?? 'none', ...limitWords],
    readState,
    onRetry: ({ run, message }) => {
      onRetry(run, message);
    },
  });
}

async function remote(url: string, config: SweepConfig, { options, terminal }: SweepCall): Promise<Coordinator> {
  const address = parseRedisAddress(url, terminal.io.env);
  // Loaded where it is asked for: nothing else needs Redis.
  const { RedisCoordinator } = await import('../../distributed/redis/coordinator.ts');
  const coordinator = await RedisCoordinator.open({
    address,
    prefix: options.prefix,
    music: musicReader(config, { options, terminal }),
    onWarning: (sentence) => {
      terminal.warn(sentence);
    },
  });
  const machines = await coordinator.machines();
  const waiting = machines.length === 0 ? `no worker is there yet: start one with "etude worker --redis ${address.shown}"` : counted(machines.length, 'worker'); // prettier-ignore
  terminal.say(`At ${address.shown}: ${waiting}.`);
  return coordinator;
}

/** Reads the music of a job, once for all jobs that read it in the same way: most sweeps draw none of these settings. */
function musicReader(
  { sources, limits }: SweepConfig,
  { options, terminal }: Pick<SweepCall, 'options' | 'terminal'>,
): (job: TrainingJob) => Promise<MusicAtHand> {
  const cacheDir = cacheFolder(options.cache, terminal.io.env);
  const known = new Map<string, Promise<MusicAtHand>>();
  return ({ settings }) => {
    const { files, instrument, compat, charset, allowDamaged } = settings;
    const key = JSON.stringify([files, instrument, compat, charset, allowDamaged, leastNotes(settings)]);
    const music = known.get(key) ?? readMusic({ sources, settings, limits, cacheDir }, terminal).then((corpus) => musicAtHand(corpus, sources)); // prettier-ignore
    known.set(key, music);
    return music;
  };
}
