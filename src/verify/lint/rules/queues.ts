import { guardsOf, isTunable } from '../model/guards.js';
import { INSERT_FIFO, INSERT_VTIME } from '../model/kfuncs.js';
import { perNode } from '../model/memo.js';
import type { Fn, Policy, QueueUse } from '../model/policy.js';
import { isBuiltin, queueOf, queuesOf } from '../model/queues.js';
import type { Report, Rule } from '../rule.js';

const own = ({ id }: QueueUse): boolean => id !== null && !isBuiltin(id);
const allKnown = (uses: readonly QueueUse[]): boolean => uses.every(({ id }) => id !== null);
/** Whether macros of the source hide calls of this name. */
const hidden = (policy: Policy, pattern: RegExp): boolean =>
  [...policy.macros.values()].some((text) => pattern.test(text));

const unconsumed: Rule = {
  id: 'lint/unconsumed-dsq',
  severity: 'error',
  doc: 'Tasks are put on a queue of the policy’s own and nothing ever takes them off. The kernel feeds CPUs from the built-in queues only; what waits on another one waits until the watchdog ends the policy.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 7, SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 7, SCX_SLICE_DFL, enq_flags);
}
void BPF_STRUCT_OPS(x_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(7);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .dispatch = (void *)x_dispatch, .name = "x");`,
  check: (policy) => {
    const queues = queuesOf(policy);
    if (queues.consumesUnknown) return [];
    const filled = [...queues.fifo, ...queues.vtime, ...queues.moved].filter(own);
    const lost = filled.filter(({ id }) => !queues.takenFrom.has(id as bigint));
    const put = new Set(filled.map(({ id }) => id));
    const unused = queues.created
      .filter(own)
      .filter(({ id }) => !put.has(id) && !queues.takenFrom.has(id as bigint))
      .filter(() => allKnown([...queues.fifo, ...queues.vtime, ...queues.moved]));
    return [
      ...lost.map(({ call, text }) => ({
        at: call.node,
        message: `tasks are put on queue ${text}, and nothing ever takes them off`,
        hint: `call scx_bpf_dsq_move_to_local(${text}) in ops.dispatch`,
      })),
      ...unused.map(({ call, text }) => ({
        at: call.node,
        severity: 'warning' as const,
        message: `queue ${text} is created and never used`,
      })),
    ];
  },
};

const unknown: Rule = {
  id: 'lint/unknown-dsq',
  severity: 'error',
  doc: 'A task is put on, or taken from, a queue whose number the policy never creates. The kernel ends the policy with “non-existent DSQ” at the first such call.',
  bad: `s32 BPF_STRUCT_OPS_SLEEPABLE(x_init)
{
	return scx_bpf_create_dsq(1, -1);
}
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 2, SCX_SLICE_DFL, enq_flags);
}`,
  good: `s32 BPF_STRUCT_OPS_SLEEPABLE(x_init)
{
	return scx_bpf_create_dsq(1, -1);
}
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 1, SCX_SLICE_DFL, enq_flags);
}`,
  check: (policy) => {
    const queues = queuesOf(policy);
    if (!allKnown(queues.created) || hidden(policy, /create_dsq/)) return [];
    const created = new Set(queues.created.map(({ id }) => id));
    return [...queues.fifo, ...queues.vtime, ...queues.moved, ...queues.consumed]
      .filter(own)
      .filter(({ id }) => !created.has(id))
      .map(({ call, text }) => ({
        at: call.node,
        message: `queue ${text} is never created`,
        hint: `create it in ops.init: scx_bpf_create_dsq(${text}, -1)`,
      }));
  },
};

const vtimeBuiltin: Rule = {
  id: 'lint/vtime-builtin-dsq',
  severity: 'error',
  doc: 'SCX_DSQ_LOCAL, SCX_DSQ_LOCAL_ON and SCX_DSQ_GLOBAL are first come, first served. An insert by virtual time into one of them ends the policy: “cannot use vtime ordering for built-in DSQs”.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert_vtime(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, p->scx.dsq_vtime, enq_flags);
}`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}`,
  check: (policy) =>
    queuesOf(policy)
      .vtime.filter(({ id, text }) => (id !== null ? isBuiltin(id) : /^SCX_DSQ_LOCAL_ON\s*\|/.test(text)))
      .map(({ call, text }) => ({
        at: call.node,
        message: `virtual time cannot order the built-in queue ${text}`,
        hint: 'create a queue of your own in ops.init, or insert with scx_bpf_dsq_insert',
      })),
};

const mixed: Rule = {
  id: 'lint/mixed-dsq',
  severity: 'error',
  doc: 'One queue is filled both in order of arrival and by virtual time. A queue is one or the other while tasks wait on it; the kernel ends the policy when they meet. (A tunable that chooses one of the two before the policy is loaded is fine.)',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (enq_flags & SCX_ENQ_WAKEUP)
		scx_bpf_dsq_insert(p, 1, SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dsq_insert_vtime(p, 1, SCX_SLICE_DFL, p->scx.dsq_vtime, enq_flags);
}`,
  good: `const volatile bool fifo;
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (fifo)
		scx_bpf_dsq_insert(p, 1, SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dsq_insert_vtime(p, 1, SCX_SLICE_DFL, p->scx.dsq_vtime, enq_flags);
}`,
  check: (policy) => {
    const { fifo, vtime } = queuesOf(policy);
    const chosen = ({ call }: QueueUse): boolean =>
      guardsOf(call.node).some((guard) => isTunable(policy, guard));
    const first = new Map([...fifo].reverse().map((use) => [use.id, use] as const));
    return vtime.filter(own).flatMap((use): Report[] => {
      const other = first.get(use.id);
      if (other === undefined || chosen(use) || chosen(other)) return [];
      return [
        {
          at: use.call.node,
          message: `queue ${use.text} is filled by virtual time here and in order of arrival elsewhere`,
          hint: 'use one kind of insert for a queue, or two queues',
        },
      ];
    });
  },
};

const createBuiltin: Rule = {
  id: 'lint/create-builtin-dsq',
  severity: 'error',
  doc: 'The numbers of queues with bit 63 set belong to the kernel; scx_bpf_create_dsq refuses them with -EINVAL, and a policy that goes on without its queue is ended at the first insert.',
  bad: `s32 BPF_STRUCT_OPS_SLEEPABLE(x_init)
{
	return scx_bpf_create_dsq(SCX_DSQ_GLOBAL, -1);
}`,
  good: `s32 BPF_STRUCT_OPS_SLEEPABLE(x_init)
{
	return scx_bpf_create_dsq(0, -1);
}`,
  check: (policy) =>
    queuesOf(policy)
      .created.filter(({ id }) => id !== null && isBuiltin(id))
      .map(({ call, text }) => ({
        at: call.node,
        message: `${text} is a built-in queue and cannot be created`,
        hint: 'use a small number of your own, for example 0',
      })),
};

const uncheckedCreate: Rule = {
  id: 'lint/ignored-create',
  severity: 'warning',
  doc: 'What scx_bpf_create_dsq returns is thrown away. When there is no memory the policy goes on without its queue and is ended at the first insert, with a message that hides the reason.',
  bad: `s32 BPF_STRUCT_OPS_SLEEPABLE(x_init)
{
	scx_bpf_create_dsq(0, -1);
	return 0;
}`,
  good: `s32 BPF_STRUCT_OPS_SLEEPABLE(x_init)
{
	return scx_bpf_create_dsq(0, -1);
}`,
  check: (policy) =>
    policy
      .callsTo('scx_bpf_create_dsq')
      .filter(({ node }) => node.parent?.type === 'expression_statement')
      .map(({ node }) => ({
        at: node,
        message: 'the result of scx_bpf_create_dsq is not looked at',
        hint: 'return it from ops.init when it is negative',
      })),
};

const consumeBuiltin: Rule = {
  id: 'lint/consume-builtin-dsq',
  severity: 'error',
  doc: 'scx_bpf_dsq_move_to_local takes from queues of the policy’s own. The built-in ones are served by the kernel; naming a local queue here ends the policy.',
  bad: `void BPF_STRUCT_OPS(x_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(SCX_DSQ_LOCAL);
}`,
  good: `void BPF_STRUCT_OPS(x_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}`,
  check: (policy) =>
    queuesOf(policy)
      .consumed.filter(({ id }) => id !== null && isBuiltin(id))
      .map(({ call, text }) => ({
        at: call.node,
        message: `${text} is a built-in queue, and the kernel serves it by itself`,
        hint: 'drop the call, or take from a queue that ops.init creates',
      })),
};

const LOOKS_AT_MASK =
  /cpus_ptr|nr_cpus_allowed|cpumask_test_cpu|pick_idle|pick_any|select_cpu_|scx_bpf_task_cpu/;
const looksAtMask = perNode(({ node }: Fn): boolean => LOOKS_AT_MASK.test(node.text));

const localOn: Rule = {
  id: 'lint/local-on-unchecked',
  severity: 'error',
  doc: 'A task is put on the local queue of a CPU that nothing shows it may use. When its affinity does not allow that CPU, the kernel ends the policy. A fixed CPU number with no test of the task’s mask in the whole policy is an error.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | 1, SCX_SLICE_DFL, enq_flags);
}`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (bpf_cpumask_test_cpu(1, p->cpus_ptr))
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | 1, SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}`,
  check: (policy) => {
    const anywhere = LOOKS_AT_MASK.test(policy.rewritten.text);
    return policy.callsTo(...INSERT_FIFO, ...INSERT_VTIME).flatMap((call): Report[] => {
      const text = queueOf(policy, call)?.text ?? '';
      const cpu = /SCX_DSQ_LOCAL_ON\s*\|\s*(.+)$/.exec(text)?.[1];
      if (cpu === undefined) return [];
      const fixed = policy.constants.value(cpu) !== null;
      if (looksAtMask(call.fn) || (anywhere && !fixed)) return [];
      return [
        {
          at: call.node,
          severity: fixed && !anywhere ? 'error' : 'warning',
          message: `nothing shows that the task may run on CPU ${cpu}`,
          hint: 'test bpf_cpumask_test_cpu(cpu, p->cpus_ptr) first, and have another queue for tasks that may not',
        },
      ];
    });
  },
};

export const QUEUE_RULES: readonly Rule[] = [
  unconsumed,
  unknown,
  vtimeBuiltin,
  mixed,
  createBuiltin,
  uncheckedCreate,
  consumeBuiltin,
  localOn,
];
