import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Lab } from '../../src/lab/lab.js';
import { LabEvaluator } from '../../src/synthesis/evaluate.js';
import { stockPolicies } from '../../src/synthesis/stock.js';
import type { Candidate, Case, Effort, Score } from '../../src/synthesis/types.js';
import { descendants } from '../lab/children.js';
import { scratchCache } from '../lab/scratch.js';
import { archiveOf } from './archive.js';

/*
 * A machine on which what we start is ended from outside, as often as a test says, in the real lab and with the real
 * compiler: what was not measured in the end is named, and nobody is dropped for it.
 */

scratchCache();
vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 1_200_000 });

const where: Case = { ...archiveOf().case, kernel: '6.18' };
const effort: Effort = { rigour: 'search', windowNs: 50e6, seeds: [1] };
const [fifo, vtime] = ['fifo', 'vtime'].map((name) => {
  const one = stockPolicies().find((policy) => policy.name === name);
  return one?.candidate as Candidate;
}) as [Candidate, Candidate];
const mute = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
afterAll(() => mute.mockRestore());

let lab: Lab;
let notes: string[] = [];
let evaluator: LabEvaluator;
const open = (): void => {
  notes = [];
  lab = new Lab({ fresh: true, machines: 1 });
  evaluator = new LabEvaluator(lab, (text) => void notes.push(text));
};
let undisturbed: Score;
beforeAll(async () => {
  open();
  undisturbed = await evaluator.score(fifo, where, effort);
  await lab.close();
});
afterEach(() => lab.close());

/** Ends processes of that name while work goes on, so many of them one after the other. */
async function disturbed<T>(work: Promise<T>, name: RegExp, times: number): Promise<T> {
  const ended = new Set<number>();
  let isOver = false;
  const done = work.finally(() => {
    isOver = true;
  });
  done.catch(() => {}); // it is awaited below
  while (!isOver && ended.size < times) {
    for (const pid of descendants(name).filter((one) => !ended.has(one))) {
      ended.add(pid);
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // gone by itself
      }
    }
    await setTimeout(2);
  }
  return await done;
}

it('what it ends is measured later, alone, and comes to the same', async () => {
  expect(undisturbed.value).toBeGreaterThan(0);
  open();
  await evaluator.score(null, where, effort); // so that it is the policy's guests that are ended
  const [score, other] = await Promise.all([
    disturbed(evaluator.score(fifo, where, effort), /^qemu-system/, 2),
    evaluator.score(vtime, where, effort),
  ]);
  expect(score).toEqual(undisturbed);
  expect(other.unmeasured).toBeUndefined();
  expect(notes.join()).toMatch(/not measured yet: .* it is tried again after the others/);
});

it('what it never lets finish is neither measured nor dropped', async () => {
  open();
  await evaluator.score(null, where, effort);
  const score = await disturbed(evaluator.score(fifo, where, effort), /^qemu-system/, 1000);
  expect(score).toMatchObject({
    candidate: fifo.id,
    value: null,
    unmeasured: expect.stringMatching(/SIGKILL/),
  });
  expect(score.dropped).toBeUndefined();
  const other = { ...where, cpus: 1 };
  await evaluator.cost(null, other, effort); // its guest has been asked for its knobs
  const own = await disturbed(evaluator.score(null, other, effort), /^qemu-system/, 1000);
  expect(own.unmeasured).toBeDefined();
  // It is not held against it later.
  expect(await evaluator.score(fifo, where, effort)).toEqual(undisturbed);
});

it('a compiler that it ends says nothing of the policy', async () => {
  open();
  const policy: Candidate = { ...fifo, id: 'a', source: `${fifo.source}\n/* not compiled before */\n` };
  const score = await disturbed(evaluator.score(policy, where, effort), /^clang/, 2);
  expect(score.dropped).toBeUndefined();
  expect(score.unmeasured).toBeUndefined();
  expect(score.value).toBe(undisturbed.value);
});
