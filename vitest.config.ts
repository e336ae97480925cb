import { defineConfig } from 'vitest/config';

/**
 * A worker for each CPU: vitest would keep one for itself, and here it hardly works, the lab's guests do. The limits are
 * for hangs alone: how fast the machine is decides no test, so none sets a tighter one (test/house.test.ts).
 */
export default defineConfig({
  test: {
    maxWorkers: '100%',
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    expect: { poll: { timeout: 600_000 } },
  },
});
