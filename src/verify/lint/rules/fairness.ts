import { queuesOf } from '../model/queues.js';
import { testedMembers } from '../model/text-facts.js';
import type { Report, Rule } from '../rule.js';
import { bareExpression, type Syntax } from '../syntax/node.js';

/** Values added to a task's virtual time. */
function charges(root: Syntax): Syntax[] {
  const added = root
    .all('assignment_expression')
    .filter((node) => /->scx\.dsq_vtime$/.test(node.child('left')?.text ?? ''))
    .flatMap((node) => {
      const right = node.child('right');
      if (right === undefined) return [];
      if (node.child('operator')?.text === '+=') return [right];
      return /dsq_vtime\s*\+/.test(right.text) ? [right] : [];
    });
  const set = root
    .all('call_expression')
    .filter((node) => node.child('function')?.text === 'scx_bpf_task_set_dsq_vtime')
    .flatMap((node) => node.child('arguments')?.parts[1] ?? [])
    .filter(({ text }) => /dsq_vtime\s*\+/.test(text));
  return [...added, ...set];
}

const inverted: Rule = {
  id: 'lint/inverted-weight',
  severity: 'error',
  doc: 'Virtual time grows with the weight of a task instead of shrinking with it: the heavier a task, the less it runs, and nice values act the wrong way round. What is charged is time × 100 / weight.',
  bad: `void BPF_STRUCT_OPS(x_stopping, struct task_struct *p, bool runnable)
{
	p->scx.dsq_vtime += (SCX_SLICE_DFL - p->scx.slice) * p->scx.weight / 100;
}`,
  good: `void BPF_STRUCT_OPS(x_stopping, struct task_struct *p, bool runnable)
{
	p->scx.dsq_vtime += (SCX_SLICE_DFL - p->scx.slice) * 100 / p->scx.weight;
}`,
  check: ({ root }) =>
    charges(root)
      .filter(
        ({ text }) =>
          /\*\s*p->scx\.weight\b|\bp->scx\.weight\s*\*/.test(text) && !/\/\s*p->scx\.weight/.test(text),
      )
      .map((node) => ({
        at: node,
        message: 'the charge is multiplied by the weight, so heavier tasks get less',
        hint: 'charge time * 100 / p->scx.weight',
      })),
};

const ignored: Rule = {
  id: 'lint/weight-ignored',
  severity: 'warning',
  doc: 'The policy orders by virtual time but weight appears nowhere in it, so nice values and cgroup shares have no effect.',
  bad: `void BPF_STRUCT_OPS(x_stopping, struct task_struct *p, bool runnable)
{
	p->scx.dsq_vtime += SCX_SLICE_DFL - p->scx.slice;
}`,
  good: `void BPF_STRUCT_OPS(x_stopping, struct task_struct *p, bool runnable)
{
	p->scx.dsq_vtime += (SCX_SLICE_DFL - p->scx.slice) * 100 / p->scx.weight;
}`,
  check: ({ root, rewritten }) =>
    /weight/i.test(rewritten.bare)
      ? []
      : charges(root).map((node) => ({
          at: node,
          message: 'virtual time grows alike for every weight',
          hint: 'charge time * 100 / p->scx.weight',
        })),
};

const unclamped: Rule = {
  id: 'lint/vtime-unclamped',
  severity: 'warning',
  doc: 'A task is queued by the virtual time it has, and nothing limits how far behind that may be. One that slept for minutes comes back with minutes of credit and runs alone until it has used them up.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, p->scx.dsq_vtime, enq_flags);
}`,
  good: `static u64 clock;
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 vtime = vtime_clamp(p->scx.dsq_vtime, clock, SCX_SLICE_DFL);

	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, vtime, enq_flags);
}`,
  check: (policy) => {
    const used = queuesOf(policy).vtime.flatMap(({ call: { args } }) => {
      const vtime = args[3];
      return vtime !== undefined && bareExpression(vtime).text === 'p->scx.dsq_vtime' ? [vtime] : [];
    });
    const others = [...policy.functions.values()].filter((fn) => !policy.opsOf(fn).has('running'));
    if (used.length === 0 || others.some(({ body }) => limitsVtime(body))) return [];
    return used.map((at) => ({
      at,
      message: 'the virtual time of a task that slept for long is used as it is',
      hint: 'let it be behind the clock by a slice at most (vtime_clamp of policy.bpf.h)',
    }));
  },
};

const NAMES = ['identifier', 'field_identifier'];
const namesVtime = (node: Syntax): boolean => node.has(NAMES, ({ text }) => text.includes('vtime'));

/** Whether a virtual time is compared, or given to a function that by its name compares. */
const limitsVtime = (body: Syntax): boolean =>
  body.has(['binary_expression'], (node) => {
    const operator = node.child('operator')?.text ?? '';
    return /^[<>]=?$/.test(operator) && namesVtime(node);
  }) ||
  body.has(['call_expression'], (node) => {
    const name = node.child('function')?.text ?? '';
    const compares = name.length <= 128 && /before|after|clamp|max|min/.test(name);
    const given = node.child('arguments');
    return compares && given !== undefined && namesVtime(given);
  });

const neverAdvances: Rule = {
  id: 'lint/vtime-never-charged',
  severity: 'warning',
  doc: 'The policy queues tasks by p->scx.dsq_vtime and never adds to it, so the order never changes: whoever is first stays first.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, p->scx.dsq_vtime, enq_flags);
}`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, p->scx.dsq_vtime, enq_flags);
}
void BPF_STRUCT_OPS(x_stopping, struct task_struct *p, bool runnable)
{
	p->scx.dsq_vtime += (SCX_SLICE_DFL - p->scx.slice) * 100 / p->scx.weight;
}`,
  check: (policy) => {
    const used = queuesOf(policy).vtime.find(({ call }) =>
      /^p->scx\.dsq_vtime$/.test(call.args[3]?.text ?? ''),
    );
    const changes = /scx\.dsq_vtime\s*[-+*]?=[^=]|task_set_dsq_vtime/.test(policy.rewritten.text);
    if (used === undefined || changes) return [];
    return [{ at: used.call.node, message: 'tasks are ordered by a virtual time that nothing ever changes' }];
  },
};

/** Characters of a member that a person divides by. */
const LONGEST_CHAIN = 200;

const divisor: Rule = {
  id: 'lint/zero-divisor',
  severity: 'warning',
  doc: 'A division by a weight that the policy keeps itself and that may be 0 before it is set. In BPF x / 0 is 0: the task is charged nothing and goes first for ever. (p->scx.weight is never 0.) A division by a constant 0 is an error.',
  bad: `struct task_ctx { u64 weight; };
POLICY_TASK_CONTEXT(struct task_ctx);
void BPF_STRUCT_OPS(x_stopping, struct task_struct *p, bool runnable)
{
	struct task_ctx *t = task_context(p);

	if (t)
		p->scx.dsq_vtime += 1000000 / t->weight;
}`,
  good: `struct task_ctx { u64 weight; };
POLICY_TASK_CONTEXT(struct task_ctx);
void BPF_STRUCT_OPS(x_stopping, struct task_struct *p, bool runnable)
{
	struct task_ctx *t = task_context(p);

	if (t)
		p->scx.dsq_vtime += 1000000 / (t->weight ?: 100);
}`,
  check: ({ root, constants }) =>
    root.all('binary_expression').flatMap((node): Report[] => {
      const right = node.child('right');
      if (!/^[/%]$/.test(node.child('operator')?.text ?? '') || right === undefined) return [];
      if (constants.value(right.text) === 0n)
        return [{ at: right, severity: 'error', message: 'a division by 0' }];
      const bare = bareExpression(right);
      if (bare.end - bare.start > LONGEST_CHAIN) return [];
      const own = /^(?:\w+->)+\w*(?:weight|share)\w*$/.exec(bare.text)?.[0];
      if (own === undefined) return [];
      const fn = [...node.above()].find(({ type }) => type === 'function_definition');
      if (fn && testedMembers(fn).has(own)) return [];
      return [{ at: right, message: `${own} may be 0`, hint: `divide by (${own} ?: 100)` }];
    }),
};

export const FAIRNESS_RULES: readonly Rule[] = [inverted, ignored, unclamped, neverAdvances, divisor];
