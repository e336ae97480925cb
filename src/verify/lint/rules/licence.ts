import type { Policy } from '../model/policy.js';
import type { Rule } from '../rule.js';
import { declaredName } from '../syntax/node.js';

/** What the kernel takes for GPL-compatible (include/linux/license.h). */
const COMPATIBLE = [
  'GPL',
  'GPL v2',
  'GPL and additional rights',
  'Dual BSD/GPL',
  'Dual MIT/GPL',
  'Dual MPL/GPL',
];

/** The policy's own headers may hold what we do not see. */
const sees = ({ includes }: Policy): boolean =>
  includes.every((path) => /^(?:vmlinux\.h|policy\.bpf\.h|bpf\/\w+\.h)$/.test(path));

const section = (policy: Policy) =>
  policy.rewritten.sections.find(({ args }) => args[0] === '"license"' || args[0] === '"licence"');

const missing: Rule = {
  id: 'lint/licence-missing',
  severity: 'error',
  doc: 'The source says no licence in SEC("license"). The kernel then takes it for proprietary and refuses every function that a scheduler needs.',
  bad: `SCX_OPS_DEFINE(x_ops, .name = "x");`,
  good: `char LICENSE[] SEC("license") = "Dual MIT/GPL";
SCX_OPS_DEFINE(x_ops, .name = "x");`,
  check: (policy) =>
    section(policy)?.args[0] === '"license"'
      ? []
      : [
          {
            at: section(policy)?.start ?? null,
            severity: sees(policy) ? 'error' : 'warning',
            message: 'the policy says no licence',
            hint: 'add char LICENSE[] SEC("license") = "Dual MIT/GPL";',
          },
        ],
};

const incompatible: Rule = {
  id: 'lint/licence-incompatible',
  severity: 'error',
  doc: `The licence is none that the kernel takes for compatible with the GPL: ${COMPATIBLE.join(', ')}. The kfuncs of sched_ext are for such programs only.`,
  bad: `char LICENSE[] SEC("license") = "MIT";`,
  good: `char LICENSE[] SEC("license") = "Dual MIT/GPL";`,
  check: (policy) => {
    const found = section(policy);
    if (found === undefined) return [];
    const node = policy.root
      .all('init_declarator')
      .find((one) => one.start <= found.start && found.start < one.end && declaredName(one) !== undefined);
    const value = node?.child('value');
    const text = value && (/^"/.test(value.text) ? value.text : policy.constants.textOf(value.text));
    const licence = /^"([^"]*)"$/.exec(text ?? '')?.[1];
    if (!value || licence === undefined || COMPATIBLE.includes(licence)) return [];
    return [
      {
        at: value,
        message: `the kernel does not take "${licence}" for compatible with the GPL`,
        hint: 'use "Dual MIT/GPL" or "GPL"',
      },
    ];
  },
};

export const LICENCE_RULES: readonly Rule[] = [missing, incompatible];
