import { expect, it } from 'vitest';
import { roundsRunId } from '../../../src/distributed/run-id.ts';
import { resolveSettings, type Settings } from '../../../src/music/index.ts';
import { roundSettings } from './suite.ts';

it('the id of a run on several machines stays when it goes on for longer, and is another for another run', () => {
  const idOf = (change: Partial<Settings> = {}, machines = 3, folder = '/runs/a'): string =>
    roundsRunId({ preset: 'quick', settings: resolveSettings('quick', change), music: 'digest' }, roundSettings({ machines }), folder); // prettier-ignore
  const id = idOf();
  expect(id).toMatch(/^[\da-f]{16}$/);
  const longer: Partial<Settings>[] = [{ epochs: 99 }, { maxSteps: 7 }, { learningRate: 0.5 }, { patience: 2 }];
  for (const change of longer) expect(idOf(change), JSON.stringify(change)).toBe(id);
  const others: Partial<Settings>[] = [
    { clip: 0.5 },
    { seed: 7 },
    { batchSize: 5 },
    { dropout: 0.33 },
    { time: 'beats' },
  ];
  const ids = [...others.map((change) => idOf(change)), idOf({}, 4), idOf({}, 3, '/runs/b'), id];
  expect(new Set(ids).size).toBe(ids.length);
});
