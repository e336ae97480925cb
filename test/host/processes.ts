/** Real processes for the tests of the host target; all are gone when the test is over. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { expect, onTestFinished } from 'vitest';
import { threadsOf } from '../../src/host/tasks.js';
import { native } from '../../src/native.js';

// Processes start late on a machine that is busy.

const slices = native().probeSlices();
/** The kernel's own slice, ns. */
export const BASE = slices.baseNs;
/** Whether this kernel has slices of tasks (Linux 6.12). */
export const HAS_SLICES = slices.ok;
export const IS_ROOT = process.getuid?.() === 0;

/** A process that does what it is told, one line at a time, and answers each with a line. */
export class Puppet {
  private readonly answers: AsyncIterator<string>;

  constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    lines: Interface,
  ) {
    this.answers = lines[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.child.pid as number;
  }

  async ask(line: string): Promise<string> {
    this.child.stdin.write(`${line}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error('the process ended');
    return value;
  }

  /** Ends it, and waits until its number is free. */
  async end(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

async function puppet(file: string, args: readonly string[]): Promise<Puppet> {
  // A group of its own, so that what it starts ends with it.
  const child = spawn(file, args, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL');
    } catch {}
  });
  await once(child, 'spawn');
  return new Puppet(child, createInterface(child.stdout));
}

/** A shell. `fork` starts a child of it and gives its number. */
export async function shell(): Promise<Puppet & { fork(): Promise<number> }> {
  const made = await puppet('bash', ['-c', 'while read -r line; do eval "$line"; done']);
  expect(await made.ask('echo ready')).toBe('ready');
  const fork = async () => Number(await made.ask('sleep 600 >/dev/null & echo $!'));
  return Object.assign(made, { fork });
}

const THREADS = `
const { Worker } = require('node:worker_threads');
require('node:readline').createInterface(process.stdin).on('line', (line) => {
  if (line !== 'thread') return console.log('ready');
  new Worker('setInterval(() => {}, 1e6)', { eval: true }).once('online', () => console.log('started'));
});`;

/** A program with threads. `thread` starts one more. */
export async function threaded(): Promise<Puppet & { thread(): Promise<void> }> {
  const made = await puppet(process.execPath, ['-e', THREADS]);
  expect(await made.ask('hello')).toBe('ready');
  const thread = async () => void (await made.ask('thread'));
  return Object.assign(made, { thread });
}

/** Ends a process that may have left its group, when the test is over. */
export const endLater = (pid: number): void =>
  onTestFinished(() => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {}
  });

export const sliceOf = (tid: number): number => native().readSched(tid).sliceNs;

/** The slices of all threads of a process, each once. */
export const slicesOf = (pid: number): number[] => [...new Set(threadsOf(pid).map(sliceOf))];
