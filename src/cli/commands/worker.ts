import { hostname } from 'node:os';
import { UsageError } from '../../errors.ts';
import { parseRedisAddress, type RedisAddress } from '../../distributed/redis/address.ts';
import { counted, formatCount } from '../../text/words.ts';
import { cacheFolder } from '../cache-folder.ts';
import type { ActionOf, Call } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { formatBytes } from '../files.ts';
import type { Terminal } from '../terminal.ts';
import type { worker as words } from '../worker-table.ts';

type WorkerCall = Call<(typeof words)['options']>;

/** A name that can be read everywhere. */
const NAME = /^[\w.@:+ -]{1,64}$/;

/** `etude worker`: trains what others ask for, until Ctrl-C. */
export const worker: ActionOf<typeof words> = async (call) => {
  const { options, terminal } = call;
  const address = parseRedisAddress(options.redis, terminal.io.env);
  const { checkedPrefix } = await import('../../distributed/redis/names.ts');
  checkedPrefix(options.prefix);
  if (options.clean) return clean(address, call);
  const name = options.name ?? `${hostname().replace(/[^\w.-]/g, '-').slice(0, 40)}-${process.pid}`; // prettier-ignore
  if (!NAME.test(name)) throw new UsageError('--name: expected up to 64 letters, digits, spaces and . @ : + - _');
  if (options.atOnce > 1) {
    const { runWorkers } = await import('../worker/several.ts');
    return runWorkers(options.atOnce, name, call);
  }
  return work(address, name, call);
};

async function work(address: RedisAddress, name: string, { options, terminal }: WorkerCall): Promise<number> {
  const [{ runRedisWorker }, { openMachineHere }, { trainHere }, { describeEvent }, { withWideKnowledge }] =
    await Promise.all([
      import('../../distributed/redis/worker.ts'),
      import('../../distributed/redis/rounds/machine-here.ts'),
      import('../train/train-here.ts'),
      import('../worker/describe-event.ts'),
      import('../wide-knowledge.ts'),
    ]);
  const { prefix, once, stalledSeconds, checkpointSeconds, music, cache } = options;
  const signal = terminal.interrupts('giving the job back');
  const cacheDir = cacheFolder(cache, terminal.io.env);
  await withWideKnowledge(cacheDir, () =>
    runRedisWorker(
      {
        ...{ address, prefix, name, once, stalledSeconds, checkpointSeconds, cacheDir, musicFolder: music, signal },
        onEvent: (event) => {
          if (terminal.json) terminal.printJson({ ...event, machine: name });
          const line = describeEvent(event);
          if (event.event === 'warning') terminal.warn(`${name}: ${line}`);
          else if (line !== undefined) terminal.say(`${name}: ${line}`);
        },
      },
      { trainHere, openMachine: openMachineHere },
    ),
  );
  return EXIT.ok;
}

async function clean(address: RedisAddress, { options, terminal }: WorkerCall): Promise<number> {
  const { cleanRedis } = await import('../../distributed/redis/clean.ts');
  const { prefix, force } = options;
  let agreed = true;
  await cleanRedis(address, prefix, (found) => {
    const { keys, waiting, active, ended, rounds, blobs, bytes, machines } = found;
    agreed = force || keys === 0;
    if (terminal.json) terminal.printJson({ event: 'clean', redis: address.shown, prefix, ...found, removed: agreed });
    sayFound(
      `${address.shown}, prefix "${prefix}": ${counted(keys, 'key')}; jobs: ${formatCount(waiting)} waiting, ${formatCount(active)} at work, ${formatCount(ended)} ended; ` +
        (rounds > 0 ? `${counted(rounds, 'run')} on several machines; ` : '') +
        `${counted(blobs, 'blob')} of music and checkpoints (${formatBytes(bytes)}).`,
      terminal,
    );
    if (machines.length > 0)
      terminal.warn(`${counted(machines.length, 'machine')} at work there: ${machines.join(', ')}.`);
    return agreed;
  });
  if (!agreed) {
    terminal.error('nothing was removed: pass --force to remove all of it.');
    return EXIT.failure;
  }
  terminal.say('Removed.');
  return EXIT.ok;
}

function sayFound(line: string, terminal: Terminal): void {
  if (terminal.json) terminal.say(line);
  else terminal.print(line);
}
