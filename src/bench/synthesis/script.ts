import type { Proposal } from '../../synthesis/model/reply.js';

/** A mistake a model makes, where it must be caught, and by which rule. */
export interface Mistake {
  readonly name: string;
  readonly stage: string;
  readonly rule: string;
  /** What the prompt for the repair must say of it. */
  readonly says: string;
  /** The reply's text. */
  readonly reply: string;
}

const TUNABLES: Proposal['tunables'] = [
  {
    ...{ name: 'slice_ns', type: 'u64', unit: 'ns', min: 500_000, max: 20_000_000, default: 3_000_000 },
    meaning: 'turn of every task',
    cost: 'short: waits are short; long: fewer switches',
  },
];

const DECLARATIONS = `#define QUEUE 7

static u64 clock;

POLICY_RUN_TIME`;

const SELECT = `s32 BPF_STRUCT_OPS(policy_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, 0);
	return cpu;
}`;

const ENQUEUE = `void BPF_STRUCT_OPS(policy_enqueue, struct task_struct *p, u64 enq_flags)
{
	const u64 vtime = vtime_clamp(p->scx.dsq_vtime, clock, slice_ns);

	scx_bpf_dsq_insert_vtime(p, QUEUE, slice_ns, vtime, enq_flags);
	kick_idle_cpu(p);
}`;

const REST = `void BPF_STRUCT_OPS(policy_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(policy_running, struct task_struct *p)
{
	run_begins(p);
	if (vtime_before(clock, p->scx.dsq_vtime))
		clock = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(policy_stopping, struct task_struct *p, bool runnable)
{
	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + per_weight(run_time(p), p->scx.weight));
}

void BPF_STRUCT_OPS(policy_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, clock + per_weight(slice_ns, p->scx.weight));
}

s32 BPF_STRUCT_OPS_SLEEPABLE(policy_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}`;

/** A proposal that passes every gate; `slice` tells several apart. */
export const soundProposal = (slice = 3_000_000): Proposal => ({
  summary: 'One queue by weighted virtual time',
  algorithm: 'Who has had least for their weight is next; a sleeper may save up one slice.',
  why: 'A task that wakes after a sleep is behind the others and comes first.',
  parent: null,
  tunables: TUNABLES.map((one) => ({ ...one, default: slice })),
  code: [DECLARATIONS, SELECT, ENQUEUE, REST].join('\n\n'),
});

const json = (proposal: unknown): string => JSON.stringify(proposal);
const withCode = (code: string): string => json({ ...soundProposal(), code });
const swapped = (from: string, to: string): string => {
  const code = soundProposal().code;
  if (!code.includes(from)) throw new Error(`the script's policy has no ${from}`);
  return withCode(code.replace(from, to));
};
const FIRST = 'const u64 vtime = vtime_clamp(p->scx.dsq_vtime, clock, slice_ns);';
const deciding = (condition: string): string =>
  swapped(FIRST, `const u64 vtime = ${condition} ? 0 : vtime_clamp(p->scx.dsq_vtime, clock, slice_ns);`);

/** A map whose look-up is used unchecked through a helper, which lint does not follow and the verifier does. */
const HIDDEN_NULL = `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, u64);
} counts SEC(".maps");

static u64 *count_of(u64 key)
{
	return bpf_map_lookup_elem(&counts, &key);
}

void BPF_STRUCT_OPS(policy_running, struct task_struct *p)
{
	u64 *before = count_of(1);
	u64 *count = count_of(2);

	if (before)
		*count += *before;
	run_begins(p);`;

/** Twelve kinds of mistake, from the form of a reply to a policy that the kernel ejects. */
export const MISTAKES: readonly Mistake[] = [
  {
    ...{ name: 'prose', stage: 'reply', rule: 'reply/form', says: 'one JSON object' },
    reply: 'Certainly! A good scheduler keeps short tasks in front. Here is my plan: first, …',
  },
  {
    ...{ name: 'a field is missing', stage: 'reply', rule: 'reply/form', says: 'code' },
    reply: json({ ...soundProposal(), code: undefined }),
  },
  {
    ...{ name: 'another API', stage: 'proposal', rule: 'proposal/other-api', says: 'sched_ext callbacks' },
    reply: withCode('#include <stdio.h>\nint main(void)\n{\n\treturn sched_setscheduler(0, 0, 0);\n}'),
  },
  {
    ...{ name: 'its own ops table', stage: 'proposal', rule: 'proposal/ours', says: 'ops table' },
    reply: withCode(
      `${soundProposal().code}\nSCX_OPS_DEFINE(mine, .enqueue = (void *)policy_enqueue, .name = "mine");`,
    ),
  },
  {
    ...{ name: 'knows the benchmark by name', stage: 'proposal', rule: 'proposal/recognises-comm' },
    ...{ says: 'name of a task', reply: deciding("p->comm[0] == 'm'") },
  },
  {
    ...{ name: 'knows it by pid', stage: 'proposal', rule: 'proposal/recognises-pid' },
    ...{ says: 'pid', reply: deciding('p->pid < 120') },
  },
  {
    ...{ name: 'a fixed CPU', stage: 'proposal', rule: 'proposal/fixed-cpu' },
    ...{ says: 'number of a CPU', reply: deciding('scx_bpf_task_cpu(p) == 1') },
  },
  {
    ...{ name: 'knows it by the clock', stage: 'proposal', rule: 'proposal/recognises-clock' },
    ...{ says: 'what time it is', reply: deciding('scx_bpf_now() > 2000000000ull') },
  },
  {
    ...{ name: 'a queue nobody empties', stage: 'lint', rule: 'lint/unconsumed-dsq', says: 'QUEUE' },
    reply: swapped('\tscx_bpf_dsq_move_to_local(QUEUE);', '\tbpf_printk("");').replace(
      'bpf_printk(\\"\\")',
      '(void)cpu',
    ),
  },
  {
    ...{ name: 'a field there is not', stage: 'compile', rule: 'compile/unknown-field', says: 'sleep_avg' },
    reply: swapped(FIRST, 'const u64 vtime = p->scx.sleep_avg + clock;'),
  },
  {
    ...{ name: 'an unchecked look-up in a helper', stage: 'load', rule: 'load/null-check', says: 'NULL' },
    reply: swapped(
      'void BPF_STRUCT_OPS(policy_running, struct task_struct *p)\n{\n\trun_begins(p);',
      HIDDEN_NULL,
    ),
  },
  {
    ...{ name: 'ends itself under load', stage: 'attach', rule: 'attach/ejected', says: 'enough of this' },
    reply: swapped(
      '\tkick_idle_cpu(p);',
      '\tif (__sync_fetch_and_add(&seen, 1) > 10)\n\t\tscx_bpf_error("enough of this");\n\tkick_idle_cpu(p);',
    ).replace('static u64 clock;', 'static u64 clock;\\nstatic u64 seen;'),
  },
];

/**
 * What the scripted model says to its n-th question: three mistakes, then a sound policy, and again, until the
 * mistakes are used up; from then on a sound policy each time.
 * @param perPolicy mistakes before each sound policy
 */
export function scriptedReply(n: number, perPolicy = 3): { text: string; mistake: Mistake | null } {
  const turn = Math.floor(n / (perPolicy + 1));
  const place = n % (perPolicy + 1);
  const mistake = place < perPolicy ? (MISTAKES[turn * perPolicy + place] ?? null) : null;
  return { text: mistake?.reply ?? json(soundProposal(3_000_000 + turn * 100_000)), mistake };
}
