import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Lab } from '../../src/lab/lab.js';
import { type PreparedTrial, prepareTrial } from '../../src/lab/prepare.js';
import { descendants } from './children.js';
import { scratchCache } from './scratch.js';

scratchCache();
vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 1_200_000 });

const STEPS = [1, 2].map((seed) => ({ seed, warmupNs: 1e7 }));
let trial: PreparedTrial;
beforeAll(async () => {
  const lab = new Lab();
  trial = await prepareTrial(lab, { kernel: 'eevdf', workload: 'mixed', cpus: 2, seed: 1, windowNs: 1e8 });
  await lab.close();
});
const said: string[] = [];
const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
  said.push(String(text));
  return true;
});
afterAll(() => write.mockRestore());

const measure = (lab: Lab) => lab.series({ ...trial.spec, knobs: trial.defaults }, trial.files, STEPS);

/** Ends the lab's QEMU, so many of them one after the other. */
async function endQemu(times: number, isOver: () => boolean): Promise<void> {
  const ended = new Set<number>();
  while (ended.size < times && !isOver()) {
    for (const pid of descendants(/^qemu-system/).filter((one) => !ended.has(one))) {
      process.kill(pid, 'SIGKILL');
      ended.add(pid);
    }
    await setTimeout(2);
  }
}

async function measured(times: number) {
  const lab = new Lab({ fresh: true, machines: 1 });
  let isOver = false;
  try {
    const work = measure(lab).finally(() => {
      isOver = true;
    });
    await Promise.allSettled([work, endQemu(times, () => isOver)]);
    return await work;
  } finally {
    await lab.close();
  }
}

it('a guest that this machine loses is begun again and comes to the same', async () => {
  const undisturbed = await measured(0);
  expect(said.join('')).toBe('');
  expect(await measured(1)).toEqual(undisturbed);
  expect(said.join('')).toContain('it is tried again');
});

it('one that is lost again is this machine’s failure and nobody else’s', async () => {
  await expect(measured(2)).rejects.toMatchObject({ code: 'machine', exitCode: 3 });
});

it('ends with the lab that is closed, and is not begun again', async () => {
  const lab = new Lab({ fresh: true });
  const ended = expect(measure(lab)).rejects.toMatchObject({ code: 'interrupted' });
  while (descendants(/^qemu-system/).length === 0) await setTimeout(2);
  await lab.close();
  await ended;
  expect(descendants(/^qemu-system/)).toEqual([]);
});
