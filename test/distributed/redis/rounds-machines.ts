import { onTestFinished } from 'vitest';
import { parseRedisAddress } from '../../../src/distributed/redis/address.ts';
import { openRedisMachines } from '../../../src/distributed/redis/rounds/machines.ts';
import type { RedisMachinesOptions } from '../../../src/distributed/redis/rounds/options.ts';
import type { Machines } from '../../../src/distributed/rounds/machines.ts';
import type { Prepared } from './jobs.ts';

/** Two machines behind a Redis, closed when the test has finished. */
export async function machinesAt(
  url: string,
  { music, job }: Pick<Prepared, 'music' | 'job'>,
  {
    rounds,
    ...more
  }: Partial<Omit<RedisMachinesOptions, 'rounds'>> & { rounds?: Partial<RedisMachinesOptions['rounds']> } = {},
): Promise<Machines> {
  const opened = await openRedisMachines({
    ...{ address: parseRedisAddress(url), run: 'toy', preset: 'quick', settings: job('toy').settings, music },
    ...{ rounds: { machines: 2, innerSteps: 3, differences: 'float32', ...rounds }, heads: 2, patienceSeconds: 30 },
    ...more,
  }); // prettier-ignore
  onTestFinished(() => opened.close());
  return opened;
}
