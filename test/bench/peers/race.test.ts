import { describe, expect, it } from 'vitest';
import { ownNames, ratioOf, type PeerRow } from '../../../bench/peers/race.ts';
import { expectedOf, peersOn, shapeOfTask, TASKS, TORCH_FORMS } from '../../../bench/peers/tasks.ts';

describe('ratioOf', () => {
  it('divides pair by pair, so that a slow round counts for both', () => {
    expect(ratioOf([1, 2, 30], [2, 4, 60])).toEqual({ min: 0.5, median: 0.5, max: 0.5 });
    expect(ratioOf([1, 2, 3], [1, 1, 1])).toEqual({ min: 1, median: 2, max: 3 });
  });
});

const nodes = ['24', '20'].map((line) => ({ name: `Node ${line}`, program: 'node', version: `${line}.1.0` }));
const peers = peersOn(nodes, 2);

describe('ownNames', () => {
  it('are ours on the first Node, by threads', () => {
    const ours = peers
      .filter(({ command }) => command === 'etude')
      .map(({ name }) => [name, { min: 1, median: 1, max: 1 }]);
    const row = { peer: ours[0][0], ratios: Object.fromEntries(ours) } as unknown as PeerRow;
    expect(ownNames([row])).toEqual(['Etude, Node 24, 1 thread', 'Etude, Node 24, 2 threads']);
  });
});

describe('the tasks', () => {
  it('have our own engine on one thread first, and names of their own', () => {
    for (const task of TASKS) {
      const [first] = peers.filter(({ tasks }) => tasks.includes(task));
      expect([first.command, first.threads, first.node]).toEqual(['etude', 1, nodes[0]]);
    }
    expect(new Set(peers.map(({ name }) => name)).size).toBe(peers.length);
  });

  it('have PyTorch in every form with every number of threads, at the tutorial’s step and at the large one', () => {
    for (const task of ['train', 'large'] as const) {
      const found = peers.filter(({ command, tasks }) => command === 'python' && tasks.includes(task));
      const expected = TORCH_FORMS.flatMap((form) => [1, 2].map((threads) => `${form} ${threads}`));
      expect(found.map(({ variant, threads }) => `${variant} ${threads}`)).toEqual(expected);
    }
  });

  it('have our own engine on every Node as a row of its own', () => {
    const found = peers.filter(({ command, variant }) => command === 'etude' && variant === 'auto');
    expect(found.map(({ node, threads }) => `${node!.version} ${threads}`)).toEqual(['24.1.0 1', '24.1.0 2', '20.1.0 1', '20.1.0 2']); // prettier-ignore
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
