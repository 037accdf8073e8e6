import { describe, expect, it } from 'vitest';
import { ratioOf } from '../../../bench/peers/race.ts';
import { expectedOf, PEERS, shapeOfTask, TASKS } from '../../../bench/peers/tasks.ts';

describe('ratioOf', () => {
  it('divides pair by pair, so that a slow round counts for both', () => {
    expect(ratioOf([1, 2, 30], [2, 4, 60])).toEqual({ min: 0.5, median: 0.5, max: 0.5 });
    expect(ratioOf([1, 2, 3], [1, 1, 1])).toEqual({ min: 1, median: 2, max: 3 });
  });
});

describe('the tasks', () => {
  it('have our own engine on one thread first, and names of their own', () => {
    for (const task of TASKS) {
      const [first] = PEERS.filter(({ tasks }) => tasks.includes(task));
      expect([first.command, first.threads]).toEqual(['etude', 1]);
    }
    expect(new Set(PEERS.map(({ name }) => name)).size).toBe(PEERS.length);
  });

  it('know what must come out, and only of the large one go by our own', () => {
    for (const task of TASKS) {
      const { numbers, tolerance } = expectedOf(task, [1, 2]);
      const trains = task === 'train' || task === 'large';
      expect(numbers).toHaveLength(trains ? shapeOfTask(task).lossSteps.length : 3);
      expect(numbers[0] === 1).toBe(task === 'large');
      expect(tolerance).toBeLessThan(1e-4);
    }
  });
});
