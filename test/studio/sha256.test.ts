import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/studio/engine/sha256.ts';

describe('SHA-256', () => {
  it('is that of Node, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
      }),
    );
  });

  it.each([0, 55, 56, 63, 64, 65, 119, 120, 100_000])('is that of Node for %i bytes', (length) => {
    const bytes = Uint8Array.from({ length }, (_, k) => k % 251);
    expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });
});
