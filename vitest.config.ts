import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Directories whose files take minutes, for they boot guests: a long one that begins last leaves a CPU idle. */
const LONG = ['/test/guest/', '/test/lab/', '/test/verify/', '/test/synthesis/', '/test/host/'];

const rank = ({ moduleId }: TestSpecification): number => {
  const at = LONG.findIndex((dir) => moduleId.includes(dir));
  return at < 0 ? LONG.length : at;
};

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/**
 * A worker for each CPU: vitest would keep one for itself, and here it hardly works, the lab's guests do. The limits are
 * for hangs alone: how fast the machine is decides no test, so none sets a tighter one (test/house.test.ts).
 * Each file has a state directory of its own (test/setup.ts).
 */
export default defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    expect: { poll: { timeout: 600_000 } },
  },
});
