import { guardsOf } from '../model/guards.js';
import { IDLE_KFUNCS, INSERT_FIFO, INSERT_VTIME } from '../model/kfuncs.js';
import type { Call, Policy, QueueUse } from '../model/policy.js';
import { isBuiltin, queueOf, queuesOf } from '../model/queues.js';
import type { Rule } from '../rule.js';
import type { Syntax } from '../syntax/node.js';

/** A queue that is first for so many turns in a row, or more, starves the others while it is filled. */
const RARE = 64n;

/** One look at a queue in ops.dispatch. */
interface Turn {
  readonly use: QueueUse;
  /** Whether it is looked at only where something else than the other queues says so: a count, a clock, a budget. */
  readonly conditional: boolean;
  /** Looks at other queues that have to come up empty first. */
  readonly behind: ReadonlySet<Call>;
  /** `n % COUNT == …`: every so many times. */
  readonly every: bigint | null;
}

/** The looks at queues within a condition. */
const looksIn = (condition: Syntax, looks: ReadonlyMap<Syntax, Call>): Call[] =>
  condition.all('call_expression').flatMap((node) => looks.get(node) ?? []);

/** A condition made of looks at queues alone: `scx_bpf_dsq_move_to_local(A)`, `!…`, `… || …`. */
const isLookAlone = (condition: Syntax, looks: readonly Call[]): boolean => {
  const parts = looks.map(({ node }) => node);
  let text = '';
  let at = condition.start;
  for (const part of parts) {
    text += condition.tree.source.slice(at, part.start);
    at = part.end;
  }
  return /^[\s()!|]*$/.test(text + condition.tree.source.slice(at, condition.end));
};

function moduloOf(policy: Policy, condition: Syntax): bigint | null {
  const by = condition.all('binary_expression').find((node) => node.child('operator')?.text === '%');
  const value = policy.constants.value(by?.child('right')?.text ?? '');
  return value;
}

function turnsOf(policy: Policy, uses: readonly QueueUse[]): Turn[] {
  const looks = new Map(uses.map(({ call }) => [call.node, call] as const));
  return uses.map((use) => {
    const behind = new Set<Call>();
    let conditional = false;
    let every: bigint | null = null;
    for (const { condition, kind } of guardsOf(use.call.node)) {
      const earlier = looksIn(condition, looks).filter((call) => call !== use.call);
      if (kind === 'early') for (const call of earlier) behind.add(call);
      else if (earlier.length > 0 && isLookAlone(condition, earlier)) {
        // `!A` or the left of `A || B`: where A succeeded this one is not looked at.
        for (const call of earlier) behind.add(call);
      } else {
        conditional = true;
        every ??= moduloOf(policy, condition);
      }
    }
    return { use, conditional, behind, every };
  });
}

const listed = (uses: readonly QueueUse[]): string => [...new Set(uses.map(({ text }) => text))].join(', ');

const priority: Rule = {
  id: 'lint/strict-priority',
  severity: 'warning',
  doc: 'ops.dispatch looks at one queue first and at the next only when that is empty. While the first never runs dry the others starve, unless tasks age from one to the other. Where something else than an empty queue brings the others their turn (a count, a clock, a budget), nothing is said, except of a turn that comes once in 64 times or more rarely.',
  bad: `void BPF_STRUCT_OPS(x_dispatch, s32 cpu, struct task_struct *prev)
{
	if (scx_bpf_dsq_move_to_local(1))
		return;
	scx_bpf_dsq_move_to_local(2);
}
SCX_OPS_DEFINE(x_ops, .dispatch = (void *)x_dispatch, .name = "x");`,
  good: `static u64 turn;
void BPF_STRUCT_OPS(x_dispatch, s32 cpu, struct task_struct *prev)
{
	if (++turn % 4 == 0 && scx_bpf_dsq_move_to_local(2))
		return;
	if (scx_bpf_dsq_move_to_local(1))
		return;
	scx_bpf_dsq_move_to_local(2);
}
SCX_OPS_DEFINE(x_ops, .dispatch = (void *)x_dispatch, .name = "x");`,
  check: (policy) => {
    const dispatch = policy.op('dispatch');
    const queues = queuesOf(policy);
    const { consumed } = queues;
    // Tasks that are moved from queue to queue, or taken in a way that is not seen, may age.
    if (queues.moved.length > 0 || queues.consumesUnknown) return [];
    if (consumed.some(({ call, id }) => call.fn !== dispatch || id === null)) return [];
    const turns = turnsOf(policy, consumed);
    const first = turns.find(({ conditional }) => !conditional);
    if (first === undefined) return [];
    const starving = turns
      .filter(({ use, behind }) => use.id !== first.use.id && behind.has(first.use.call))
      .map(({ use }) => use);
    if (starving.length === 0) return [];
    const own = turns.filter(
      ({ conditional, use }) => conditional && starving.some(({ id }) => id === use.id),
    );
    const others = starving.filter(({ id }) => !own.some(({ use }) => use.id === id));
    const hint = 'take from the others after a number of turns, or order one queue by virtual time';
    const at = first.use.call.node;
    const name = first.use.text;
    if (others.length > 0)
      return [
        {
          at,
          message: `queue ${name} always comes before ${listed(others)}; while it is filled, they wait`,
          hint,
        },
      ];
    const rare = own.filter(({ every }) => every !== null && every >= RARE);
    if (rare.length === 0 || rare.length < own.length) return [];
    const { every } = rare[0] as Turn;
    const message = `queue ${name} comes first ${(every as bigint) - 1n} times in ${every}; while it is filled, ${listed(starving)} waits that long`;
    return [{ at, message, hint }];
  },
};

/** Calls that wake a CPU, by name; ours are macros and functions of policy.bpf.h. */
const WAKES =
  /\b(?:scx_bpf_kick_cpu|scx_bpf_kick_cid|kick_idle_cpu|preempt_for|SCX_ENQ_PREEMPT|resched_\w+)\b/;

/** What finds an idle CPU: kfuncs, and a look at which CPUs are. */
const LOOKS = new RegExp(`\\b(?:__)?(?:${IDLE_KFUNCS.join('|')}|scx_bpf_pick_any_cpu|scx_bpf_cpu_curr)\\b`);

/** Inserts into a queue that CPUs share: one whose number the source says, and that is no CPU's own. */
const shared = (policy: Policy, call: Call): boolean => {
  const queue = queueOf(policy, call);
  if (queue === undefined || queue.id === null || /\bSCX_DSQ_LOCAL/.test(queue.text)) return false;
  return !isBuiltin(queue.id) || queue.text.includes('SCX_DSQ_GLOBAL');
};

const noKick: Rule = {
  id: 'lint/wakes-no-cpu',
  severity: 'warning',
  doc: 'ops.enqueue puts tasks on a queue that CPUs share, ops.select_cpu looks for no idle CPU, and nothing in the policy wakes one. A wake-up wakes the CPU that select_cpu names, if that is idle, and no other; the insert itself wakes nobody. So a task waits behind whoever runs there while other CPUs sleep. Measured in a lab guest (Linux 6.18, four CPUs, three hogs whose CPUs change every 2 ms, two periodic tasks): where select_cpu returns prev_cpu, a CPU was idle while a task waited for 43 % of the time, with kick_idle_cpu for 19 %, and the p99 of wake-ups was 13 and 2.4 ms. Without an own select_cpu, with scx_bpf_select_cpu_dfl, or with one that names an idle CPU and inserts nothing, a kick made no difference (16 to 24 % either way), nor for tasks that keep to one CPU: nothing is said of those (test/verify/wakes.test.ts measures again).',
  bad: `s32 BPF_STRUCT_OPS(x_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(x_ops, .select_cpu = (void *)x_select_cpu, .enqueue = (void *)x_enqueue, .name = "x");`,
  good: `s32 BPF_STRUCT_OPS(x_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	return cpu >= 0 ? cpu : prev_cpu;
}
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(x_ops, .select_cpu = (void *)x_select_cpu, .enqueue = (void *)x_enqueue, .name = "x");`,
  check: (policy) => {
    const selecting = policy.op('select_cpu');
    // Without one the kernel's own looks for an idle CPU; who keeps idle CPUs itself, or inserts there, has looked at them.
    if (selecting === undefined || policy.op('update_idle') !== undefined) return [];
    if (WAKES.test(policy.rewritten.text) || LOOKS.test(policy.rewritten.text)) return [];
    const inserts = policy.callsTo(...INSERT_FIFO, ...INSERT_VTIME);
    if (inserts.some(({ fn }) => policy.opsOf(fn).has('select_cpu'))) return [];
    const queued = inserts.find((call) => policy.opsOf(call.fn).has('enqueue') && shared(policy, call));
    if (queued === undefined) return [];
    return [
      {
        at: queued.node,
        message: `ops.select_cpu looks for no idle CPU and nothing wakes one: a task that wakes up waits in ${queueOf(policy, queued)?.text} for the CPU that ${selecting.name} names, while others may be idle`,
        hint: 'have select_cpu find an idle one (scx_bpf_select_cpu_dfl, scx_bpf_pick_idle_cpu), or call kick_idle_cpu(p) after the insert',
      },
    ];
  },
};

export const SERVING_RULES: readonly Rule[] = [priority, noKick];
