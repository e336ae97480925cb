import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { TunesmithError } from '../../errors.js';
import { findTool } from '../../lab/functional/tools.js';
import { agentPath } from '../../native.js';
import { Sampler } from '../../telemetry/sampler.js';

export const run = promisify(execFile);
const PLACES = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin'];
const PACKAGE: Readonly<Record<string, string>> = {
  perf: 'linux-perf',
  runqlat: 'libbpf-tools',
  hackbench: 'rt-tests',
  bpftool: 'bpftool',
};

/** @throws TunesmithError (incapable) naming the package to install. */
export function tool(name: string): string {
  const found = findTool(name, PLACES);
  if (found !== undefined) return found;
  throw new TunesmithError('incapable', `${name} is not installed`, { hint: `apt install ${PACKAGE[name]}` });
}

/** A program that measures while work is done: ready when it has said `word`, ended when the work is. */
export async function beside<T>(argv: readonly string[], word: RegExp, work: () => Promise<T>): Promise<T> {
  const child = spawn(argv[0] as string, argv.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
  try {
    await said(child, word);
    return await work();
  } finally {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.signalCode === null) {
      child.stdin?.end();
      child.kill('SIGINT');
      await gone;
    }
  }
}

function said(child: ChildProcess, word: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const hear = (chunk: Buffer) => {
      text += chunk.toString();
      if (word.test(text)) resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('error', reject);
    child.once('exit', () =>
      reject(new TunesmithError('incapable', `${child.spawnfile} ended: ${text.trim()}`)),
    );
  });
}

/** Work under one measuring tool. */
export type Condition = <T>(work: () => Promise<T>) => Promise<T>;

/** All tasks, a row for each, at the defaults. */
export async function withSampler<T>(work: () => Promise<T>): Promise<T> {
  using _ = Sampler.open({ by: 'task' });
  return await work();
}

export const withEmptyHooks = <T>(work: () => Promise<T>): Promise<T> =>
  beside([join(dirname(agentPath()), 'tunesmith-hooks')], /attached/, work);

/** libbpf-tools’ runqlat, which prints nothing but its head until it is interrupted. */
export const withRunqlat = <T>(work: () => Promise<T>): Promise<T> =>
  beside(['stdbuf', '-oL', tool('runqlat')], /Tracing/, work);

/** perf bench sched pipe on one CPU: µs an operation (two switches and two wake-ups). */
export async function pipeUsPerOp(loops: number): Promise<number> {
  const argv = ['-c', '0', tool('perf'), 'bench', '-f', 'default', 'sched', 'pipe', '-l', String(loops)];
  const { stdout } = await run('taskset', argv);
  return Number(/([\d.]+) usecs\/op/.exec(stdout)?.[1]);
}

/**
 * hackbench on all CPUs, one group of 40 tasks: wall time in s, the fastest of `runs`, for what disturbs a run only
 * ever makes it longer.
 */
export async function hackbenchSeconds(loops: number, runs: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const { stdout } = await run(tool('hackbench'), ['-g', '1', '-l', String(loops)]);
    times.push(Number(/Time: ([\d.]+)/.exec(stdout)?.[1]));
  }
  return Math.min(...times);
}
