import { defineConfig } from 'vitest/config';

/**
 * Files that change what belongs to the whole process, each with a process of its own. docs/architecture.md says why;
 * whatever else changes global state must come in here.
 */
const ALONE = [
  'test/cli/files.test.ts', // lowers its user id, which threads may not
  'test/bench/{heap,memory}.test.ts', // measure the memory of the process
  'test/midi/audio/render.test.ts', // loads the modules anew, and counts how often
  'test/midi/read/parse.test.ts', // the parser's interpreter is a global
  'test/tensor/gpu/dawn.test.ts', // puts another `webgpu` and another `navigator` in the place of the real ones
];

const common = {
  setupFiles: ['test/setup.ts'],
  // All cases of each property take four times as long.
  testTimeout: process.env.ETUDE_RUNS === 'full' ? 120_000 : 20_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 10_000 } },
};

export default defineConfig({
  test: {
    // One worker less than there are cores is the default, which leaves one of two idle.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          ...common,
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          pool: 'threads',
          isolate: false,
        },
      },
      { test: { ...common, name: 'alone', include: ALONE, pool: 'forks' } },
    ],
  },
});
