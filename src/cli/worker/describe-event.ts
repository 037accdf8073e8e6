import type { WorkerEvent } from '../../distributed/redis/train-here.ts';
import { formatCount } from '../../text/words.ts';

const MUSIC = {
  memory: 'the music is here already',
  cache: 'its music is in the cache',
  folder: 'its music is in the shared folder',
  redis: 'its music was fetched from Redis',
} as const;

/** What a worker does, as a line for people; undefined where they need not know. */
export function describeEvent(event: WorkerEvent): string | undefined {
  switch (event.event) {
    case 'ready':
      return `waiting for jobs at ${event.redis}, prefix "${event.prefix}"; Ctrl-C ends this.`;
    case 'job': {
      const { run, preset, from, until, music } = event;
      const where = from === 0 ? 'from the beginning' : `from step ${formatCount(from)}`;
      const to = until === null ? 'to the end' : `to step ${formatCount(until)}`;
      return `run ${run} (preset ${preset}), ${where} ${to}; ${MUSIC[music]}.`;
    }
    case 'saved':
      return undefined;
    case 'done':
      return `run ${event.run}: done at step ${formatCount(event.step)} (${event.ended}).`;
    case 'given back':
      return `run ${event.run}: given back at step ${formatCount(event.step)}; another machine goes on from there.`;
    case 'stopped':
      return `run ${event.run}: stopped at step ${formatCount(event.step)} by whoever asked for it.`;
    case 'lost':
      return `run ${event.run}: another machine has taken it at step ${formatCount(event.step)}, because nothing was heard of this one.`;
    case 'failed':
      return `run ${event.run}: ${event.message}`;
    case 'warning':
      return event.message;
  }
}
