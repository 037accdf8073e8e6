import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRunConfig, writeRunConfig, type RunConfig } from '../../../src/cli/train/run-config.ts';
import { DataError } from '../../../src/errors.ts';
import { resolveSettings } from '../../../src/music/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const config: Omit<RunConfig, 'format' | 'version'> = {
  etude: '1.0.0',
  node: 'v20.19.0',
  preset: 'quick',
  settings: resolveSettings('quick'),
  data: {
    sources: ['/music'],
    splitBy: 'random pieces',
    train: [{ path: '/music/a.mid', notes: 9, digest: 'ab' }],
    validation: [],
    leftOut: { skipped: [], duplicates: [], missing: [] },
  },
  engine: { backend: 'simd', threads: 2, name: 'simd (plain), 2 threads' },
  parameters: 84_354,
  sampleNotes: null,
};

describe('config.json', () => {
  it('gives back what a run is resumed with', () => {
    const path = join(temporaryFolder(), 'config.json');
    writeRunConfig(path, config);
    expect(readRunConfig(path)).toEqual({
      preset: 'quick',
      settings: config.settings,
      sources: ['/music'],
      backend: 'simd',
      threads: 2,
      sampleNotes: null,
    });
  });

  it.each([
    ['', /cannot be read/],
    ['[1', /cannot be read/],
    ['null', /holds no object/],
    ['{}', /expected a "etude-run" of version 1/],
    [{ version: 2 }, /of version 1/],
    [{ data: {} }, /the preset or the data are missing/],
    [{ preset: 7 }, /the preset or the data are missing/],
    [{ settings: { ...config.settings, batchSize: -1 } }, /--batch-size: expected/],
    [{ settings: { ...config.settings, colour: 1 } }, /unknown key "colour"/],
  ])('%o is refused with its path', (change, message) => {
    const path = join(temporaryFolder(), 'config.json');
    writeRunConfig(path, config);
    const whole = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, typeof change === 'string' ? change : JSON.stringify({ ...whole, ...change }));
    expect(() => readRunConfig(path)).toThrow(DataError);
    expect(() => readRunConfig(path)).toThrow(message);
    expect(() => readRunConfig(path)).toThrow(path);
  });
});
