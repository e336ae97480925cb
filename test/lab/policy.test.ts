import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { Lab, type TrialFiles } from '../../src/lab/lab.js';
import { type PolicyInput, policyReply, policyRequest, policySpec } from '../../src/lab/policy.js';
import { type PreparedTrial, prepareTrial, type TrialRequest } from '../../src/lab/prepare.js';
import type { Session } from '../../src/lab/session.js';
import { type TrialResult, type TrialSpec, trialKey } from '../../src/lab/trial.js';
import { runtimePolicies } from '../policies/runtime/compile.js';
import { scratchCache } from './scratch.js';

scratchCache();
const BOOT = { timeout: 900_000 };
const NAMES = ['fifo', 'quitter', 'hoarder', 'unchecked', 'invented'] as const;
const REQUEST: TrialRequest = {
  kernel: 'scx',
  workload: 'mixed',
  cpus: 2,
  seed: 1,
  windowNs: 3e8,
  warmupNs: 1e8,
};

let lab: Lab;
let trial: PreparedTrial;
let objects: Record<(typeof NAMES)[number], Buffer>;

beforeAll(async () => {
  lab = new Lab();
  objects = await runtimePolicies(await resolveKernel('scx'), NAMES);
  trial = await prepareTrial(lab, REQUEST);
}, BOOT.timeout);
afterAll(() => lab.close());

const specOf = (policy: PolicyInput): TrialSpec => ({
  ...trial.spec,
  knobs: trial.defaults,
  policy: policySpec(policy),
});
const filesOf = (policy: PolicyInput): TrialFiles => ({ ...trial.files, policy: policy.object });
const run = (policy: PolicyInput, rigour: 'search' | 'referee' = 'search', by = lab): Promise<TrialResult> =>
  by.trial(specOf(policy), filesOf(policy), rigour);
const facts = ({ cached: _, wallMs: __, ...rest }: TrialResult) => rest;

/** Steps of one guest, each a policy request. */
async function talk<T>(
  work: (say: (op: string, policy?: PolicyInput) => ReturnType<typeof parse>, guest: Session) => T,
) {
  const guest = await lab.enter({ ...trial.spec, knobs: trial.defaults }, trial.files, 'search');
  try {
    return await work(async (op, policy) => {
      const request = policy ? { policy: policyRequest(policySpec(policy), policy.object) } : {};
      return parse(await guest.step({ op, ...request }));
    }, guest);
  } finally {
    await lab.leave(guest);
  }
}
const parse = async (reply: unknown) => policyReply.parse(reply);

describe('a trial under a policy', BOOT, () => {
  it('is the policy’s: in force throughout, with its counters, and unlike the kernel’s own scheduler', async () => {
    const [own, fifo] = await Promise.all([
      lab.trial({ ...trial.spec, knobs: trial.defaults }, trial.files, 'search'),
      run({ object: objects.fifo }),
    ]);
    expect(own.policyRuns).toBeUndefined();
    const [seen] = fifo.policyRuns ?? [];
    expect(seen).toMatchObject({ held: true, timeoutMs: 3000 });
    expect(seen?.status).toMatchObject({
      name: 'fifo',
      ops: 'fifo',
      state: 'enabled',
      switch_all: true,
      exit: null,
    });
    expect(seen?.status.figures.nr_enqueued).toBeGreaterThan(100);
    expect(seen?.status.events).toHaveProperty('SCX_EV_ENQ_SKIP_EXITING');
    expect(fifo.metrics.wakeup_p99_ns).toBeGreaterThan(own.metrics.wakeup_p99_ns as number);
  });

  it('is the same bits again, by a restore and by a cold boot, and moves with a tunable', async () => {
    const others = [new Lab({ fresh: true }), new Lab({ fresh: true })] as const;
    try {
      const policy = { object: objects.fifo };
      const [again, one] = await Promise.all([
        run(policy, 'search', others[0]),
        run(policy, 'referee', others[1]),
      ]);
      expect(facts(again)).toEqual(facts(await run(policy)));
      expect(facts(await run(policy, 'referee', others[0]))).toEqual(facts(one));
      const short = await run({ ...policy, tunables: { slice_ns: 500_000 } });
      expect(short.metrics.wakeup_p99_ns).toBeLessThan(again.metrics.wakeup_p99_ns as number);
    } finally {
      for (const other of others) await other.close();
    }
  });

  it('says that a policy gave up, and why', async () => {
    const { policyRuns } = await run({ object: objects.quitter });
    expect(policyRuns?.[0]).toMatchObject({
      held: false,
      status: {
        state: 'disabled',
        exit: { kind: 1025, source: 'record', message: 'quits after 50 tasks' },
      },
    });
  });

  it('says by the kernel’s log that a policy let tasks starve', async () => {
    const { policyRuns } = await run({ object: objects.hoarder, timeoutMs: 200 });
    const [seen] = policyRuns ?? [];
    expect(seen).toMatchObject({ held: false, timeoutMs: 200 });
    expect(seen?.status.exit).toMatchObject({
      kind: 1026,
      reason: 'runnable task stall',
      source: 'kernel-log',
    });
    expect(seen?.status.exit?.message).toMatch(/failed to (run|check in)/);
  });

  it('has a key of the object, the tunables and the timeout', () => {
    const policies: PolicyInput[] = [
      { object: objects.fifo },
      { object: objects.quitter },
      { object: objects.fifo, tunables: { slice_ns: 1 } },
      { object: objects.fifo, timeoutMs: 2000 },
    ];
    const keys = [trialKey(trial.spec), ...policies.map((policy) => trialKey(specOf(policy)))];
    expect(new Set(keys).size).toBe(5);
  });

  it('is refused with the verifier’s words, and asks no more than the policy has', async () => {
    await expect(run({ object: objects.unchecked })).rejects.toMatchObject({
      code: 'rejected',
      hint: expect.stringContaining('map_value_or_null'),
    });
    await expect(run({ object: objects.fifo, tunables: { slice: 1 } })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('no variable slice'),
      hint: expect.stringContaining('slice_ns'),
    });
    await expect(run({ object: objects.fifo, tunables: { eager: 2 } })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('is a bool, which cannot hold 2'),
    });
  });

  it('needs a kernel with sched_ext, and says which have it', async () => {
    const policy = { object: objects.fifo };
    await expect(prepareTrial(lab, { ...REQUEST, kernel: 'cfs', policy })).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('--kernel scx'),
    });
    await expect(prepareTrial(lab, { ...REQUEST, arch: 'arm64', policy })).rejects.toMatchObject({
      code: 'usage',
    });
  });
});

describe('a series of windows', BOOT, () => {
  const stepsOf = (seeds: number[]) => seeds.map((seed) => ({ seed, warmupNs: trial.spec.warmupNs }));
  const series = (policy: PolicyInput, seeds: number[], by = lab) =>
    by.series(specOf(policy), filesOf(policy), stepsOf(seeds));

  it('loads the policy once, and is the same bits again', async () => {
    const policy = { object: objects.fifo };
    const { windows, key } = await series(policy, [1, 2]);
    expect(windows.map(({ policyRun }) => policyRun?.held)).toEqual([true, true]);
    const [first, second] = windows.map(({ policyRun }) => policyRun?.status.figures.nr_enqueued ?? 0);
    expect(second).toBeGreaterThan(first as number);
    const fresh = new Lab({ fresh: true });
    try {
      expect(await series(policy, [1, 2], fresh)).toEqual({ windows, key });
    } finally {
      await fresh.close();
    }
    expect((await series(policy, [1, 3])).key).not.toBe(key);
  });

  it('does without a policy, and ends with the window in which one gave up', async () => {
    const own = await lab.series({ ...trial.spec, knobs: trial.defaults }, trial.files, stepsOf([1, 2]));
    expect(own.windows.map(({ policyRun }) => policyRun)).toEqual([undefined, undefined]);
    const { windows } = await series({ object: objects.quitter }, [1, 2]);
    expect(windows).toMatchObject([{ policyRun: { held: false, status: { exit: { kind: 1025 } } } }]);
  });

  it('is refused with the verifier’s words', async () => {
    await expect(series({ object: objects.unchecked }, [1])).rejects.toMatchObject({
      code: 'rejected',
      hint: expect.stringContaining('map_value_or_null'),
    });
  });
});

describe('a session with policies', BOOT, () => {
  it('loads, attaches, watches and detaches one after the other', async () => {
    await talk(async (say) => {
      const { load } = await say('policy_load', { object: objects.fifo, tunables: { bias: -7 } });
      expect(load).toMatchObject({
        code: '',
        name: 'fifo',
        declared_timeout_ms: 20_000,
        timeout_ms: 3000,
        absent: ['SCX_NO_SUCH_CONSTANT'],
      });
      expect(load?.variables).toContainEqual({ name: 'bias', type: 's32', constant: true, value: -7 });
      const costs = load?.programs.map(({ name, insns, states }) => [name, insns > 5, states >= 0]);
      expect(costs).toEqual(['fifo_enqueue', 'fifo_exit'].map((name) => [name, true, true]));
      expect((await say('policy_status')).status).toBeNull();

      expect((await say('policy_attach', { object: objects.fifo })).status).toMatchObject({ enabled: true });
      expect((await say('policy_status')).status).toMatchObject({ enabled: true, ops: 'fifo' });
      const quitter = { object: objects.quitter, tunables: { quit_after: 1_000_000_000 } };
      expect((await say('policy_attach', quitter)).status).toMatchObject({ enabled: true, ops: 'quitter' });
      expect((await say('policy_detach')).status).toMatchObject({
        enabled: false,
        state: 'disabled',
        exit: { kind: 64, reason: 'unregistered from user space' },
      });
    });
  });

  it('names the function that the kernel has not, and the step at which the verifier stopped', async () => {
    await talk(async (say) => {
      const invented = await say('policy_load', { object: objects.invented });
      expect(invented.load).toMatchObject({
        code: 'refused',
        reason: expect.stringContaining('scx_bpf_task_boost'),
      });
      const unchecked = await say('policy_load', { object: objects.unchecked });
      expect(unchecked.load).toMatchObject({ code: 'refused', errno: 13, program: 'unchecked_enqueue' });
      expect(unchecked.load?.log).toMatch(/; .*\*slice.* @ unchecked\.bpf\.c:\d+/);
      const none = await say('policy_load', { object: Buffer.from('no object') });
      expect(none.load).toMatchObject({ code: 'bad-object' });
    });
  });
});
