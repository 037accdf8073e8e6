import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withFeatureTables, type Features } from '../../../bench/pages/features.ts';
import { DataError } from '../../../src/errors.ts';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'FEATURES.md'), 'utf8');
const features = JSON.parse(readFileSync(join(root, 'bench/results/features.json'), 'utf8')) as Features;
const all = { passed: 3, failed: 0, skipped: 0 };
const bare = ['kernels', 'gpu', 'engines', 'browsers', 'failures'].map((name) => `<!-- results:${name}:begin -->\n<!-- results:${name}:end -->`).join('\n'); // prettier-ignore

describe('FEATURES.md', () => {
  it('is what the result file gives', () => {
    expect(withFeatureTables(page, features)).toBe(page);
  });

  it('says of every operation on every backend how many tests passed, and what was skipped or failed', () => {
    const operations = {
      reference: { adam: all, affine: all },
      'simd (plain)': { adam: { passed: 2, failed: 1, skipped: 0 } },
      'simd (wide)': { adam: { passed: 0, failed: 0, skipped: 3 }, affine: { passed: 2, failed: 0, skipped: 1 } },
      'gpu-cpu': { lstm: all },
    };
    const made = withFeatureTables(bare, { operations, engines: {}, browsers: {} });
    expect(made).toContain('| adam | 3 | 2, **1 failed** | skipped |');
    expect(made).toContain('| affine | 3 | not tested | 2, 1 skipped |');
    expect(made).toContain('| lstm | 3 |');
    expect(made).toContain('Not tested yet.');
  });

  it('lists what fails on an engine, with its message, and says how far the road went', () => {
    const failed = { 'test/fit/fit.test.ts': { tests: 2, first: 'Error: a | b' } };
    const engines = { 'Bun 1': { parts: { fit: { passed: 1, failed: 2, skipped: 0 } }, failed, road: 'same losses' } };
    const made = withFeatureTables(bare, { operations: {}, engines, browsers: {} });
    expect(made).toContain('| Bun 1 | 1, **2 failed** | same losses |');
    expect(made).toContain('| Bun 1 | `test/fit/fit.test.ts` | 2 tests | Error: a \\| b |');
  });

  it('needs a place for every table', () => {
    expect(() => withFeatureTables('# What runs where', { operations: {}, engines: {}, browsers: {} })).toThrow(
      DataError,
    );
  });
});
