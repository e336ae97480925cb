import { essentialName } from '../flavour.js';
import type { Finding } from '../verdict.js';
import { type Names, unknownFunctionHint } from './hints.js';
import { hasOperations, strongUndefined } from './symbols.js';

/** libbpf itself provides these. */
const PROVIDED = /^(?:LINUX_\w+|CONFIG_\w+)$/;

/** What the source hides and the object shows: functions the kernel does not have, no table of operations. */
export function objectFindings(object: Buffer, names: Names): Finding[] {
  const error = (rule: string, message: string, hint: string): Finding => ({
    stage: 'compile',
    rule,
    severity: 'error',
    message,
    hint,
  });
  const known = new Set(names.kfuncs);
  const unknown = strongUndefined(object)
    .filter((name) => /^(?:__)?(?:scx_)?bpf_/.test(name) && !PROVIDED.test(name))
    .filter((name) => !known.has(name) && !known.has(essentialName(name)))
    .map((name) =>
      error(
        'compile/unknown-function',
        `${essentialName(name)} is declared as a kfunc, and Linux ${names.release} has none of that name`,
        unknownFunctionHint(essentialName(name), names),
      ),
    );
  if (hasOperations(object)) return unknown;
  const none = error(
    'compile/no-operations',
    'the policy defines no sched_ext_ops table',
    'end it with SCX_OPS_DEFINE(NAME_ops, .enqueue = (void *)NAME_enqueue, …, .name = "NAME")',
  );
  return [...unknown, none];
}
