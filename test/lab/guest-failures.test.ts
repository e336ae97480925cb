import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { baseEntries, storeImage } from '../../src/lab/image.js';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import type { MachineOptions } from '../../src/lab/machine.js';
import { Session } from '../../src/lab/session.js';
import { machineShape } from '../../src/lab/shape.js';
import { agentPath } from '../../src/native.js';
import { guestOf, program } from './guests.js';
import { filesIn, scratchCache } from './scratch.js';

const cache = scratchCache();
// Boots take some seconds, more on a busy host; the kernel may have to be fetched first.
const SLOW = { timeout: 900_000 };
beforeAll(async () => void (await resolveKernel('eevdf')), SLOW.timeout);

const EXIT = 'int main(void) { return 127; }';
const HANG = 'int main(void) { for (;;) ; }';
const REBOOT = `
#include <sys/reboot.h>
int main(void) { reboot(RB_AUTOBOOT); return 0; }`;
const FLOOD = `
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>
static char text[65536];
int main(void) {
  mount("devtmpfs", "/dev", "devtmpfs", 0, "");
  int fd = open("/dev/console", O_WRONLY);
  for (unsigned i = 0; i < sizeof text; i++) text[i] = i % 64 == 63 ? '\\n' : '\\a' + i % 64;
  for (;;) write(fd, text, sizeof text);
}`;

/** How a boot to the first gate fails. */
async function failure(
  options: MachineOptions,
  [code, exitCode]: readonly [string, number] = ['guest', 1],
): Promise<{ message: string; hint: string }> {
  const outcome = await Session.boot(options).catch((error: unknown) => error);
  expect(outcome).toMatchObject({ name: 'TunesmithError', code, exitCode });
  return outcome as { message: string; hint: string };
}

describe('a guest', SLOW, () => {
  it.each([
    [
      'whose init ends',
      program.bind(null, EXIT),
      /kernel panic: Attempted to kill init! exitcode=0x00007f00$/,
    ],
    ['without a program', () => Buffer.from('text'), /kernel panic: No working init found\./],
    ['that reboots', program.bind(null, REBOOT), /waiting for the guest to boot: QEMU ended with status 0$/],
    ['that floods its console', program.bind(null, FLOOD), /its console output passed 1 MiB$/],
  ])('%s is a clear failure', async (_, init, words) => {
    const { message, hint } = await failure(await guestOf(init()));
    expect(message).toMatch(words);
    expect(message).toMatch(/^the lab guest failed while waiting for the guest to boot: /);
    expect(hint).toMatch(/^its last words: [\n\x20-\x7e]{1,600}$/);
  });

  it('that hangs is ended at the wall-clock limit', async () => {
    const { message } = await failure(await guestOf(program(HANG), { wallLimitMs: 4000 }));
    expect(message).toBe('the lab guest hung: the guest to boot took more than 4 s of wall-clock time');
  });

  it.each([
    ['a kernel that is none', { kernel: '/bin/ls' }, /Error loading uncompressed kernel/, 'machine'],
    ['an image that is not there', { image: '/nowhere/image' }, /\/nowhere\/image/, 'incapable'],
    ['a QEMU that is not there', { qemu: '/nowhere/qemu' }, /\/nowhere\/qemu/, 'incapable'],
  ])('with %s does not start, and QEMU’s words are passed on', async (_, part, words, code) => {
    const options = await guestOf(Buffer.from('x'), { wallLimitMs: 20_000, ...part });
    const { message, hint } = await failure(options, [code, 3]);
    expect(message + hint).toMatch(words);
  });
});

describe('a machine', SLOW, () => {
  const agentGuest = async (workload: string): Promise<MachineOptions> => ({
    ...(await guestOf(Buffer.alloc(0))),
    shape: machineShape({ cpus: 1, memoryMib: 256 }),
    image: (await storeImage(baseEntries(agentPath()))).path,
    bootRequest: { workload, params: {} },
  });

  it('killed from outside in mid-step ends the step with an error, and nothing stays', async () => {
    const session = await Session.boot(await agentGuest('idle'));
    const { pid } = session.machine;
    const request = { op: 'measure', knobs: [], params: {}, seed: 1, warmup_ns: 0, window_ns: 3_600e9 };
    const step = expect(session.step(request)).rejects.toMatchObject({
      code: 'machine',
      message: 'the lab guest failed while waiting for the step to end: QEMU was ended by SIGKILL',
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    process.kill(pid, 'SIGKILL');
    await step;
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    await session.close();
    expect(filesIn(cache).filter((path) => path.startsWith('run/'))).toEqual([]);
  });

  it('that stands still is this machine’s failure, and one that uses up its CPU time the guest’s', async () => {
    const request = { op: 'measure', knobs: [], params: {}, seed: 1, warmup_ns: 0, window_ns: 3_600e9 };
    const still = await Session.boot(await agentGuest('idle'));
    const stopped = expect(still.step(request, 3000)).rejects.toMatchObject({
      code: 'machine',
      message: expect.stringMatching(/^the lab failed while waiting for .*: its QEMU stands still$/),
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    process.kill(still.machine.pid, 'SIGSTOP');
    await stopped;
    const busy = await Session.boot(await agentGuest('idle'));
    await expect(busy.step(request, 3000)).rejects.toMatchObject({
      code: 'guest',
      message: 'the lab guest hung: the step to end took more than 3 s of CPU time',
    });
    await Promise.all([still.close(), busy.close()]);
  });

  it('with a workload the agent does not have says so at once', async () => {
    await expect(Session.boot(await agentGuest('no-such'))).rejects.toMatchObject({
      code: 'guest',
      message: 'the guest could not prepare the workload: the agent has no workload no-such',
    });
  });

  it('may be of many shapes: sockets, threads, nodes', async () => {
    const shape = machineShape({ cpus: 8, sockets: 2, threads: 2, nodes: 2, memoryMib: 256 });
    const session = await Session.boot({ ...(await agentGuest('idle')), shape });
    try {
      expect(await session.step({ op: 'describe', knobs: [] })).toMatchObject({ cpus: 8, workload: 'idle' });
    } finally {
      await session.close();
    }
  });
});
