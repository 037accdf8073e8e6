import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableSha256, sha256 } from '../src/sha256.ts';

describe('SHA-256', () => {
  it('is that of Node, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(portableSha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
      }),
    );
  });

  it.each([0, 55, 56, 63, 64, 65, 119, 120, 100_000])('is that of Node for %i bytes', (length) => {
    const bytes = Uint8Array.from({ length }, (_, k) => k % 251);
    expect(portableSha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('of several arrays is that of their bytes one after another, with Node’s own and without', () => {
    const [floats, bytes] = [Float64Array.of(0.5, -0, Infinity).subarray(1), Uint8Array.of(1, 2, 3)];
    const expected = createHash('sha256').update(floats).update(bytes).digest('hex');
    expect(sha256(floats, bytes)).toBe(expected);
    const { getBuiltinModule } = process;
    try {
      process.getBuiltinModule = () => undefined as never;
      expect(sha256(floats, bytes)).toBe(expected);
    } finally {
      process.getBuiltinModule = getBuiltinModule;
    }
  });
});
