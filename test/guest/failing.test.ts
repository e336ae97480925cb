import { afterEach, expect, it } from 'vitest';
import { bootFunctional, type FunctionalGuest } from '../../src/lab/functional/guest.js';
import { isAlive } from '../../src/state.js';
import './guest.js';

let guest: FunctionalGuest;
const boot = async (): Promise<FunctionalGuest> => {
  guest = await bootFunctional({ kernel: 'scx', cpus: 1 });
  return guest;
};
afterEach(() => guest.close());

it('a guest whose kernel panics is a clear error, then and afterwards', async () => {
  const { machine } = await boot();
  const panic = guest.exec(['sh', '-c', 'echo c > /proc/sysrq-trigger']);
  await expect(panic).rejects.toMatchObject({
    code: 'guest',
    message: expect.stringContaining('kernel panic: sysrq triggered crash'),
  });
  expect(isAlive(machine.pid)).toBe(false);
  await expect(guest.exec(['true'])).rejects.toThrow(/kernel panic/);
});

it('a guest that hangs is ended when its time is over', async () => {
  const { machine } = await boot();
  process.kill(machine.pid, 'SIGSTOP');
  await expect(guest.exec(['true'], { timeoutMs: 500 })).rejects.toMatchObject({
    code: 'guest',
    message: expect.stringContaining('hung'),
  });
  await guest.close();
  expect(isAlive(machine.pid)).toBe(false);
});
