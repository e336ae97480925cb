import { perNode } from '../model/memo.js';
import type { Call, Fn, Policy } from '../model/policy.js';
import { testedNames } from '../model/text-facts.js';
import type { Report, Rule } from '../rule.js';
import { declaredName, firstFrom, type Syntax } from '../syntax/node.js';

/** What a variable may be called, brackets around it included. */
const LONGEST_NAME = 512;

const LOOKUPS =
  /^bpf_(?:map_lookup_elem|map_lookup_percpu_elem|task_storage_get|cgrp_storage_get|task_from_pid|cgroup_from_id|cpumask_create|kptr_xchg|per_cpu_ptr)$/;

/** The variable that a call's result goes to. */
function resultOf({ node }: Call): string | undefined {
  let at: Syntax | null = node.parent;
  while (at !== null && /parenthesized|cast/.test(at.type)) at = at.parent;
  if (at?.type === 'init_declarator') return declaredName(at.child('declarator'));
  if (at?.type !== 'assignment_expression') return undefined;
  const left = at.child('left');
  return left?.type === 'identifier' ? left.text : undefined;
}

/** Where each variable of a function is followed as a pointer, in the order of the source. */
const pointerUses = perNode((fn: Fn): ReadonlyMap<string, readonly Syntax[]> => {
  const uses = new Map<string, Syntax[]>();
  for (const node of fn.body.all('field_expression', 'pointer_expression')) {
    const argument = node.child('argument');
    if (argument === undefined || argument.end - argument.start > LONGEST_NAME) continue;
    const follows =
      node.type === 'field_expression' ? node.child('operator')?.text === '->' : node.text.startsWith('*');
    if (!follows) continue;
    const name = argument.text.replace(/[()]/g, '');
    const known = uses.get(name);
    if (known === undefined) uses.set(name, [node]);
    else known.push(node);
  }
  return uses;
});

const unchecked: Rule = {
  id: 'lint/unchecked-lookup',
  severity: 'error',
  doc: 'What a look-up returns is used without asking whether it is NULL; the verifier refuses it. (A look-up in an array with a constant key is a warning: newer kernels know that it cannot fail.)',
  bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} counts SEC(".maps");
void BPF_STRUCT_OPS(x_running, struct task_struct *p)
{
	u32 key = p->pid;
	u64 *count = bpf_map_lookup_elem(&counts, &key);

	*count += 1;
}`,
  good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} counts SEC(".maps");
void BPF_STRUCT_OPS(x_running, struct task_struct *p)
{
	u32 key = p->pid;
	u64 *count = bpf_map_lookup_elem(&counts, &key);

	if (count)
		*count += 1;
}`,
  check: (policy) =>
    policy.calls.flatMap((call): Report[] => {
      const name = LOOKUPS.test(call.name) ? resultOf(call) : undefined;
      if (name === undefined || testedNames(call.fn).has(name)) return [];
      const uses = pointerUses(call.fn).get(name) ?? [];
      const use = uses[firstFrom(uses, call.node.end + 1)];
      if (use === undefined) return [];
      const map = policy.maps.get(call.args[0]?.text.replace(/^&/, '') ?? '');
      const array = map === undefined || /ARRAY/.test(map.type);
      const always = call.name === 'bpf_map_lookup_elem' && array;
      return [
        {
          at: use,
          severity: always ? 'warning' : 'error',
          message: `${name} may be NULL here: the result of ${call.name} was not tested`,
          hint: `if (!${name}) return; before its first use`,
        },
      ];
    }),
};

/** The loops that some `break` leaves. */
const brokenLoops = perNode((root: Syntax): ReadonlySet<Syntax> => {
  const broken = new Set<Syntax>();
  for (const node of root.all('break_statement'))
    for (const outer of node.above())
      if (/^(?:while|for|do|switch)_statement$/.test(outer.type)) {
        broken.add(outer);
        break;
      }
  return broken;
});

const unbounded: Rule = {
  id: 'lint/unbounded-loop',
  severity: 'error',
  doc: 'A loop has no condition and nothing in it leaves: the verifier refuses it, because a callback has to end. bpf_for, bpf_repeat and can_loop give bounded ones.',
  bad: `void BPF_STRUCT_OPS(x_dispatch, s32 cpu, struct task_struct *prev)
{
	while (true)
		scx_bpf_dsq_move_to_local(0);
}`,
  good: `void BPF_STRUCT_OPS(x_dispatch, s32 cpu, struct task_struct *prev)
{
	int i;

	bpf_for(i, 0, 32)
		if (scx_bpf_dsq_move_to_local(0))
			break;
}`,
  check: ({ root, constants, rewritten }) =>
    root.all('while_statement', 'for_statement', 'do_statement').flatMap((loop): Report[] => {
      if (rewritten.bpfLoops.has(loop.start)) return [];
      const condition = loop.child('condition');
      if (condition === undefined && loop.type !== 'for_statement') return [];
      const forever =
        condition === undefined || constants.value(condition.text.replace(/^\(|\)$/g, '')) === 1n;
      if (!forever || loop.has(['return_statement', 'goto_statement']) || brokenLoops(root).has(loop))
        return [];
      if (loop.has(['identifier'], ({ text }) => /^(?:cond_break\w*|can_loop|bpf_throw)$/.test(text)))
        return [];
      return [{ at: loop, message: 'this loop never ends', hint: 'use bpf_for(i, 0, MOST) with a bound' }];
    }),
};

const SIZES: Record<string, number> = {
  char: 1,
  bool: 1,
  u8: 1,
  s8: 1,
  __u8: 1,
  u16: 2,
  s16: 2,
  short: 2,
  int: 4,
  unsigned: 4,
  'unsigned int': 4,
  u32: 4,
  s32: 4,
  __u32: 4,
  long: 8,
  u64: 8,
  s64: 8,
  __u64: 8,
  'unsigned long': 8,
  'unsigned char': 1,
  pid_t: 4,
};

const stack: Rule = {
  id: 'lint/huge-stack',
  severity: 'error',
  doc: 'Arrays on the stack of one function are larger than the 512 bytes that a BPF program has. They belong into a map or a global variable.',
  bad: `void BPF_STRUCT_OPS(x_dispatch, s32 cpu, struct task_struct *prev)
{
	u64 load[256];

	load[cpu & 255] = 1;
}`,
  good: `static u64 load[256];
void BPF_STRUCT_OPS(x_dispatch, s32 cpu, struct task_struct *prev)
{
	load[cpu & 255] = 1;
}`,
  check: (policy) =>
    [...policy.functions.values()].flatMap((fn) =>
      fn.body.all('declaration').flatMap((node) => {
        if (/^\s*static\b/.test(node.text)) return [];
        const type = (node.child('type')?.text ?? '').replace(/\s+/g, ' ');
        return node.all('array_declarator').flatMap((array): Report[] => {
          const pointer = array.child('declarator')?.type === 'pointer_declarator';
          const width = pointer ? 8 : SIZES[type];
          const size = array.child('size');
          const count = size && policy.constants.value(size.text);
          if (width === undefined || !count || count * BigInt(width) <= 512n) return [];
          const name = declaredName(array) ?? 'it';
          return [
            {
              at: array,
              message: `${name} takes ${count * BigInt(width)} bytes of stack, and there are 512`,
              hint: 'make it static, or keep it in a map',
            },
          ];
        });
      }),
    ),
};

const floating: Rule = {
  id: 'lint/floating-point',
  severity: 'error',
  doc: 'The kernel has no floating point and neither has BPF; the compiler refuses it. Weights and shares are computed in integers: time * 100 / weight.',
  bad: `static u64 scaled(u64 ns)
{
	double factor = 1.5;

	return ns * factor;
}`,
  good: `static u64 scaled(u64 ns)
{
	return ns * 3 / 2;
}`,
  check: ({ functions }) =>
    [...functions.values()].flatMap((fn) =>
      fn.node.all('primitive_type', 'number_literal').flatMap((node): Report[] => {
        const isFloat =
          node.type === 'primitive_type'
            ? /^(?:float|double)$/.test(node.text)
            : /^(?:\d+\.\d*|\.\d+|\d+[eE][-+]?\d+)/.test(node.text);
        if (!isFloat) return [];
        return [
          {
            at: node,
            message: `${node.text}: BPF has no floating point`,
            hint: 'compute in integers, for example * 3 / 2',
          },
        ];
      }),
    ),
};

const PAIRS: readonly (readonly [RegExp, RegExp, string])[] = [
  [/^bpf_cpumask_create$/, /bpf_cpumask_release|bpf_kptr_xchg/, 'bpf_cpumask_release'],
  [/^scx_bpf_get_(?:online|possible)_cpumask$/, /scx_bpf_put_cpumask/, 'scx_bpf_put_cpumask'],
  [/^scx_bpf_get_idle_(?:cpu|smt)mask$/, /scx_bpf_put_idle_cpumask/, 'scx_bpf_put_idle_cpumask'],
  [/^bpf_task_from_pid$/, /bpf_task_release|bpf_kptr_xchg/, 'bpf_task_release'],
  [/^bpf_cgroup_from_id$|^scx_bpf_task_cgroup$/, /bpf_cgroup_release|bpf_kptr_xchg/, 'bpf_cgroup_release'],
];

const leaked: Rule = {
  id: 'lint/leaked-reference',
  severity: 'error',
  doc: 'A reference is taken (a cpumask, a task, a cgroup) and nothing in the policy ever gives such a one back. The verifier refuses: “Unreleased reference”.',
  bad: `s32 BPF_STRUCT_OPS(x_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	const struct cpumask *idle = scx_bpf_get_idle_cpumask();

	return bpf_cpumask_test_cpu(prev_cpu, idle) ? prev_cpu : 0;
}`,
  good: `s32 BPF_STRUCT_OPS(x_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	const struct cpumask *idle = scx_bpf_get_idle_cpumask();
	s32 cpu = bpf_cpumask_test_cpu(prev_cpu, idle) ? prev_cpu : 0;

	scx_bpf_put_idle_cpumask(idle);
	return cpu;
}`,
  check: (policy) => {
    const lost = PAIRS.filter(([, giving]) => !giving.test(policy.rewritten.text));
    return policy.calls.flatMap((call): Report[] => {
      const pair = lost.find(([taking]) => taking.test(call.name));
      if (pair === undefined || policy.functions.has(call.name)) return [];
      return [
        {
          at: call.node,
          message: `what ${call.name} returns is never given back`,
          hint: `call ${pair[2]} on every way out`,
        },
      ];
    });
  },
};

const WRITABLE = /^scx\.(?:slice|dsq_vtime|disallow)$/;

/** Parameters that are tasks. */
const tasksOf = (fn: Fn): string[] =>
  fn.params.filter(({ type }) => /^struct task_struct\b/.test(type)).map(({ name }) => name);

const readOnly: Rule = {
  id: 'lint/read-only-task',
  severity: 'error',
  doc: 'A field of a task is written that policies may only read. They may write scx.slice, scx.dsq_vtime and, in init_task, scx.disallow; the verifier refuses everything else.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	p->prio = 100;
}`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	p->scx.slice = SCX_SLICE_DFL;
}`,
  check: (policy: Policy) =>
    [...policy.functions.values()].flatMap((fn) => {
      const tasks = tasksOf(fn);
      return fn.body.all('assignment_expression', 'update_expression').flatMap((node): Report[] => {
        const target = node.child('left') ?? node.child('argument');
        const [, task, field] = /^(\w+)\s*->\s*([\w.]+)$/.exec(target?.text ?? '') ?? [];
        if (task === undefined || field === undefined || !tasks.includes(task) || WRITABLE.test(field))
          return [];
        return [
          {
            at: node,
            message: `${task}->${field} cannot be written by a policy`,
            hint: 'keep what you need in task storage',
          },
        ];
      });
    }),
};

export const MEMORY_RULES: readonly Rule[] = [unchecked, unbounded, stack, floating, leaked, readOnly];
