import { afterEach, expect, it } from 'vitest';
import { bootFunctional, type FunctionalGuest } from '../../src/lab/functional/guest.js';
import { isRunning } from './guest.js';

let guest: FunctionalGuest;
const boot = async (): Promise<FunctionalGuest> => {
  guest = await bootFunctional({ kernel: '6.18', cpus: 1 });
  return guest;
};
afterEach(async () => {
  await guest.close();
  expect(isRunning(guest.machine.pid)).toBe(false);
});

it('a guest whose kernel panics is a clear error, then and afterwards', async () => {
  const { machine } = await boot();
  const panic = guest.exec(['sh', '-c', 'echo c > /proc/sysrq-trigger']);
  await expect(panic).rejects.toMatchObject({
    code: 'guest',
    message: expect.stringContaining('kernel panic: sysrq triggered crash'),
  });
  expect(isRunning(machine.pid)).toBe(false);
  await expect(guest.exec(['true'])).rejects.toThrow(/kernel panic/);
});

it('a guest that switches itself off is one too', async () => {
  await boot();
  await expect(guest.exec(['sh', '-c', 'echo o > /proc/sysrq-trigger; sleep 60'])).rejects.toMatchObject({
    code: 'guest',
    message: expect.stringContaining('QEMU ended with status 0'),
  });
});

it('a guest that floods its console is ended', async () => {
  await boot();
  await expect(guest.exec(['sh', '-c', 'yes flood > /dev/console'])).rejects.toMatchObject({
    code: 'guest',
    message: expect.stringContaining('console output passed'),
  });
});

it('a guest that hangs is ended when its time is over', async () => {
  const { machine } = await boot();
  process.kill(machine.pid, 'SIGSTOP');
  await expect(guest.exec(['true'], { timeoutMs: 500 })).rejects.toMatchObject({
    code: 'guest',
    message: expect.stringContaining('hung'),
  });
});

it('a guest that closes with `await using` is gone', async () => {
  let pid = 0;
  {
    await using short = await boot();
    pid = short.machine.pid;
    expect((await short.exec(['uname', '-s'])).stdout).toBe('Linux\n');
  }
  expect(isRunning(pid)).toBe(false);
});
