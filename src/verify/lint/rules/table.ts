import { nearNames } from '../../../near.js';
import { functionName } from '../model/build.js';
import { OPS, OPS_DATA, OPS_FLAGS } from '../model/known.js';
import { namesOf } from '../model/text-facts.js';
import type { Report, Rule } from '../rule.js';

/** More of one kind say nothing that these do not. */
const MOST_NEAR = 50;

const noOps: Rule = {
  id: 'lint/no-ops',
  severity: 'error',
  doc: 'The source defines no struct sched_ext_ops, so there is nothing to attach.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
}`,
  good: `SCX_OPS_DEFINE(x_ops, .name = "x");`,
  check: ({ tables, rewritten, includes }) =>
    // Text that names the type in another way, or includes the rest of itself, is left to the compiler.
    tables.length > 0 ||
    /sched_ext_ops|OPS_DEFINE/.test(rewritten.text) ||
    includes.some((path) => path.endsWith('.c'))
      ? []
      : [
          {
            at: null,
            message: 'the policy defines no ops table',
            hint: 'end it with SCX_OPS_DEFINE(NAME_ops, .enqueue = (void *)NAME_enqueue, …, .name = "NAME")',
          },
        ],
};

const twoOps: Rule = {
  id: 'lint/two-ops',
  severity: 'error',
  doc: 'The source defines two ops tables. A machine has one scheduler at a time, and which of the two would be meant is anybody’s guess.',
  bad: `SCX_OPS_DEFINE(x_ops, .name = "x");
SCX_OPS_DEFINE(y_ops, .name = "y");`,
  good: `SCX_OPS_DEFINE(x_ops, .name = "x");`,
  check: ({ tables, source }) =>
    // Alternatives under #if are one table each.
    /^[ \t]*#[ \t]*if/m.test(source)
      ? []
      : tables.slice(1).map(({ node, name }) => ({
          at: node,
          message: `${name} is a second ops table beside ${tables[0]?.name}`,
          hint: 'keep one policy in a file',
        })),
};

const opsName: Rule = {
  id: 'lint/ops-name',
  severity: 'error',
  doc: 'The ops table has no name, or one the kernel refuses: it takes letters, digits, `_` and `.`, 127 of them at most.',
  bad: `SCX_OPS_DEFINE(x_ops, .name = "my scheduler!");`,
  good: `SCX_OPS_DEFINE(x_ops, .name = "my_scheduler");`,
  check: ({ tables, constants }) =>
    tables.flatMap(({ node, name, fields }): Report[] => {
      const given = fields.get('name');
      if (given === undefined)
        return [
          {
            at: node,
            message: `${name} has no .name`,
            hint: 'add .name = "…", the one thing that is mandatory',
          },
        ];
      const text = /^"/.test(given.text) ? given.text : constants.textOf(given.text);
      const value = /^"([^"]*)"$/.exec(text ?? '')?.[1];
      if (value === undefined || /^[\w.]{1,127}$/.test(value)) return [];
      return [
        {
          at: given,
          message: `the kernel refuses the name ${text}`,
          hint: 'use letters, digits, _ and . only',
        },
      ];
    }),
};

const unknownOp: Rule = {
  id: 'lint/unknown-op',
  severity: 'error',
  doc: 'The ops table sets a member that struct sched_ext_ops of no kernel from 6.12 to 7.3 has.',
  bad: `void BPF_STRUCT_OPS(x_next, s32 cpu, struct task_struct *prev)
{
}
SCX_OPS_DEFINE(x_ops, .pick_next_task = (void *)x_next, .name = "x");`,
  good: `void BPF_STRUCT_OPS(x_next, s32 cpu, struct task_struct *prev)
{
}
SCX_OPS_DEFINE(x_ops, .dispatch = (void *)x_next, .name = "x");`,
  check: ({ tables }) =>
    tables
      .flatMap(({ fields }) => [...fields].filter(([field]) => !OPS.has(field) && !OPS_DATA.includes(field)))
      .slice(0, MOST_NEAR)
      .map(([field, value]): Report => {
        const near = nearNames(field, [...OPS.keys(), ...OPS_DATA]);
        return {
          at: value.parent ?? value,
          message: `struct sched_ext_ops has no member ${field}`,
          hint:
            near.length > 0 ? `did you mean ${near.join(', ')}?` : `there are ${[...OPS.keys()].join(', ')}`,
        };
      }),
};

const arity: Rule = {
  id: 'lint/op-arguments',
  severity: 'error',
  doc: 'A callback takes more arguments than the kernel passes to its op. Neither compiler nor linker sees it; the verifier refuses the access behind the last one.',
  bad: `void BPF_STRUCT_OPS(x_running, struct task_struct *p, u64 now)
{
	p->scx.slice = now;
}
SCX_OPS_DEFINE(x_ops, .running = (void *)x_running, .name = "x");`,
  good: `void BPF_STRUCT_OPS(x_running, struct task_struct *p)
{
	p->scx.slice = SCX_SLICE_DFL;
}
SCX_OPS_DEFINE(x_ops, .running = (void *)x_running, .name = "x");`,
  check: (policy) =>
    policy.tables.flatMap(({ fields }) =>
      [...fields].flatMap(([op, value]): Report[] => {
        const most = OPS.get(op);
        const fn = policy.functions.get(functionName(value));
        if (most === undefined || !fn?.section?.startsWith('struct_ops') || fn.params.length <= most)
          return [];
        const extra = fn.params[most]?.name ?? '';
        // One that is not used costs nothing.
        if (!namesOf(fn).has(extra)) return [];
        const message = `ops.${op} is given ${most} argument${most === 1 ? '' : 's'}; ${fn.name} uses ${extra}, which is one more`;
        return [{ at: fn.node, message, hint: 'see docs/policies.md for the arguments of each op' }];
      }),
    ),
};

const unbound: Rule = {
  id: 'lint/unbound-callback',
  severity: 'warning',
  doc: 'A callback is written and the ops table does not name it, so it never runs.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
}
SCX_OPS_DEFINE(x_ops, .name = "x");`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  check: (policy) =>
    policy.tables.length === 0
      ? []
      : [...policy.functions.values()]
          .filter((fn) => fn.section?.startsWith('struct_ops') && policy.opsOf(fn).size === 0)
          .map((fn) => ({
            at: fn.node,
            message: `${fn.name} is in no ops table and never runs`,
            hint: `add .OP = (void *)${fn.name} to the table`,
          })),
};

const enqLast: Rule = {
  id: 'lint/enq-last-without-enqueue',
  severity: 'error',
  doc: 'SCX_OPS_ENQ_LAST hands the last runnable task of a CPU to ops.enqueue, which this policy does not have. The kernel refuses it, and says so only in the exit record: attaching looks like a success.',
  bad: `SCX_OPS_DEFINE(x_ops, .flags = SCX_OPS_ENQ_LAST, .name = "x");`,
  good: `SCX_OPS_DEFINE(x_ops, .flags = SCX_OPS_SWITCH_PARTIAL, .name = "x");`,
  check: ({ tables, constants }) =>
    tables.flatMap(({ fields }): Report[] => {
      const flags = fields.get('flags');
      const value = flags && constants.value(flags.text);
      if (!flags || !value || (value & 2n) === 0n || fields.has('enqueue')) return [];
      return [
        {
          at: flags,
          message: 'SCX_OPS_ENQ_LAST needs ops.enqueue',
          hint: 'write ops.enqueue or drop the flag',
        },
      ];
    }),
};

const flags: Rule = {
  id: 'lint/ops-flags',
  severity: 'error',
  doc: 'The flags hold a bit that no kernel from 6.12 to 7.3 knows; an unknown flag is -EINVAL. SCX_OPS_HAS_CGROUP_WEIGHT is a warning: it never did anything and is gone since 7.1.',
  bad: `SCX_OPS_DEFINE(x_ops, .flags = 1 << 12, .name = "x");`,
  good: `SCX_OPS_DEFINE(x_ops, .flags = SCX_OPS_SWITCH_PARTIAL, .name = "x");`,
  check: ({ tables, constants }) =>
    tables.flatMap(({ fields }): Report[] => {
      const node = fields.get('flags');
      const value = node && constants.value(node.text);
      if (!node || !value) return [];
      const unknown = value & ~OPS_FLAGS & ((1n << 56n) - 1n);
      if (unknown !== 0n)
        return [
          {
            at: node,
            message: `no kernel knows the flag 0x${unknown.toString(16)}`,
            hint: 'use the SCX_OPS_ names',
          },
        ];
      if ((value & (1n << 16n)) === 0n) return [];
      return [
        {
          at: node,
          severity: 'warning',
          message: 'SCX_OPS_HAS_CGROUP_WEIGHT is gone since Linux 7.1',
          hint: 'drop it; it has no effect',
        },
      ];
    }),
};

const exitRecord: Rule = {
  id: 'lint/no-exit-op',
  severity: 'warning',
  doc: 'Without ops.exit nobody is told why the kernel let the policy go. The reason exists for a moment only and is what every later finding rests on.',
  bad: `SCX_OPS_DEFINE(x_ops, .name = "x");`,
  good: `POLICY_EXIT(x_exit)
SCX_OPS_DEFINE(x_ops, .exit = (void *)x_exit, .name = "x");`,
  check: ({ tables }) =>
    tables
      .filter(({ fields }) => !fields.has('exit'))
      .map(({ node, name }) => ({
        at: node,
        message: `${name} has no .exit, so nobody learns why the policy ended`,
        hint: 'add POLICY_EXIT(NAME_exit) and .exit = (void *)NAME_exit',
      })),
};

export const TABLE_RULES: readonly Rule[] = [
  noOps,
  twoOps,
  opsName,
  unknownOp,
  arity,
  unbound,
  enqLast,
  flags,
  exitRecord,
];
