import { spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { Allowance, cpuTimeMs } from '../../src/lab/allowance.js';

const children: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function started(file: string, ...args: string[]): number {
  const child = spawn(file, args, { stdio: 'ignore' });
  children.push(child);
  return child.pid as number;
}

async function overdue(allowance: Allowance): Promise<string> {
  for (;;) {
    const over = allowance.over();
    if (over !== null) return over;
    await setTimeout(20);
  }
}

it('a process that computes uses it up, however little of the machine it gets', async () => {
  const pid = started('sh', '-c', 'while :; do :; done');
  expect(await overdue(new Allowance(pid, 600))).toBe('used up');
  expect(cpuTimeMs(pid)).toBeGreaterThanOrEqual(600);
});

it.each([
  ['waits', 'sleep', ['1000']],
  ['is gone', 'true', []],
])('a process that %s stands still', async (_, file, args) => {
  const pid = started(file, ...args);
  await setTimeout(100);
  expect(await overdue(new Allowance(pid, 600))).toBe('standing still');
});

it('goes by the clock without a process', async () => {
  const begun = performance.now();
  expect(await overdue(new Allowance(null, 600))).toBe('used up');
  expect(performance.now() - begun).toBeGreaterThan(590);
});

it('does not count time in which whoever waits was itself stopped', async () => {
  const allowance = new Allowance(null, 4000);
  const until = Date.now() + 3000;
  while (Date.now() < until); // no look meanwhile
  allowance.over();
  expect(allowance.over()).toBeNull();
  const begun = performance.now();
  await overdue(allowance);
  expect(performance.now() - begun).toBeGreaterThan(1500);
});
