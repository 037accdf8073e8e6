import type { MachinePlace, WorkerEvent } from '../../distributed/redis/train-here.ts';
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
    case 'joined':
      return `${whoOf(event)} (preset ${event.preset}); ${MUSIC[event.music]}.`;
    case 'saved':
    case 'round':
      return undefined;
    case 'done':
      return `${whoOf(event)}: done at ${whereOf(event)} (${event.ended}).`;
    case 'given back':
      return `${whoOf(event)}: given back at ${whereOf(event)}; another machine goes on from there.`;
    case 'stopped':
      return `${whoOf(event)}: stopped at ${whereOf(event)} by whoever asked for it.`;
    case 'lost':
      return `${whoOf(event)}: another machine has taken it at ${whereOf(event)}, because nothing was heard of this one.`;
    case 'failed':
      return `${whoOf(event)}: ${event.message}`;
    case 'warning':
      return event.message;
  }
}

function whoOf(event: { run: string } | MachinePlace): string {
  return 'number' in event ? `machine ${event.number} of ${event.of} of run ${event.run}` : `run ${event.run}`;
}

function whereOf(event: { step: number } | MachinePlace): string {
  return 'number' in event ? `round ${formatCount(event.round)}` : `step ${formatCount(event.step)}`;
}
