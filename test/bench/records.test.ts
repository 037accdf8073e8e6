import { describe, expect, it } from 'vitest';
import { RESULT_NAMES } from '../../bench/pages/figures.ts';
import { PARTS, RECORDS, shortened } from '../../bench/records.ts';

describe('the recordings', () => {
  it('have names of their own, and the pages read each of them', () => {
    const names = RECORDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.toSorted()).toEqual([...RESULT_NAMES].toSorted());
  });

  it('are of every part', () => {
    expect(new Set(RECORDS.map(({ part }) => part))).toEqual(new Set(PARTS));
  });

  it('measure our own step on Node 20, 24 and 26, with one thread and with two', () => {
    for (const name of ['train-1', 'train-2']) {
      const nodes = RECORDS.filter((record) => record.name.startsWith(name)).map(({ node }) => node);
      expect(nodes).toEqual(['20', '24', '26']);
    }
  });

  it('are the same commands in short, but for counts and pictures', () => {
    for (const record of RECORDS) {
      const { argv } = shortened(record);
      expect(argv.slice(0, 2)).toEqual(record.argv.slice(0, 2));
      expect(argv).not.toContain('--svg');
      expect(argv[argv.indexOf('--seconds') + 1]).toBe(argv.includes('--seconds') ? '0.05' : argv[0]);
    }
  });
});
