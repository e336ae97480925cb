import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { Lab } from '../../src/lab/lab.js';
import { stepRequest } from '../../src/lab/step.js';
import { attachStage } from '../../src/verify/attach.js';
import { type PolicyGuests, policyGuests } from '../../src/verify/guest.js';
import { loadStage } from '../../src/verify/load.js';
import { rejects } from '../../src/verify/verdict.js';
import { scratchCache } from '../lab/scratch.js';
import { runtimePolicies } from '../policies/runtime/compile.js';

scratchCache();
const BOOT = { timeout: 900_000 };
const NAMES = ['fifo', 'quitter', 'hoarder', 'unchecked', 'invented', 'frozen', 'refuser'] as const;

let lab: Lab;
let guests: PolicyGuests;
let objects: Record<(typeof NAMES)[number], Buffer>;

beforeAll(async () => {
  lab = new Lab();
  objects = await runtimePolicies(await resolveKernel('scx'), NAMES);
  guests = await policyGuests(lab, 'scx');
}, BOOT.timeout);
afterAll(() => lab.close());

const load = (name: (typeof NAMES)[number], tunables = {}) =>
  loadStage({ object: objects[name], tunables }, guests);
const attach = (name: (typeof NAMES)[number], tunables = {}) =>
  attachStage({ object: objects[name], tunables }, guests);

describe('the load stage', BOOT, () => {
  it('passes a sound policy and counts what the verifier did', async () => {
    const verdict = await load('fifo', { slice_ns: 1_000_000 });
    expect(verdict).toMatchObject({ stage: 'load', findings: [], load: { name: 'fifo', timeout_ms: 3000 } });
    expect(verdict.load?.programs.every(({ insns }) => insns > 0)).toBe(true);
  });

  it('names the line, the reason and the state of what the verifier refuses', async () => {
    const verdict = await load('unchecked');
    expect(verdict.findings).toEqual([
      {
        stage: 'load',
        rule: 'load/null-check',
        severity: 'error',
        message: expect.stringMatching(
          /unchecked_enqueue: a pointer that may be NULL.*R\d invalid mem access.*\*slice.*R\d=map_value_or_null/,
        ),
        hint: expect.stringContaining('NULL'),
        place: { file: 'unchecked.bpf.c', line: 18 },
      },
    ]);
    expect(verdict.load?.log).toContain('processed ');
  });

  it.each([
    ['invented', {}, 'load/unknown-kfunc', 'scx_bpf_task_boost'],
    ['fifo', { slice: 1 }, 'load/unknown-tunable', 'no variable slice'],
    ['fifo', { bias: 2 ** 40 }, 'load/bad-tunable', 's32'],
  ] as const)('rejects %s with %j by %s', async (name, tunables, rule, words) => {
    const { findings } = await load(name, tunables);
    expect(findings).toMatchObject([{ rule, severity: 'error', message: expect.stringContaining(words) }]);
  });

  it('rejects what is no policy', async () => {
    const { findings } = await loadStage({ object: Buffer.from('no object') }, guests);
    expect(findings).toMatchObject([{ rule: 'load/bad-object' }]);
  });
});

describe('the attach stage', BOOT, () => {
  it('passes a policy that holds for the window', async () => {
    const verdict = await attach('fifo');
    expect(verdict).toMatchObject({ findings: [], status: { enabled: true, exit: null } });
    expect(rejects(verdict)).toBe(false);
  });

  it.each([
    ['quitter', {}, 'attach/ejected', 'kind 1025): quits after 50 tasks'],
    ['hoarder', {}, 'attach/ejected', 'runnable task stall'],
    ['refuser', {}, 'attach/not-enabled', 'ops.init() failed (-95)'],
    ['unchecked', {}, 'attach/not-loaded', 'unchecked_enqueue'],
  ] as const)('rejects %s %j by %s', async (name, tunables, rule, words) => {
    const { findings } = await attach(name, tunables);
    expect(findings).toMatchObject([{ rule, severity: 'error', message: expect.stringContaining(words) }]);
  });

  it('has the load stage’s verdict in it', async () => {
    const { load } = await attach('fifo');
    expect(load).toMatchObject({ stage: 'load', findings: [], load: { name: 'fifo' } });
    expect((await attach('unchecked')).load?.findings).toMatchObject([{ rule: 'load/null-check' }]);
  });

  it('goes on with a new guest when one is lost', async () => {
    const lost = await attachStage({ object: objects.frozen }, { ...guests, stepLimitMs: 10_000 });
    expect(lost.findings).toMatchObject([{ rule: 'attach/guest-lost', severity: 'error' }]);
    expect((await attach('fifo')).findings).toEqual([]);
  });
});

describe('a course', BOOT, () => {
  it('is known the second time, and not when nobody listened to its end', async () => {
    const { spec, files, defaults } = guests.trial;
    const steps = [1, 2].map((seed) => stepRequest({ ...spec, knobs: defaults, windowNs: 10_000_000, seed }));
    const hear = async (most: number): Promise<unknown[]> => {
      const heard: unknown[] = [];
      for await (const reply of lab.course(spec, files, steps)) if (heard.push(reply) === most) break;
      return heard;
    };
    const [first] = await hear(1);
    const all = await hear(3);
    expect(all).toHaveLength(2);
    expect(all[0]).toEqual(first);
    expect(await hear(3)).toEqual(all);
  });
});
