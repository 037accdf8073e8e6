import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundSeconds, simulatedRoundSeconds, speedup, worthIt, type Cluster } from '../../../bench/distributed/scale-model.ts'; // prettier-ignore

const FREE: Cluster = {
  bytes: 4e6,
  stepSeconds: 0.1,
  innerSteps: 50,
  linkBytesPerSecond: Infinity,
  redisBytesPerSecond: Infinity,
  averagingBytesPerSecond: Infinity,
  messageSeconds: 0,
};

const CLUSTERS = fc.record({
  bytes: fc.double({ min: 1e5, max: 1e8, noNaN: true }),
  stepSeconds: fc.double({ min: 0.01, max: 1, noNaN: true }),
  innerSteps: fc.integer({ min: 1, max: 500 }),
  linkBytesPerSecond: fc.double({ min: 1e6, max: 1e9, noNaN: true }),
  redisBytesPerSecond: fc.double({ min: 1e8, max: 1e10, noNaN: true }),
  averagingBytesPerSecond: fc.double({ min: 1e8, max: 1e10, noNaN: true }),
  messageSeconds: fc.double({ min: 0, max: 0.01, noNaN: true }),
});

describe('how many machines are worth it', () => {
  it('is all of them where moving the weights costs nothing', () => {
    expect(roundSeconds(FREE, 64)).toBe(5);
    expect(speedup(FREE, 64)).toBe(64);
    expect(worthIt(FREE, 100)).toBe(100);
  });

  it('ends where the card of the machine with Redis is busy as long as the machines compute', () => {
    // 5 s of work; (2 n + 1) x 4 MB at 12.5 MB/s are 5 s at n = 7.3.
    const slow = { ...FREE, linkBytesPerSecond: 12.5e6 };
    expect(roundSeconds(slow, 2)).toBeCloseTo(5 + 1.6, 12);
    expect(worthIt(slow)).toBe(7);
  });

  it('is more where a round is longer', () => {
    fc.assert(
      fc.property(CLUSTERS, (cluster) => {
        expect(worthIt({ ...cluster, innerSteps: 2 * cluster.innerSteps })).toBeGreaterThanOrEqual(worthIt(cluster));
      }),
    );
  });

  it('comes to nearly the same when each transfer is followed on its own', () => {
    fc.assert(
      fc.property(CLUSTERS, fc.integer({ min: 1, max: 64 }), (cluster, machines) => {
        const ratio = simulatedRoundSeconds(cluster, machines, 20, 1) / roundSeconds(cluster, machines);
        // Below: transfers overlap with the work of others. Above: the slowest of 64 takes a sixth longer.
        expect(ratio).toBeGreaterThan(0.45);
        expect(ratio).toBeLessThan(1.35);
      }),
    );
  });
});
