import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { Lab } from '../../src/lab/lab.js';
import { policySpec } from '../../src/lab/policy.js';
import { prepareTrial } from '../../src/lab/prepare.js';
import { compilePolicy } from '../../src/verify/compile.js';
import { lintPolicy } from '../../src/verify/lint.js';
import { scratchCache } from '../lab/scratch.js';

scratchCache();

const SOURCE = readFileSync('test/verify/wakes.bpf.c', 'utf8');
const RULE = 'lint/wakes-no-cpu';

describe('what is said of a policy that wakes no idle CPU', () => {
  const HEAD = '#include "policy.bpf.h"\nchar LICENSE[] SEC("license") = "GPL";\n';
  const select = (body: string) =>
    `s32 BPF_STRUCT_OPS(x_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)\n{\n${body}\n}\n`;
  const source = (selecting: string, after = '', queue = 'SCX_DSQ_GLOBAL') =>
    `${HEAD}${selecting}void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)\n{\n\tscx_bpf_dsq_insert(p, ${queue}, SCX_SLICE_DFL, enq_flags);\n${after}}\n${selecting.includes('idle_cpus') ? 'void BPF_STRUCT_OPS(x_update_idle, s32 cpu, bool idle) { }\n' : ''}SCX_OPS_DEFINE(x_ops, ${selecting && '.select_cpu = (void *)x_select_cpu, '}${selecting.includes('idle_cpus') ? '.update_idle = (void *)x_update_idle, ' : ''}.enqueue = (void *)x_enqueue, .name = "x");`;
  const said = async (text: string) =>
    (await lintPolicy(text, { file: 'x.c' })).findings.filter(({ rule }) => rule === RULE);

  it.each([
    ['no select_cpu of its own', source('')],
    [
      'the kernel’s choice, inserted',
      source(
        select(
          '\tbool idle;\n\ts32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);\n\tif (idle)\n\t\tscx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);\n\treturn cpu;',
        ),
      ),
    ],
    [
      'an idle CPU, named',
      source(
        select('\ts32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);\n\treturn cpu >= 0 ? cpu : prev_cpu;'),
      ),
    ],
    [
      'the CPU before, if it is idle',
      source(
        select('\treturn scx_bpf_test_and_clear_cpu_idle(prev_cpu) ? prev_cpu : bpf_get_smp_processor_id();'),
      ),
    ],
    ['idle CPUs the policy knows itself', source(select('\treturn idle_cpus ? 1 : prev_cpu;'))],
    ['a kick', source(select('\treturn prev_cpu;'), '\tkick_idle_cpu(p);\n')],
    ['a CPU’s own queue', source(select('\treturn prev_cpu;'), '', 'SCX_DSQ_LOCAL')],
  ])('nothing: %s', async (_, text) => expect(await said(text)).toEqual([]));

  it.each([
    ['the CPU before', source(select('\treturn prev_cpu;'))],
    ['the waker’s CPU', source(select('\treturn bpf_get_smp_processor_id();'))],
    ['a queue of its own', source(select('\treturn prev_cpu;'), '', '3')],
  ])('a warning: %s', async (_, text) =>
    expect(await said(text)).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('x_select_cpu') },
    ]),
  );
});

describe('a guest', { timeout: 900_000 }, () => {
  const lab = new Lab();
  afterAll(() => lab.close());

  /** The share of the time that a CPU was idle while a task waited, under one choice of a CPU. */
  async function idleWhileQueued(choice: number, kick: number): Promise<number> {
    const kernel = await resolveKernel('scx');
    const { object } = await compilePolicy({ source: SOURCE, kernel, file: 'wakes.bpf.c' });
    if (!object) throw new Error('wakes.bpf.c does not compile');
    const policy = { object: readFileSync(object.path), tunables: { choice, kick } };
    const trial = await prepareTrial(lab, {
      kernel: 'scx',
      workload: 'stressors',
      cpus: 4,
      seed: 1,
      windowNs: 8e8,
      parameters: { hogs: 3, wakers: 2, affinity: 1, churn_ns: 2e6 },
      policy,
    });
    const spec = { ...trial.spec, knobs: trial.defaults, policy: policySpec(policy) };
    const { metrics } = await lab.trial(spec, { ...trial.files, policy: policy.object }, 'search');
    return metrics.idle_while_queued_share as number;
  }

  it('shows idle CPUs where select_cpu looks for none, unless one is kicked', async () => {
    expect(await idleWhileQueued(1, 0)).toBeGreaterThan((await idleWhileQueued(1, 1)) + 0.15);
  });

  it.each([
    ['the kernel’s choice', 0],
    ['an idle CPU that is named', 2],
  ])('shows no more of them without a kick: %s', async (_, choice) => {
    expect(await idleWhileQueued(choice, 0)).toBeLessThan((await idleWhileQueued(choice, 1)) + 0.15);
  });
});
