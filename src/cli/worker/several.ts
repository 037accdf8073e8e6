import { spawn } from 'node:child_process';
import { PASSWORD_VARIABLE, URL_VARIABLE } from '../../distributed/redis/address.ts';
import { STOPS_WITH_PARENT } from '../../distributed/stops-with-parent.ts';
import type { Call } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { sameEtude } from '../sweep/same-etude.ts';
import type { worker as words } from '../worker-table.ts';

type WorkerCall = Call<(typeof words)['options']>;

/**
 * Runs several workers, each a process of its own with a number behind its name, until all have ended. Ctrl-C asks each to give its job back.
 * @returns the exit code: that of the first that failed
 */
export async function runWorkers(count: number, name: string, { options, terminal }: WorkerCall): Promise<number> {
  const signal = terminal.interrupts('giving the jobs back');
  const codes = await Promise.all(
    Array.from({ length: count }, async (_, k) => {
      const child = `${name}-${k + 1}`;
      const code = await runOne([...wordsOf({ options }), '--name', child], options.redis, { signal, terminal });
      if (code !== EXIT.ok) terminal.warn(`${child}: ended with exit code ${code}.`);
      return code;
    }),
  );
  return codes.find((code) => code !== EXIT.ok) ?? EXIT.ok;
}

/** The address goes by the environment: there may be a password in it. */
function wordsOf({ options }: Pick<WorkerCall, 'options'>): string[] {
  const { prefix, once, stalledSeconds, checkpointSeconds, music, cache, json, quiet } = options;
  return [
    ...['worker', '--prefix', prefix, '--stalled-seconds', String(stalledSeconds)],
    ...['--checkpoint-seconds', String(checkpointSeconds)],
    ...(music === undefined ? [] : ['--music', music]),
    ...(cache === undefined ? [] : ['--cache', cache]),
    ...(once ? ['--once'] : []),
    ...(json ? ['--json'] : []),
    ...(quiet ? ['--quiet'] : []),
  ];
}

function runOne(
  words: readonly string[],
  redis: string | undefined,
  { signal, terminal }: { signal: AbortSignal; terminal: WorkerCall['terminal'] },
): Promise<number> {
  const [program, ...before] = sameEtude();
  const { env } = terminal.io;
  const child = spawn(program, [...before, ...words], {
    env: {
      ...env,
      [URL_VARIABLE]: redis ?? env[URL_VARIABLE],
      [PASSWORD_VARIABLE]: env[PASSWORD_VARIABLE],
      [STOPS_WITH_PARENT]: '1',
    },
    // In a group of its own, so that Ctrl-C comes once, from here; it ends when this process does, by the channel.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.stdout!.on('data', (bytes: Uint8Array) => terminal.io.stdout.write(bytes));
  child.stderr!.on('data', (bytes: Uint8Array) => terminal.io.stderr.write(bytes));
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  return new Promise((resolve) => {
    child.on('error', () => { resolve(EXIT.failure); }); // prettier-ignore
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop);
      resolve(code ?? EXIT.failure);
    });
  });
}
