import { describe, expect, it } from 'vitest';
import { allocatedBytes } from '../../bench/heap.ts';

describe('allocatedBytes', () => {
  it('finds what a call allocates, though it is given back', () => {
    let kept: unknown;
    // A header and a hundred numbers of 8 bytes.
    const bytes = allocatedBytes(() => {
      kept = Array.from({ length: 100 }, (_, index) => index + 0.5);
    }, 5000);
    expect(kept).toHaveLength(100);
    expect(bytes).toBeGreaterThan(700);
    expect(bytes).toBeLessThan(4000);
  });

  it('finds next to nothing where nothing is allocated', () => {
    let sum = 0;
    const numbers = new Float64Array(16);
    const bytes = allocatedBytes(() => {
      for (const number of numbers) sum += number;
    }, 50_000);
    expect(sum).toBe(0);
    expect(bytes).toBeLessThan(16);
  });
});
