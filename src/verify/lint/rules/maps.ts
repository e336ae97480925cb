import { isRefused, mapHelperHint, PREFIX } from '../../map-helpers.js';
import type { Policy } from '../model/policy.js';
import type { Report, Rule } from '../rule.js';

/** Where a name may be declared twice, one of them is seen. */
const isConditional = (policy: Policy): boolean => /^[ \t]*#[ \t]*if/m.test(policy.source);

const mapHelper: Rule = {
  id: 'lint/map-helper',
  severity: 'error',
  doc: 'A map is given to a helper that does not take maps of its type: bpf_map_push_elem on an array, a look-up in a queue, bpf_task_storage_get on a hash. It compiles, and the verifier refuses it: “cannot pass map_type”. In a source with #if it is a warning: the map may be another one there.',
  bad: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, s32);
} waiting SEC(".maps");
void BPF_STRUCT_OPS(x_runnable, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	bpf_map_push_elem(&waiting, &pid, 0);
}
SCX_OPS_DEFINE(x_ops, .runnable = (void *)x_runnable, .name = "x");`,
  good: `struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 64);
	__type(value, s32);
} waiting SEC(".maps");
void BPF_STRUCT_OPS(x_runnable, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	bpf_map_push_elem(&waiting, &pid, 0);
}
SCX_OPS_DEFINE(x_ops, .runnable = (void *)x_runnable, .name = "x");`,
  check: (policy) =>
    policy.calls.flatMap(({ name, args, node, fn }): Report[] => {
      const map = policy.maps.get(/^&\s*(\w+)$/.exec(args[0]?.text ?? '')?.[1] ?? '');
      const kind = map?.type.startsWith(PREFIX) ? map.type.slice(PREFIX.length) : undefined;
      if (map === undefined || kind === undefined || !isRefused(name, kind)) return [];
      // What nothing runs is not loaded; a variable of the function's own may have the map's name.
      if (policy.opsOf(fn).size === 0 || fn.params.some((param) => param.name === map.name)) return [];
      return [
        {
          at: node,
          ...(isConditional(policy) && { severity: 'warning' as const }),
          message: `${name} does not take the map ${map.name}, whose type is ${map.type}`,
          hint: mapHelperHint(name, kind),
        },
      ];
    }),
};

export const MAP_RULES: readonly Rule[] = [mapHelper];
