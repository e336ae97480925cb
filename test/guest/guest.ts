/** In-guest tests: a functional guest for each test file, and short ways to run things in it. */
import { afterAll, beforeAll } from 'vitest';
import {
  bootFunctional,
  type ExecOptions,
  type ExecResult,
  type FunctionalGuest,
  type FunctionalOptions,
} from '../../src/lab/functional/guest.js';

// An emulated CPU is some fifteen times slower than the host's, and the host may be busy.

/**
 * Boots a guest before the tests of this file (or `describe`) and ends it after them. Call it at their top:
 * `const guest = useGuest({ kernel: 'scx' })`, then `await guest().exec(['uname', '-r'])`.
 * The project in it is dist/ as it was built last (`npm run build`).
 */
export function useGuest(options: FunctionalOptions): () => FunctionalGuest {
  let guest: FunctionalGuest | undefined;
  beforeAll(async () => {
    guest = await bootFunctional(options);
  });
  afterAll(() => guest?.close());
  return () => {
    if (guest === undefined) throw new Error('the guest is there only while tests run');
    return guest;
  };
}

/** Runs the command line, built as it is, in a guest. */
export const tunesmith = (guest: FunctionalGuest, ...args: string[]): Promise<ExecResult> =>
  guest.exec(['tunesmith', ...args], { timeoutMs: 1_000_000 });

/** Runs an ES module in a guest's Node; its relative imports start at the project: `./dist/native.js`. */
export const runModule = (
  guest: FunctionalGuest,
  source: string,
  options: ExecOptions = {},
): Promise<ExecResult> => guest.exec(['node', '--input-type=module'], { ...options, stdin: source });
