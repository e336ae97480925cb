import { dropsOf } from '../model/flow.js';
import { mayLeave } from '../model/guards.js';
import { INSERT_FIFO, INSERT_VTIME } from '../model/kfuncs.js';
import { perNode } from '../model/memo.js';
import type { Call, Fn, Policy } from '../model/policy.js';
import type { Report, Rule } from '../rule.js';
import { firstFrom, type Syntax } from '../syntax/node.js';

const INSERTS: ReadonlySet<string> = new Set([...INSERT_FIFO, ...INSERT_VTIME]);

const drops: Rule = {
  id: 'lint/enqueue-drops-task',
  severity: 'error',
  doc: 'There is a way through ops.enqueue on which the task is put on no queue and remembered nowhere. It never runs again, and the watchdog ends the policy. Where the way rests on a failed look-up or a tunable this is a warning.',
  bad: `static u64 n;
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (++n % 100 == 0)
		return;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  good: `static u64 n;
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (++n % 100 == 0)
		enq_flags |= SCX_ENQ_HEAD;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  check: (policy) => {
    const enqueue = policy.op('enqueue');
    if (enqueue === undefined) return [];
    return dropsOf(policy, enqueue).map(({ at, certain }) => ({
      at,
      severity: certain ? ('error' as const) : ('warning' as const),
      message: 'here ops.enqueue ends and has put the task on no queue',
      hint: 'insert it into SCX_DSQ_GLOBAL when nothing better is at hand',
    }));
  },
};

/** The statement that a node is part of, if it is a whole statement of its own. */
function statementOf(call: Call): Syntax | undefined {
  const parent = call.node.parent;
  return parent?.type === 'expression_statement' ? parent : undefined;
}

/** For each statement of a block: the index of the first from there on that may leave it. */
const nextLeaving = perNode((block: Syntax): readonly number[] => {
  const found: number[] = [];
  let next = Number.POSITIVE_INFINITY;
  for (let i = block.parts.length - 1; i >= 0; i--) {
    if (mayLeave(block.parts[i] as Syntax)) next = i;
    found[i] = next;
  }
  return found;
});

/**
 * The insert that surely follows an insert in one run of the callback: the nearest one of the same task that is a statement
 * of a block around it, with nothing between that may leave. `same` are those statements by their block, in order.
 */
function follower(
  policy: Policy,
  first: Syntax,
  same: ReadonlyMap<Syntax | null, readonly Syntax[]>,
): Syntax | undefined {
  let inner = first;
  for (const outer of first.above()) {
    if (/^(?:while|for|do|switch|case)_/.test(outer.type)) return undefined;
    const condition = outer.child('condition');
    if (condition && policy.restsOnTunable(condition)) return undefined;
    if (outer.type === 'compound_statement') {
      const behind = firstFrom(outer.parts, inner.end);
      const leaving = outer.parts[nextLeaving(outer)[behind] ?? -1]?.start ?? Number.POSITIVE_INFINITY;
      const here = same.get(outer) ?? [];
      const second = here[firstFrom(here, inner.end)];
      if (second !== undefined && second.start < leaving) return second;
      if (leaving < outer.end) return undefined;
    }
    inner = outer;
  }
  return undefined;
}

const doubleInsert: Rule = {
  id: 'lint/double-insert',
  severity: 'error',
  doc: 'One run of a callback inserts the same task twice. A task can be on one queue only; the kernel ends the policy at the second insert. Usually a `return` or an `else` is missing.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (enq_flags & SCX_ENQ_WAKEUP)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (enq_flags & SCX_ENQ_WAKEUP) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
		return;
	}
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}`,
  check: (policy) =>
    [...policy.functions.values()].flatMap((fn) => {
      const tasks = new Map(fn.params.map(({ name }) => [name, new Map<Syntax | null, Syntax[]>()] as const));
      const calls = new Map<Syntax, Call>();
      for (const call of fn.calls) {
        const statement = INSERTS.has(call.name) ? statementOf(call) : undefined;
        const same = tasks.get(call.args[0]?.text ?? '');
        if (statement === undefined || same === undefined) continue;
        calls.set(statement, call);
        if (!same.has(statement.parent)) same.set(statement.parent, []);
        same.get(statement.parent)?.push(statement);
      }
      const seconds = new Set<Syntax>();
      for (const same of tasks.values())
        for (const first of [...same.values()].flat()) {
          const second = follower(policy, first, same);
          if (second !== undefined) seconds.add(second);
        }
      return [...seconds].map((statement): Report => {
        const { node, args } = calls.get(statement) as Call;
        return {
          at: node,
          message: `${args[0]?.text} was inserted already, and this insert follows on the same way`,
          hint: 'return after the first insert, or put the second into an else',
        };
      });
    }),
};

/** The functions that queue a task. */
const queues = perNode(({ calls }: Fn) => calls.some(({ name }) => /_insert|scx_bpf_dispatch/.test(name)));

const ignoredPush: Rule = {
  id: 'lint/ignored-push',
  severity: 'error',
  doc: 'A task is put on a BPF queue of fixed size and the answer is thrown away. When the queue is full, in a storm of forks for example, the task is lost and never runs again.',
  bad: `struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, u32);
} waiting SEC(".maps");
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 pid = p->pid;

	bpf_map_push_elem(&waiting, &pid, 0);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  good: `struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, u32);
} waiting SEC(".maps");
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 pid = p->pid;

	if (bpf_map_push_elem(&waiting, &pid, 0))
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  check: (policy) =>
    policy
      .callsTo('bpf_map_push_elem')
      .filter(({ node, fn }) => {
        const ignored =
          node.parent?.type === 'expression_statement' || node.parent?.type === 'cast_expression';
        // Where the task is queued in any case, the map may hold statistics.
        return ignored && policy.opsOf(fn).has('enqueue') && !queues(fn);
      })
      .map(({ node, args }) => ({
        at: node,
        message: `when ${args[0]?.text.replace(/^&/, '') ?? 'the map'} is full the task is lost: the result is not looked at`,
        hint: 'insert the task into SCX_DSQ_GLOBAL when the push fails',
      })),
};

const pidQueue: Rule = {
  id: 'lint/pid-queue-exiting',
  severity: 'error',
  doc: 'Tasks are remembered by pid and found again with bpf_task_from_pid, and SCX_OPS_ENQ_EXITING asks the kernel for exiting tasks too. Those can no longer be found by pid: they are lost and never get to exit.',
  bad: `struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, u32);
} waiting SEC(".maps");
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 pid = p->pid;

	if (bpf_map_push_elem(&waiting, &pid, 0))
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}
void BPF_STRUCT_OPS(x_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	u32 pid;

	if (bpf_map_pop_elem(&waiting, &pid) || !(p = bpf_task_from_pid(pid)))
		return;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0);
	bpf_task_release(p);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .dispatch = (void *)x_dispatch,
	       .flags = SCX_OPS_ENQ_EXITING, .name = "x");`,
  good: `struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, u32);
} waiting SEC(".maps");
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 pid = p->pid;

	if (bpf_map_push_elem(&waiting, &pid, 0))
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}
void BPF_STRUCT_OPS(x_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	u32 pid;

	if (bpf_map_pop_elem(&waiting, &pid) || !(p = bpf_task_from_pid(pid)))
		return;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0);
	bpf_task_release(p);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .dispatch = (void *)x_dispatch, .name = "x");`,
  check: (policy) => {
    const flags = policy.tables[0]?.fields.get('flags');
    const value = flags && policy.constants.value(flags.text);
    if (!flags || !value || (value & 4n) === 0n || /PF_EXITING/.test(policy.rewritten.text)) return [];
    const byPid = policy.callsTo('bpf_task_from_pid').filter(({ fn }) => policy.opsOf(fn).has('dispatch'));
    return byPid.slice(0, 1).map(({ node }) => ({
      at: node,
      message: 'an exiting task is not found by its pid, and SCX_OPS_ENQ_EXITING hands the policy such tasks',
      hint: 'drop SCX_OPS_ENQ_EXITING: the kernel then queues exiting tasks itself',
    }));
  },
};

export const PLACING_RULES: readonly Rule[] = [drops, doubleInsert, ignoredPush, pidQueue];
