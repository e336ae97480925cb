import { guardsOf, leaves, namesIn } from '../model/guards.js';
import { HOT_OPS } from '../model/known.js';
import type { Fn, Policy } from '../model/policy.js';
import type { Report, Rule } from '../rule.js';
import { declaredName, type Syntax } from '../syntax/node.js';

const DEBUG_OPS = ['dump', 'dump_cpu', 'dump_task', 'exit', 'other', 'timer'];
const COMPARING =
  /^(?:bpf_strncmp|__builtin_memcmp|memcmp|strncmp|strcmp|bpf_strcmp|bpf_strstr|bpf_strnstr|bpf_strcasecmp|bpf_strchr|__builtin_strcmp|__builtin_strncmp)$/;
const COPYING =
  /^(?:bpf_probe_read_kernel\w*|bpf_core_read\w*|BPF_CORE_READ_STR_INTO|__builtin_memcpy|bpf_get_current_comm|bpf_core_read_str)$/;

/** Where a policy works with what it read of a task's name: `p->comm`, or a copy. */
function nameUses(fn: Fn): { compared: Syntax[]; computed: Syntax[] } {
  const names = new Set<string>();
  for (const call of fn.calls)
    if (
      COPYING.test(call.name) &&
      (/(?:->|\.)comm\b/.test(call.node.text) || call.name === 'bpf_get_current_comm')
    ) {
      const target = /\w+/.exec(call.args[0]?.text ?? '')?.[0];
      if (target !== undefined) names.add(target);
    }
  for (const node of fn.body.all('init_declarator')) {
    const value = node.child('value')?.text ?? '';
    if (/(?:->|\.)comm$/.test(value)) names.add(declaredName(node.child('declarator')) ?? '');
  }
  names.delete('');
  const isName = (text: string): boolean =>
    /(?:->|\.)comm\b/.test(text) || (text.match(/\w+/g) ?? []).some((word) => names.has(word));
  const compared: Syntax[] = [];
  const computed: Syntax[] = [];
  for (const { name, node, args } of fn.calls)
    if (COMPARING.test(name) && args.some(({ text }) => isName(text))) compared.push(node);
  for (const node of fn.body.all('subscript_expression', 'pointer_expression')) {
    if (!isName(node.child('argument')?.text ?? '') || node.text.startsWith('&')) continue;
    const around = node.parent;
    if (around?.type === 'assignment_expression' && around.child('left') === node) continue;
    const operator = around?.type === 'binary_expression' ? around.child('operator')?.text : undefined;
    (/^[!=]=$/.test(operator ?? '') ? compared : computed).push(node);
  }
  return { compared, computed };
}

const decides = (policy: Policy, fn: Fn): boolean =>
  [...policy.opsOf(fn)].some((op) => !DEBUG_OPS.includes(op));

const comm: Rule = {
  id: 'lint/comm-matching',
  severity: 'error',
  doc: 'The policy tells tasks apart by their name. A name is no property of a load: any program can take it, and a policy that knows its benchmark by name proves nothing. (Printing or recording a name is fine; computing with its characters is a warning.)',
  bad: `static bool is_db(struct task_struct *p)
{
	return !bpf_strncmp(p->comm, 8, "postgres");
}
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, is_db(p) ? 20000000 : 1000000, enq_flags);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  good: `void BPF_STRUCT_OPS(x_dump_task, struct scx_dump_ctx *dump, struct task_struct *p)
{
	scx_bpf_dump("%s", (u64)p->comm);
}
SCX_OPS_DEFINE(x_ops, .dump_task = (void *)x_dump_task, .name = "x");`,
  check: (policy) =>
    [...policy.functions.values()].flatMap((fn) => {
      if (!decides(policy, fn)) return [];
      const { compared, computed } = nameUses(fn);
      const report = (at: Syntax, severity: 'error' | 'warning'): Report => ({
        at,
        severity,
        message: `${severity === 'error' ? 'a decision rests' : 'a decision may rest'} on the name of a task`,
        hint: 'decide by behaviour: how often it wakes, how long it runs, its weight or cgroup',
      });
      const loops = computed.filter((node) =>
        [...node.above()].some(({ type }) => /^(?:while|for)_/.test(type)),
      );
      return [
        ...compared.slice(0, 1).map((at) => report(at, 'error')),
        ...(compared.length > 0 ? [] : loops.slice(0, 1).map((at) => report(at, 'warning'))),
      ];
    }),
};

const pid: Rule = {
  id: 'lint/hard-coded-pid',
  severity: 'error',
  doc: 'A pid or tgid is compared with a number in the source. Pids are given out anew at every boot; the number means nothing on another machine. A tunable set by whoever loads the policy is fine.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->tgid == 4711)
		enq_flags |= SCX_ENQ_HEAD;
}`,
  good: `const volatile s32 favoured_tgid;
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->tgid == favoured_tgid)
		enq_flags |= SCX_ENQ_HEAD;
}`,
  check: ({ root, constants }) =>
    root.all('binary_expression').flatMap((node): Report[] => {
      if (!/^[!=]=$/.test(node.child('operator')?.text ?? '')) return [];
      const [left, right] = [node.child('left')?.text ?? '', node.child('right')?.text ?? ''];
      const other = /->t?g?pid$|->tgid$/.test(left) ? right : /->pid$|->tgid$/.test(right) ? left : undefined;
      const value = other === undefined ? null : constants.value(other);
      // 0 is idle, 1 init and 2 kthreadd everywhere.
      if (value === null || value <= 2n) return [];
      return [
        {
          at: node,
          message: `a decision rests on the pid ${value}`,
          hint: 'make it a const volatile tunable, or decide by behaviour',
        },
      ];
    }),
};

const current: Rule = {
  id: 'lint/current-task',
  severity: 'warning',
  doc: 'ops.select_cpu and ops.enqueue run on behalf of the task that wakes another one up. “current” is the waker (or anything an interrupt came upon), not the task to be placed, which is p.',
  bad: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 pid = bpf_get_current_pid_tgid();

	scx_bpf_dsq_insert(p, pid % 2, SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  good: `void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 pid = p->pid;

	scx_bpf_dsq_insert(p, pid % 2, SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(x_ops, .enqueue = (void *)x_enqueue, .name = "x");`,
  check: (policy) =>
    policy
      .callsTo(
        'bpf_get_current_pid_tgid',
        'bpf_get_current_uid_gid',
        'bpf_get_current_comm',
        'bpf_get_current_cgroup_id',
      )
      .filter(({ fn }) => HOT_OPS.some((op) => policy.opsOf(fn).has(op)))
      .map(({ name, node }) => ({
        at: node,
        message: `${name} tells of the task that is running here, not of the one being scheduled`,
        hint: 'read it from p',
      })),
};

const disallow: Rule = {
  id: 'lint/disallow-on-fork',
  severity: 'error',
  doc: 'scx.disallow sends a task back to the fair class when the policy is loaded. Set for a task that is being forked it ends the policy if that task’s policy is SCHED_EXT. Under a test for args->fork it is an error, without any test of it a warning.',
  bad: `s32 BPF_STRUCT_OPS(x_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	if (args->fork)
		p->scx.disallow = true;
	return 0;
}`,
  good: `s32 BPF_STRUCT_OPS(x_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	if (!args->fork)
		p->scx.disallow = true;
	return 0;
}`,
  check: (policy) =>
    [...policy.functions.values()].flatMap((fn) =>
      fn.body.all('assignment_expression').flatMap((node): Report[] => {
        if (!/->scx\.disallow$/.test(node.child('left')?.text ?? '')) return [];
        if (policy.constants.value(node.child('right')?.text ?? '') === 0n) return [];
        const guards = guardsOf(node).map(({ condition, kind }) => ({
          text: condition.text.replace(/[()\s]/g, ''),
          kind,
        }));
        const onFork =
          guards.some(({ text, kind }) => kind === 'branch' && /^\w+->fork$/.test(text)) &&
          !insideElse(node, /^\(\s*\w+->fork\s*\)$/);
        if (!onFork && guards.some(({ text }) => /fork|policy/.test(text))) return [];
        return [
          {
            at: node,
            severity: onFork ? 'error' : 'warning',
            message: onFork
              ? 'disallow is set for a task that is being forked, which ends the policy'
              : 'disallow may be set for a task that is being forked, which ends the policy',
            hint: 'set it only when !args->fork',
          },
        ];
      }),
    ),
};

/** Whether a node is in the else branch of an `if` with such a condition. */
function insideElse(node: Syntax, condition: RegExp): boolean {
  let inner = node;
  for (const outer of node.above()) {
    if (outer.type === 'if_statement' && inner.field === 'alternative')
      if (condition.test(outer.child('condition')?.text ?? '')) return true;
    inner = outer;
  }
  return false;
}

const initTask: Rule = {
  id: 'lint/init-task-fails',
  severity: 'error',
  doc: 'ops.init_task returns an error for a task that is being forked, and so the fork fails. Lack of memory for the task’s own storage is a reason; the number or kind of tasks is not.',
  bad: `static u64 nr_tasks;
s32 BPF_STRUCT_OPS(x_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	if (++nr_tasks > 100)
		return -EAGAIN;
	return 0;
}
SCX_OPS_DEFINE(x_ops, .init_task = (void *)x_init_task, .name = "x");`,
  good: `struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u64);
} contexts SEC(".maps");
s32 BPF_STRUCT_OPS(x_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	if (!bpf_task_storage_get(&contexts, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE))
		return -ENOMEM;
	return 0;
}
SCX_OPS_DEFINE(x_ops, .init_task = (void *)x_init_task, .name = "x");`,
  check: (policy) =>
    (policy.op('init_task')?.body.all('return_statement') ?? []).flatMap((node): Report[] => {
      const value = node.parts[0] && policy.constants.signed(node.parts[0].text);
      if (value == null || value >= 0n) return [];
      const guards = guardsOf(node);
      const deciding = guards.find(({ kind }) => kind === 'branch')?.condition;
      const text = (deciding?.text ?? '').replace(/->/g, '.');
      // A test of a pointer or of what a call returned is lack of memory; a comparison is a decision.
      if (/<\s*0|!\s*\w+|\b(?:err|ret|rc|error)\b/.test(text)) return [];
      if (guards.length > 0 && !/[<>%]|==|\.fork\b/.test(text)) return [];
      const counts = (deciding ? namesIn(deciding) : []).some(
        (name) => policy.globals.has(name) && !policy.tunables.has(name),
      );
      const certain = guards.length === 0 || counts || /\.fork\b|\.pid\b|\+\+/.test(text);
      return [
        {
          at: node,
          severity: certain ? 'error' : 'warning',
          message: 'ops.init_task refuses a task by decision, so a fork fails',
          hint: 'return 0 and treat the task differently',
        },
      ];
    }),
};

const noReturn: Rule = {
  id: 'lint/select-cpu-without-return',
  severity: 'error',
  doc: 'ops.select_cpu has to return a CPU and this one returns nothing, so the kernel gets whatever was in the register.',
  bad: `s32 BPF_STRUCT_OPS(x_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	scx_bpf_kick_cpu(prev_cpu, SCX_KICK_IDLE);
}
SCX_OPS_DEFINE(x_ops, .select_cpu = (void *)x_select_cpu, .name = "x");`,
  good: `s32 BPF_STRUCT_OPS(x_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	scx_bpf_kick_cpu(prev_cpu, SCX_KICK_IDLE);
	return prev_cpu;
}
SCX_OPS_DEFINE(x_ops, .select_cpu = (void *)x_select_cpu, .name = "x");`,
  check: (policy) => {
    const fn = policy.op('select_cpu');
    if (fn === undefined || leaves(fn.body) || fn.body.has(['return_statement', 'goto_statement'])) return [];
    return [{ at: fn.node, message: `${fn.name} returns no CPU`, hint: 'end it with return prev_cpu;' }];
  },
};

export const TASK_RULES: readonly Rule[] = [comm, pid, current, disallow, initTask, noReturn];
