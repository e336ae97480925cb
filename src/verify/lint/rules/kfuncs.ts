import { nearNames } from '../../../near.js';
import { essentialName } from '../../flavour.js';
import { functionName } from '../model/build.js';
import { HELPERS, isForeignHelper, LIBBPF_MACROS } from '../model/helpers.js';
import {
  ALLOWED_OPS,
  IDLE_KFUNCS,
  MACROS,
  PLACING,
  RENAMED,
  SCX_KFUNCS,
  SLEEPING_KFUNCS,
} from '../model/kfuncs.js';
import { OPS, SLEEPABLE_OPS } from '../model/known.js';
import { perNode } from '../model/memo.js';
import type { Call, Policy } from '../model/policy.js';
import type { Report, Rule } from '../rule.js';

/** Names the source itself gives a meaning: functions, macros. */
const isOwn = (policy: Policy, name: string): boolean =>
  policy.functions.has(name) || policy.macros.has(name) || policy.constants.textOf(name) !== undefined;

/** The functions whose being there the source asks for by bpf_ksym_exists(). */
const probed = perNode(
  (policy: Policy): ReadonlySet<string> =>
    new Set(
      [...policy.rewritten.text.matchAll(/bpf_ksym_exists\(\s*(\w+)\s*\)/g)].map(([, name]) =>
        essentialName(name as string),
      ),
    ),
);
const isProbed = (policy: Policy, { name }: Call): boolean => probed(policy).has(name);

/** More of one kind say nothing that these do not, and a name that is near takes long to find. */
const MOST_NEAR = 50;

const hasHeader = (policy: Policy): boolean => policy.includes.some((path) => path.endsWith('policy.bpf.h'));
/** Headers of scx bring names of their own that we do not see. */
const hasOtherHeader = (policy: Policy): boolean =>
  policy.includes.some((path) => !/^(?:vmlinux\.h|policy\.bpf\.h|bpf\/\w+\.h)$/.test(path));

const removed: Rule = {
  id: 'lint/removed-kfunc',
  severity: 'error',
  doc: 'Linux 6.13 renamed what 6.12 called scx_bpf_dispatch, scx_bpf_consume and so on; 6.17 dropped the old names, so the policy does not load there. policy.bpf.h makes the new names work on 6.12.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}`,
  check: (policy) =>
    policy.calls.flatMap((call): Report[] => {
      const today = RENAMED.get(call.name);
      if (today === undefined || isOwn(policy, call.name) || isProbed(policy, call)) return [];
      if (policy.kfuncs?.has(call.name)) return [];
      return [
        {
          at: call.node,
          message: `${call.name} is the name of Linux 6.12; it was removed in 6.17`,
          hint: `call ${today}; policy.bpf.h makes it work on 6.12 too`,
        },
      ];
    }),
};

const unknownKfunc: Rule = {
  id: 'lint/unknown-kfunc',
  severity: 'error',
  doc: 'A function is called that neither the policy defines nor the kernel offers to BPF programs. With the target kernel’s types at hand that is certain; without them, names that no kernel from 6.12 to 7.3 knows are reported.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_enqueue_task(p, SCX_DSQ_GLOBAL);
}`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}`,
  check: (policy) => {
    const unknown = policy.calls.filter((call) => {
      const { name } = call;
      if (!/^_*(?:scx_bpf|bpf)_/.test(name) || RENAMED.has(name) || isOwn(policy, name)) return false;
      if (MACROS.has(name) || HELPERS.has(name) || LIBBPF_MACROS.test(name) || isProbed(policy, call))
        return false;
      if (policy.kfuncs?.has(name) || (hasHeader(policy) && SCX_KFUNCS.has(name))) return false;
      return policy.kfuncs !== undefined || (/^_*scx_/.test(name) && !SCX_KFUNCS.has(name));
    });
    return unknown.slice(0, MOST_NEAR).map((call): Report => {
      const { name } = call;
      const known = /^_*scx_/.test(name) ? SCX_KFUNCS : HELPERS;
      const near = nearNames(
        name,
        [...known, ...(policy.kfuncs ?? [])].filter((other) => other !== name),
      );
      return {
        at: call.node,
        severity: hasOtherHeader(policy) ? 'warning' : 'error',
        message:
          policy.kfuncs === undefined
            ? `no kernel from 6.12 to 7.3 has a kfunc ${name}`
            : `the target kernel has no kfunc or helper ${name}`,
        hint:
          near.length > 0
            ? `did you mean ${near.join(', ')}?`
            : 'a policy can call kfuncs, BPF helpers and functions of its own only',
      };
    });
  },
};

/** Where functions given to bpf_timer_set_callback run (model/build.ts). */
const TIMER = 'timer';

/** Functions that the source declares as callbacks which do not sleep. */
const wakeful = perNode(
  (policy: Policy): ReadonlySet<string> =>
    new Set(
      [...policy.source.matchAll(/\bBPF_STRUCT_OPS\(\s*(\w+)|\bSEC\("struct_ops\/(\w+)"\)/g)].map(
        ([, ours, theirs]) => (ours ?? theirs) as string,
      ),
    ),
);

/** Whether an op that may sleep is served by a function that is declared not to. */
const isWakeful = (policy: Policy, op: string): boolean => wakeful(policy).has(policy.op(op)?.name ?? '');

const wrongContext: Rule = {
  id: 'lint/wrong-context',
  severity: 'error',
  doc: 'A kfunc is called, directly or through a helper, from an op it is not for: scx_bpf_dsq_insert belongs in select_cpu, enqueue and dispatch, scx_bpf_dsq_move_to_local in dispatch, scx_bpf_create_dsq where sleeping is allowed and BPF_STRUCT_OPS_SLEEPABLE says so; none of them in a timer’s function. Up to 7.0 the kernel ends the policy at the first such call, from 7.1 on it does not load.',
  bad: `void BPF_STRUCT_OPS(x_running, struct task_struct *p)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
}
SCX_OPS_DEFINE(x_ops, .running = (void *)x_running, .name = "x");`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  check: (policy) =>
    policy.calls.flatMap((call): Report[] => {
      if (isOwn(policy, call.name)) return [];
      const allowed = ALLOWED_OPS.get(call.name);
      const ops = [...policy.opsOf(call.fn)].filter((op) => OPS.has(op) || op === TIMER);
      const wrong = SLEEPING_KFUNCS.has(call.name)
        ? ops.filter((op) => !SLEEPABLE_OPS.has(op) || isWakeful(policy, op))
        : allowed && ops.filter((op) => !allowed.includes(op));
      if (wrong === undefined || wrong.length === 0) return [];
      const undeclared = wrong.every((op) => SLEEPABLE_OPS.has(op))
        ? policy.op(wrong[0] as string)
        : undefined;
      const through = call.fn === policy.op(wrong[0] as string) ? '' : ` (through ${call.fn.name})`;
      const places = wrong.filter((op) => op !== TIMER).map((op) => `ops.${op}`);
      const where = [
        ...(places.length > 0 ? [`${places.join(', ')}${through}`] : []),
        ...(wrong.includes(TIMER) ? [`${call.fn.name}, which a timer runs`] : []),
      ];
      const kick = wrong.includes(TIMER)
        ? '; a timer can wake a CPU by scx_bpf_kick_cpu, whose ops.dispatch then does it'
        : '';
      return [
        {
          at: call.node,
          message: `${call.name} cannot be called from ${where.join(' and ')}${undeclared ? ', which is not declared sleepable' : ''}`,
          hint: allowed
            ? `it works from ops.${allowed.filter((op) => PLACING.includes(op)).join(', ops.')}${kick}`
            : undeclared === undefined
              ? 'it may sleep: call it from ops.init'
              : `it may sleep: declare ${undeclared.name} by BPF_STRUCT_OPS_SLEEPABLE`,
        },
      ];
    }),
};

const sleepableHot: Rule = {
  id: 'lint/sleepable-hot-op',
  severity: 'error',
  doc: 'A callback is declared sleepable that the kernel runs with a run queue locked. Only init, exit, init_task, cgroup_init, cgroup_exit, cgroup_prep_move, cpu_online and cpu_offline may sleep; the load fails for any other.',
  bad: `void BPF_STRUCT_OPS_SLEEPABLE(x_enqueue, struct task_struct *p, u64 enq_flags)
{
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  check: (policy) =>
    policy.tables.flatMap(({ fields }) =>
      [...fields].flatMap(([op, value]): Report[] => {
        const fn = policy.functions.get(functionName(value));
        if (!fn?.section?.startsWith('struct_ops.s') || SLEEPABLE_OPS.has(op)) return [];
        const message = `ops.${op} cannot sleep, but ${fn.name} is declared sleepable`;
        return [{ at: fn.node, message, hint: 'use BPF_STRUCT_OPS instead of BPF_STRUCT_OPS_SLEEPABLE' }];
      }),
    ),
};

const foreignHelper: Rule = {
  id: 'lint/foreign-helper',
  severity: 'error',
  doc: 'A BPF helper of another kind of program (networking, tracing) is called from a callback. The verifier refuses it: “program of this type cannot use helper”.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_redirect(1, 0);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_ktime_get_ns();
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  check: (policy) =>
    policy.calls
      .filter(({ name, fn }) => {
        const ops = policy.opsOf(fn);
        const elsewhere = ops.has('other') || ops.has(TIMER);
        return isForeignHelper(name) && !isOwn(policy, name) && ops.size > 0 && !elsewhere;
      })
      .map(({ name, node }) => ({
        at: node,
        message: `${name} is a helper of another program type; a scheduler cannot call it`,
      })),
};

const KERNEL_OWN =
  /^(?:k[mz]alloc|kfree|vmalloc|malloc|calloc|free|printf|fprintf|printk|pr_\w+|smp_processor_id|raw_smp_processor_id|this_cpu_ptr|per_cpu_ptr|cpu_rq|task_rq|rcu_read_lock|rcu_read_unlock|spin_lock\w*|spin_unlock\w*|mutex_lock|mutex_unlock|list_add\w*|list_del\w*|rb_insert_color|cpumask_test_cpu|cpumask_first|cpumask_next|cpumask_weight|for_each_cpu|schedule|msleep|usleep|udelay|sched_clock|ktime_get\w*|set_cpus_allowed_ptr|wake_up_process|set_tsk_need_resched|resched_curr|task_nice|strcmp|strncmp|strstr|strlen)$/;

const kernelCall: Rule = {
  id: 'lint/kernel-function',
  severity: 'error',
  doc: 'A function of the kernel’s inside or of the C library is called. A BPF program can call BPF helpers, kfuncs and functions of its own; nothing else exists for it.',
  bad: `s32 BPF_STRUCT_OPS(x_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return cpumask_test_cpu(prev_cpu, p->cpus_ptr) ? prev_cpu : smp_processor_id();
}`,
  good: `s32 BPF_STRUCT_OPS(x_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return bpf_cpumask_test_cpu(prev_cpu, p->cpus_ptr) ? prev_cpu : bpf_get_smp_processor_id();
}`,
  check: (policy) =>
    policy.calls
      .filter(({ name }) => KERNEL_OWN.test(name) && !isOwn(policy, name) && !policy.declared.has(name))
      .map(({ name, node }) => ({
        at: node,
        severity: hasOtherHeader(policy) ? ('warning' as const) : ('error' as const),
        message: `${name} is a function of the kernel or the C library, which a BPF program cannot call`,
        hint: 'look for a kfunc or a BPF helper that does it',
      })),
};

const idleKeep: Rule = {
  id: 'lint/idle-tracking-off',
  severity: 'error',
  doc: 'An ops.update_idle turns the kernel’s own tracking of idle CPUs off unless SCX_OPS_KEEP_BUILTIN_IDLE is set. Every kfunc that asks for an idle CPU then ends the policy.',
  bad: `s32 BPF_STRUCT_OPS(x_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
}
void BPF_STRUCT_OPS(x_update_idle, s32 cpu, bool idle)
{
}
SCX_OPS_DEFINE(x_ops, .select_cpu = (void *)x_select_cpu, .update_idle = (void *)x_update_idle, .name = "x");`,
  good: `s32 BPF_STRUCT_OPS(x_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
}
void BPF_STRUCT_OPS(x_update_idle, s32 cpu, bool idle)
{
}
SCX_OPS_DEFINE(x_ops, .select_cpu = (void *)x_select_cpu, .update_idle = (void *)x_update_idle,
	       .flags = SCX_OPS_KEEP_BUILTIN_IDLE, .name = "x");`,
  check: (policy) => {
    const table = policy.tables[0];
    if (!table?.fields.has('update_idle')) return [];
    const flags = policy.constants.value(table.fields.get('flags')?.text ?? '0');
    if (flags === null || (flags & 1n) !== 0n) return [];
    const asking = policy
      .callsTo(...IDLE_KFUNCS, 'kick_idle_cpu')
      .filter((call) => !isOwn(policy, call.name) && policy.opsOf(call.fn).size > 0);
    return asking.map(({ name, node }) => ({
      at: node,
      message: `${name} needs the kernel’s idle tracking, which ops.update_idle turned off`,
      hint: 'set .flags = SCX_OPS_KEEP_BUILTIN_IDLE',
    }));
  },
};

export const KFUNC_RULES: readonly Rule[] = [
  removed,
  unknownKfunc,
  wrongContext,
  sleepableHot,
  foreignHelper,
  kernelCall,
  idleKeep,
];
