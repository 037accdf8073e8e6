import { defineConfig } from 'vitest/config';

/** The slow checks: mutation of every backward pass, long fuzzing, real data, kill -9. */
export default defineConfig({
  test: {
    include: ['test/**/*.slow.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
