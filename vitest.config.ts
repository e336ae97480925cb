import { defineConfig } from 'vitest/config';

/**
 * A worker for each CPU: vitest would keep one for itself, and here it hardly works, the lab's guests do. The limits are
 * for hangs alone: how fast the machine is decides no test, so none sets a tighter one (test/house.test.ts).
 * Each file has a state directory of its own (test/setup.ts).
 */
export default defineConfig({
  test: {
    maxWorkers: '100%',
    setupFiles: ['test/setup.ts'],
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    expect: { poll: { timeout: 600_000 } },
  },
});
