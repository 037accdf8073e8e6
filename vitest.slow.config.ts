import { defineConfig } from 'vitest/config';

/** What a page does there has nothing of the browser in it: sizes, addresses, what `etude train` writes. */
const CHROMIUM_ONLY = ['study/study-long', 'study/study-address', 'studio/preset', 'studio/train-on', 'studio/first-load'].map((name) => `test/pages/${name}.slow.ts`); // prettier-ignore

const STUDIO = 'test/pages/built-studio.ts';

const common = {
  setupFiles: ['test/setup.ts'],
  testTimeout: 600_000,
  hookTimeout: 600_000,
  // What is waited for comes later on a busy machine.
  expect: { poll: { timeout: 20_000 } },
  // Other machines' browsers, Redis and clocks: there what fails once is tried once more, and the report says so.
  retry: process.env.CI ? 1 : 0,
};

/** The slow checks: long fuzzing, real data, kill -9, and the pages in Chromium and in Firefox. */
export default defineConfig({
  test: {
    // Two files at a time: many wait for clocks, browsers and networks more than they compute.
    maxWorkers: 2,
    projects: [
      { test: { ...common, name: 'slow', include: ['test/**/*.slow.ts'], globalSetup: STUDIO } },
      {
        test: {
          ...common,
          name: 'Firefox',
          include: ['test/pages/**/*.slow.ts'],
          exclude: CHROMIUM_ONLY,
          env: { ETUDE_BROWSER: 'firefox' },
          globalSetup: [STUDIO, 'test/pages/sound-server.ts'],
        },
      },
    ],
  },
});
