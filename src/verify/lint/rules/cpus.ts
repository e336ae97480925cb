import { guardsOf } from '../model/guards.js';
import { HOT_OPS } from '../model/known.js';
import type { Call, Policy } from '../model/policy.js';
import { inserts, queueOf } from '../model/queues.js';
import type { Report, Rule } from '../rule.js';

const ENQ_MIGRATION_DISABLED = 16n;

const flagsOf = (policy: Policy, call: Call): bigint =>
  policy.constants.value(call.args[1]?.text ?? '') ?? 0n;

const kickWait: Rule = {
  id: 'lint/kick-wait',
  severity: 'error',
  doc: 'SCX_KICK_WAIT makes a CPU wait until another one has rescheduled. CPUs that wait for each other in a ring hang the machine; policies do not get to use it.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_WAIT);
}`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_IDLE);
}`,
  check: (policy) =>
    policy
      .callsTo('scx_bpf_kick_cpu')
      .filter((call) => (flagsOf(policy, call) & 4n) !== 0n || /SCX_KICK_WAIT/.test(call.args[1]?.text ?? ''))
      .map(({ node }) => ({
        at: node,
        message: 'SCX_KICK_WAIT is not allowed: CPUs that wait for each other hang the machine',
        hint: 'use SCX_KICK_IDLE or SCX_KICK_PREEMPT',
      })),
};

const preemptAlways: Rule = {
  id: 'lint/preempt-every-enqueue',
  severity: 'error',
  doc: 'Every enqueue interrupts a CPU and throws out what runs there, whatever that is. Under load that is an interrupt and two switches per wake-up, and nobody gets to the end of a turn.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_PREEMPT);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_IDLE);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  check: (policy) => {
    const enqueue = policy.op('enqueue');
    return policy
      .callsTo('scx_bpf_kick_cpu')
      .filter((call) => call.fn === enqueue && (flagsOf(policy, call) & 2n) !== 0n)
      .filter(({ node }) => guardsOf(node).length === 0)
      .map(({ node, args }) => ({
        at: node,
        // A fixed CPU that dispatches for all others is a design of its own.
        severity: policy.globals.has(args[0]?.text ?? '') ? ('warning' as const) : ('error' as const),
        message: 'every enqueue preempts a CPU',
        hint: 'kick with SCX_KICK_IDLE, and preempt only when the new task is worth more than the running one',
      }));
  },
};

const hardCoded: Rule = {
  id: 'lint/hard-coded-cpu',
  severity: 'warning',
  doc: 'A CPU is named by a number in the source. Machines differ in how many CPUs they have and which of them are fast; the number belongs into a `const volatile` tunable.',
  bad: `void BPF_STRUCT_OPS(x_tick, struct task_struct *p)
{
	scx_bpf_kick_cpu(3, SCX_KICK_IDLE);
}`,
  good: `const volatile s32 central_cpu;
void BPF_STRUCT_OPS(x_tick, struct task_struct *p)
{
	scx_bpf_kick_cpu(central_cpu, SCX_KICK_IDLE);
}`,
  check: (policy) => {
    const direct = policy
      .callsTo('scx_bpf_kick_cpu', 'scx_bpf_test_and_clear_cpu_idle', 'scx_bpf_cpuperf_set')
      .flatMap(({ args }) => args[0] ?? []);
    const masks = policy.callsTo('bpf_cpumask_set_cpu').flatMap(({ args }) => args[0] ?? []);
    const named = [...direct, ...masks].filter(({ text }) => policy.constants.value(text) !== null);
    const selecting = policy.op('select_cpu');
    const returned = (selecting?.body.all('return_statement') ?? []).flatMap((node) => {
      const value = node.parts[0] && policy.constants.signed(node.parts[0].text);
      return value != null && value > 0n ? [node] : [];
    });
    return [...named, ...returned].map((at) => ({
      at,
      message: `CPU ${at.text.replace(/^return\s*|;$/g, '')} is fixed in the source`,
      hint: 'make it a const volatile tunable, or find a CPU by what it is',
    }));
  },
};

const single: Rule = {
  id: 'lint/single-cpu',
  severity: 'error',
  doc: 'Every task the policy places goes to one CPU with a fixed number. The others idle while it is overrun, and tasks that may not run there end the policy.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | 0, SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  check: (policy) => {
    const table = policy.tables[0];
    if (table === undefined || !table.fields.has('enqueue')) return [];
    const all = inserts(policy);
    if (all.length === 0) return [];
    const fixed = all.map((call) => {
      const text = queueOf(policy, call)?.text ?? '';
      const cpu = /SCX_DSQ_LOCAL_ON\s*\|\s*(.+)$/.exec(text)?.[1];
      return cpu === undefined ? null : policy.constants.value(cpu);
    });
    if (fixed.some((cpu) => cpu === null || cpu !== fixed[0])) return [];
    return [
      {
        at: (all[0] as Call).node,
        message: `every task is sent to CPU ${fixed[0]}`,
        hint: 'use SCX_DSQ_GLOBAL, or the CPU that ops.select_cpu found',
      },
    ];
  },
};

const scan: Rule = {
  id: 'lint/full-cpu-scan',
  severity: 'warning',
  doc: 'Every wake-up looks at every CPU. On a machine with hundreds of them that costs more than the task may want to run; kfuncs such as scx_bpf_pick_idle_cpu look at masks instead.',
  bad: `const volatile u32 nr_cpus;
s32 BPF_STRUCT_OPS(x_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	s32 cpu;

	bpf_for(cpu, 0, nr_cpus)
		if (scx_bpf_test_and_clear_cpu_idle(cpu))
			return cpu;
	return prev_cpu;
}
SCX_OPS_DEFINE(x_ops, .select_cpu = (void *)x_select_cpu, .name = "x");`,
  good: `s32 BPF_STRUCT_OPS(x_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	return cpu >= 0 ? cpu : prev_cpu;
}
SCX_OPS_DEFINE(x_ops, .select_cpu = (void *)x_select_cpu, .name = "x");`,
  check: (policy) =>
    [...policy.functions.values()].flatMap((fn) => {
      const hot = HOT_OPS.slice(0, 3).filter((op) => policy.opsOf(fn).has(op));
      if (hot.length === 0) return [];
      return fn.body.all('while_statement', 'for_statement').flatMap((loop): Report[] => {
        const bound = (loop.child('condition')?.text ?? '').replace(/\s+/g, ' ');
        if (!/\bnr_(?:cpu_ids|cpus|online_cpus|possible_cpus)\b|scx_bpf_nr_cpu_ids\(\)/.test(bound))
          return [];
        return [
          {
            at: loop,
            message: `ops.${hot[0]} looks at every CPU each time`,
            hint: 'use scx_bpf_pick_idle_cpu with a mask',
          },
        ];
      });
    }),
};

const cpuperf: Rule = {
  id: 'lint/cpuperf-range',
  severity: 'error',
  doc: 'scx_bpf_cpuperf_set takes 0 to 1024 (SCX_CPUPERF_ONE); a larger number ends the policy: “Invalid cpuperf target”.',
  bad: `void BPF_STRUCT_OPS(x_running, struct task_struct *p)
{
	scx_bpf_cpuperf_set(scx_bpf_task_cpu(p), 2048);
}`,
  good: `void BPF_STRUCT_OPS(x_running, struct task_struct *p)
{
	scx_bpf_cpuperf_set(scx_bpf_task_cpu(p), SCX_CPUPERF_ONE);
}`,
  check: (policy) =>
    policy.callsTo('scx_bpf_cpuperf_set').flatMap(({ args }): Report[] => {
      const level = args[1];
      const value = level && policy.constants.value(level.text);
      if (!level || !value || value <= 1024n) return [];
      return [
        {
          at: level,
          message: `${value} is above the 1024 that scx_bpf_cpuperf_set takes`,
          hint: 'use SCX_CPUPERF_ONE for full speed',
        },
      ];
    }),
};

const migrationDisabled: Rule = {
  id: 'lint/migration-disabled',
  severity: 'error',
  doc: 'SCX_OPS_ENQ_MIGRATION_DISABLED hands the policy tasks that may not leave their CPU for the moment, whatever their mask says, and nothing asks which they are before an insert into a CPU’s local queue. The first one that is sent elsewhere ends the policy: “cannot move migration disabled”.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | bpf_cpumask_any_distribute(p->cpus_ptr), SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .flags = SCX_OPS_ENQ_MIGRATION_DISABLED, .name = "x");`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = p->migration_disabled ? scx_bpf_task_cpu(p) : bpf_cpumask_any_distribute(p->cpus_ptr);

	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | cpu, SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .flags = SCX_OPS_ENQ_MIGRATION_DISABLED, .name = "x");`,
  check: (policy) => {
    const given = policy.tables[0]?.fields.get('flags')?.text ?? '';
    const isAsked = /\bis_migration_disabled\b|->migration_disabled\b/.test(policy.rewritten.text);
    if (isAsked || ((policy.constants.value(given) ?? 0n) & ENQ_MIGRATION_DISABLED) === 0n) return [];
    return inserts(policy)
      .filter((call) => /\bSCX_DSQ_LOCAL_ON\b/.test(queueOf(policy, call)?.text ?? ''))
      .filter(({ args }) => !/scx_bpf_task_cpu/.test(args[1]?.text ?? ''))
      .map(({ node }) => ({
        at: node,
        message: 'a task that may not migrate is sent to a CPU it may not be on',
        hint: 'keep it where it is (scx_bpf_task_cpu) when p->migration_disabled, or leave the flag out',
      }));
  },
};

export const CPU_RULES: readonly Rule[] = [
  kickWait,
  preemptAlways,
  hardCoded,
  single,
  scan,
  cpuperf,
  migrationDisabled,
];
