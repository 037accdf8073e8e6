import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { defineConfig } from 'vitest/config';

const ALL = 'test/**/*.test.ts';

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

/** In the words of the files that have properties, or take them from a suite. */
const PROPERTIES = /fast-check|conformance|judged/;

/** Files that try more cases when they are asked to. */
function filesWithProperties(): string[] {
  return globSync(ALL).filter((path) => PROPERTIES.test(readFileSync(path, 'utf8')));
}

const common = {
  setupFiles: ['test/setup.ts'],
  testTimeout: 20_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 10_000 } },
};

export default defineConfig(({ mode }) => ({
  test: {
    // One worker less than there are cores is the default, which leaves one of two idle.
    maxWorkers: '100%',
    // `vitest run --mode full` runs as many cases of each property as it asks for (test/setup.ts), and only files that have some.
    env: mode === 'full' ? { ETUDE_RUNS: 'full' } : {},
    projects: [
      {
        test: {
          ...common,
          name: 'together',
          include: mode === 'full' ? filesWithProperties() : [ALL],
          exclude: ALONE,
          pool: 'threads',
          isolate: false,
        },
      },
      ...(mode === 'full' ? [] : [{ test: { ...common, name: 'alone', include: ALONE, pool: 'forks' as const } }]),
    ],
  },
}));
