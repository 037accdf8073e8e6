/**
 * The words, help and options of the command that trains what others ask for; see command-table.ts.
 *
 * @module
 */
import { DEFAULT_PREFIX } from '../distributed/redis/names.ts';
import { defineCommand } from './command.ts';
import { COMMON, FORCE, flag, text, whole } from './options.ts';
import { CACHE } from './reading-options.ts';

const TRAINS = 'that removes, and trains nothing';

export const worker = defineCommand({
  name: 'worker',
  summary: 'train what others ask for: wait for jobs at a Redis',
  description:
    'Waits at a Redis for training jobs, trains each as "etude train --threads 1" would, to the same bytes, and sends the results back; for "etude train --machines" it is one of the machines until the run ends. The newest ' +
    'checkpoint is sent every few seconds: if this machine is lost, another one goes on from there. Ctrl-C gives the job back. Redis only carries ' +
    'settings, music, checkpoints and logs, no code. It needs the packages bullmq and ioredis (npm install bullmq ioredis).\n\n' +
    'The address can also come from ETUDE_REDIS_URL, and the password from ETUDE_REDIS_PASSWORD, so that neither shows in lists of processes.\n\n' +
    'With --json: an object for each event: ready, job, saved, joined, round, done, given back, stopped, lost, failed, warning.',
  args: [],
  options: {
    redis: text({ value: 'url', help: 'where the jobs are: redis://HOST:PORT, with USER:PASSWORD@ before the host and /DATABASE behind if need be; rediss:// for TLS (default: $ETUDE_REDIS_URL)' }),
    prefix: text({ value: 'name', default: DEFAULT_PREFIX, help: 'what all keys in Redis begin with: one for each group of machines' }),
    name: { ...text({ value: 'name', help: 'what this machine is called (default: its host name and a number)' }), excludes: { clean: TRAINS } },
    atOnce: { ...whole({ min: 1, max: 1024, default: 1, help: 'jobs at a time, each in a process of its own' }), excludes: { clean: TRAINS } },
    once: { ...flag('end after one job'), excludes: { clean: TRAINS } },
    stalledSeconds: {
      ...whole({ min: 5, max: 3600, default: 30, help: 'a machine that says nothing for N seconds has lost its job to the next; the same on all' }),
      excludes: { clean: TRAINS },
    },
    checkpointSeconds: { ...whole({ min: 1, max: 3600, default: 5, help: 'seconds between two checkpoints that are sent' }), excludes: { clean: TRAINS } },
    music: { ...text({ value: 'folder', help: 'a folder with the music, such as a shared disk: used where it is that of the job' }), excludes: { clean: TRAINS } },
    cache: CACHE,
    clean: flag('say what is in Redis under the prefix, and with --force remove all of it'),
    force: { ...FORCE, help: 'with --clean: remove it', needs: ['clean'] },
    ...COMMON,
  },
  examples: [
    ['etude worker --redis redis://HOST:6379 --at-once 4', 'four jobs at a time'],
    ['etude worker --redis rediss://etude@HOST', 'over TLS, with the password from ETUDE_REDIS_PASSWORD'],
    ['etude worker --redis redis://HOST:6379 --clean --force', 'remove everything'],
  ],
}); // prettier-ignore
