import { guardsOf, isTunable } from '../model/guards.js';
import { INSERT_FIFO, INSERT_VTIME } from '../model/kfuncs.js';
import { HOT_OPS } from '../model/known.js';
import { perNode } from '../model/memo.js';
import type { Policy } from '../model/policy.js';
import type { Report, Rule } from '../rule.js';
import type { Syntax } from '../syntax/node.js';

const INFINITE = (1n << 64n) - 1n;
const SHORTEST = 10_000n;
const LONGEST = 100_000_000n;

interface Slice {
  readonly node: Syntax;
  readonly text: string;
  readonly value: bigint;
}

/** The turns that a policy gives: in inserts and by writing the field, as far as they are constant. */
function slicesOf(policy: Policy): Slice[] {
  const given = policy.callsTo(...INSERT_FIFO, ...INSERT_VTIME).map(({ args }) => args[2]);
  const set = policy.callsTo('scx_bpf_task_set_slice').map(({ args }) => args[1]);
  const written = policy.root
    .all('assignment_expression')
    .filter((node) => /->scx\.slice$/.test(node.child('left')?.text ?? ''))
    .map((node) => node.child('right'));
  return [...given, ...set, ...written].flatMap((node) => {
    if (node === undefined) return [];
    const value = policy.constants.value(node.text) ?? tunableDefault(policy, node.text);
    return value === null ? [] : [{ node, text: node.text, value }];
  });
}

/** The initial values of variables, by name. */
const initials = perNode((root: Syntax): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const node of root.all('init_declarator')) {
    const name = node.child('declarator')?.text ?? '';
    if (!found.has(name)) found.set(name, node.child('value')?.text ?? '');
  }
  return found;
});

/** The value a `const volatile` has unless somebody sets it. */
function tunableDefault(policy: Policy, name: string): bigint | null {
  if (!policy.tunables.has(name)) return null;
  return policy.constants.value(initials(policy.root).get(name) ?? '');
}

const range: Rule = {
  id: 'lint/slice-range',
  severity: 'error',
  doc: 'A turn is shorter than 10 µs: the machine does little but switch. Slices are nanoseconds, so this is most often a wrong unit. A turn longer than 100 ms is a warning, for others wait that long.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, 5000, enq_flags);
}`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, 5000000, enq_flags);
}`,
  check: (policy) =>
    slicesOf(policy).flatMap(({ node, text, value }): Report[] => {
      if (value === 0n || value === INFINITE || (value >= SHORTEST && value <= LONGEST)) return [];
      const short = value < SHORTEST;
      return [
        {
          at: node,
          severity: short ? 'error' : 'warning',
          message: `a turn of ${text}${text === String(value) ? '' : ` (${value})`} ns is ${short ? 'shorter than 10 µs' : 'longer than 100 ms'}`,
          hint: 'slices are nanoseconds: 5 ms is 5000000; stay between 10 µs and 100 ms',
        },
      ];
    }),
};

const infinite: Rule = {
  id: 'lint/infinite-slice',
  severity: 'error',
  doc: 'Turns never end (SCX_SLICE_INF) and nothing in the policy takes a CPU away: no kick with SCX_KICK_PREEMPT, no insert with SCX_ENQ_PREEMPT, no write to the slice. One task that does not sleep then holds its CPU for good.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_INF, enq_flags);
}`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}`,
  check: (policy) => {
    const endless = slicesOf(policy).filter(({ value }) => value === INFINITE);
    const text = policy.rewritten.text;
    const preempts =
      /SCX_KICK_PREEMPT|SCX_ENQ_PREEMPT|scx\.slice\s*=[^=]|task_set_slice/.test(text) ||
      policy
        .callsTo('scx_bpf_kick_cpu')
        .some(({ args }) => policy.constants.value(args[1]?.text ?? '') === null);
    return endless.map(({ node }) => ({
      at: node,
      severity: preempts ? ('warning' as const) : ('error' as const),
      message: preempts
        ? 'this turn ends only when the policy itself preempts the task'
        : 'this turn never ends, and nothing in the policy preempts a task',
      hint: 'give a turn of some milliseconds, or preempt from a timer',
    }));
  },
};

const zero: Rule = {
  id: 'lint/zero-slice',
  severity: 'warning',
  doc: 'A slice of 0 is given. In an insert it means “keep what is left”, which after a full turn is nothing, and the kernel fills in its 20 ms default; the counter REFILL_SLICE_DFL climbs. Written to a running task it takes the CPU away at the next tick.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, 0, enq_flags);
}`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}`,
  check: (policy) =>
    policy.callsTo(...INSERT_FIFO, ...INSERT_VTIME).flatMap(({ args }): Report[] => {
      const slice = args[2];
      if (slice === undefined || policy.constants.value(slice.text) !== 0n) return [];
      return [
        { at: slice, message: 'the task is queued with a slice of 0', hint: 'say how long its turn is' },
      ];
    }),
};

const zeroWhileRunning: Rule = {
  id: 'lint/zero-slice-running',
  severity: 'error',
  doc: 'ops.running sets the slice of every task to 0, so each turn ends as it begins. (Under a condition it can be a way to preempt, and is left alone.)',
  bad: `void BPF_STRUCT_OPS(x_running, struct task_struct *p)
{
	p->scx.slice = 0;
}
SCX_OPS_DEFINE(x_ops, .running = (void *)x_running, .name = "x");`,
  good: `void BPF_STRUCT_OPS(x_running, struct task_struct *p)
{
	p->scx.slice = SCX_SLICE_DFL;
}
SCX_OPS_DEFINE(x_ops, .running = (void *)x_running, .name = "x");`,
  check: (policy) => {
    const running = policy.op('running');
    return (running?.body.parts ?? []).flatMap((statement): Report[] => {
      const assignment = statement.type === 'expression_statement' ? statement.parts[0] : undefined;
      if (assignment?.type !== 'assignment_expression') return [];
      const toSlice = /->scx\.slice$/.test(assignment.child('left')?.text ?? '');
      if (!toSlice || policy.constants.value(assignment.child('right')?.text ?? '') !== 0n) return [];
      return [
        { at: assignment, message: 'every turn is ended as it begins: ops.running sets the slice to 0' },
      ];
    });
  },
};

const timeout: Rule = {
  id: 'lint/timeout-range',
  severity: 'error',
  doc: 'timeout_ms is above the 30 s that the kernel takes (-E2BIG). Above 5 s is a warning: while a policy is tried, a shorter one is put in its place anyway, for a stalled machine helps nobody.',
  bad: `SCX_OPS_DEFINE(x_ops, .timeout_ms = 60000, .name = "x");`,
  good: `SCX_OPS_DEFINE(x_ops, .timeout_ms = 5000, .name = "x");`,
  check: (policy) =>
    policy.tables.flatMap(({ fields }): Report[] => {
      const node = fields.get('timeout_ms');
      const value = node && policy.constants.value(node.text);
      if (!node || !value || value <= 5000n) return [];
      return [
        {
          at: node,
          severity: value > 30000n ? 'error' : 'warning',
          message:
            value > 30000n
              ? `timeout_ms ${value} is above the kernel’s 30000`
              : `timeout_ms ${value} is long: tasks may starve for ${value} ms before anybody is told`,
          hint: 'leave it out, or say at most 5000',
        },
      ];
    }),
};

const printk: Rule = {
  id: 'lint/printk-hot-op',
  severity: 'error',
  doc: 'bpf_printk runs at every wake-up, switch or tick. It writes to the one trace buffer under a lock and costs microseconds. Under a condition it is a warning, behind a `const volatile` switch it is fine.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_printk("enqueue %d", p->pid);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  good: `const volatile bool debug;
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (debug)
		bpf_printk("enqueue %d", p->pid);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  check: (policy) =>
    policy.callsTo('bpf_printk', 'bpf_trace_printk', '__bpf_printk').flatMap((call): Report[] => {
      const hot = HOT_OPS.filter((op) => policy.opsOf(call.fn).has(op));
      const guards = guardsOf(call.node);
      if (hot.length === 0 || guards.some((guard) => isTunable(policy, guard))) return [];
      const always = guards.length === 0 && hot.some((op) => policy.op(op) === call.fn);
      return [
        {
          at: call.node,
          severity: always ? 'error' : 'warning',
          message: `${call.name} in ops.${hot[0]}${always ? ', at every call' : ''}`,
          hint: 'count in a map instead, or hide it behind a const volatile switch',
        },
      ];
    }),
};

export const TIME_RULES: readonly Rule[] = [range, infinite, zero, zeroWhileRunning, timeout, printk];
