import { describe, expect, it } from 'vitest';
import { CELL_KINDS } from '../../../src/nn/index.ts';
import { Watcher } from '../../../src/pages/studio/engine/watcher.ts';
import { shownQuantities } from '../../../src/pages/studio/phrase.ts';
import { files, REQUEST, settings, startSession } from './start-session.ts';

describe('looking at a phrase', () => {
  it.each(CELL_KINDS)(
    'shows what a %s does at each note, surprise and gradient, and a unit that agrees with them',
    async (kind) => {
      const { session } = await startSession({ ...REQUEST, given: { ...settings, cell: kind } });
      const watcher = new Watcher(session, () => undefined);
      const choice = { path: files[3].path, from: 5, count: 12, layer: 0 };
      const view = await watcher.look(choice);
      expect([view.cell, view.units, view.pitch.length, view.values.h!.length]).toEqual([kind, 6, 12, 72]);
      expect(Object.keys(view.values)).toEqual(shownQuantities(kind));
      expect(view.surprise[0]).toBeNaN();
      expect(view.surprise.slice(1).every((nats) => nats > 0)).toBe(true);
      // Nothing has been learned yet: the probability of a key is about that of any.
      expect(view.probability[6]).toBeGreaterThan(0.001);
      expect(view.gradientH.some((norm) => norm > 0)).toBe(true);
      expect(view.gradientC?.some((norm) => norm > 0)).toBe(view.values.c ? true : undefined);
      const [at, unit] = [7, 2];
      const cell = await watcher.cell({ ...choice, at, unit });
      for (const { name, result } of cell.states) expect(result).toBeCloseTo(view.values[name]![at * 6 + unit], 5);
      for (const { gate, activation } of cell.gates) {
        expect(activation, gate).toBeCloseTo(view.values[gate as 'h']![at * 6 + unit], 5);
      }
      await expect(watcher.look({ ...choice, from: 99_999 })).rejects.toThrow(/there are none/);
      await expect(watcher.look({ ...choice, layer: 1 })).rejects.toThrow(/has 1 layer/);
      await session.close();
    },
  );
});
