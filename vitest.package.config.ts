import { defineConfig } from 'vitest/config';

/** The package as it is published: packed, installed into an empty folder, and used from there. */
export default defineConfig({
  test: {
    include: ['test/package/**/*.package.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
