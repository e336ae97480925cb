import { execa } from 'execa';

/** What a program did. `found` is false when there is no such program; `code` is null after a signal or a time-out. */
export interface Ran {
  readonly found: boolean;
  readonly code: number | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with no input. Never throws; `timeoutMs` (10 s) ends it with SIGKILL. */
export type Run = (
  file: string,
  args: readonly string[],
  options?: { timeoutMs?: number; cwd?: string },
) => Promise<Ran>;

/** The real `Run`: on this machine, in English, at most 1 MB of output. */
export const run: Run = async (file, args, options = {}) => {
  const done = await execa(file, args, {
    reject: false,
    stdin: 'ignore',
    env: { LC_ALL: 'C' },
    timeout: options.timeoutMs ?? 10_000,
    killSignal: 'SIGKILL',
    maxBuffer: 1_000_000,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  return {
    found: done.code !== 'ENOENT',
    code: done.exitCode ?? null,
    timedOut: done.timedOut,
    stdout: done.stdout,
    stderr: done.stderr,
  };
};
