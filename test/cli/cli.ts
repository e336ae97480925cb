import { existsSync } from 'node:fs';
import { execa } from 'execa';

export const MAIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;
if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there: run npm run build`);

/** What one run of the command line came to. */
export interface Run {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as built, in a process of its own; it is never on a terminal. */
export function start(
  args: readonly string[],
  options: { cwd?: string; detached?: boolean; env?: Record<string, string>; timeout?: number } = {},
) {
  return execa(process.execPath, [MAIN, ...args], { ...options, reject: false, stdin: 'ignore' });
}

export async function tunesmith(...args: readonly string[]): Promise<Run> {
  const { exitCode, signal, stdout, stderr } = await start(args);
  return { code: exitCode, signal, stdout, stderr };
}
