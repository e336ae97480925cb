import { nearHint } from '../../near.js';
import { OPS } from '../../verify/lint/model/known.js';
import { bareCode, withoutComments } from '../../verify/lint/syntax/blank.js';
import type { Rejection } from './rejection.js';
import type { Proposal } from './reply.js';
import { callbacksIn, offeredOps, PREFIX } from './template.js';

interface Bound {
  readonly rule: `proposal/${string}`;
  readonly pattern: RegExp;
  readonly message: string;
  readonly hint: string;
}

/** What stands in the assembled source already, or must not stand in a policy at all. */
const BOUNDS: readonly Bound[] = [
  {
    rule: 'proposal/other-api',
    pattern: /^[ \t]*#[ \t]*include\b.*|\bint\s+main\s*\(|\bSEC\s*\(\s*"(?!\.maps")[^"]*"?/m,
    message: 'this is code for another interface: a policy is sched_ext callbacks and nothing else',
    hint: `write callbacks as BPF_STRUCT_OPS(${PREFIX}_enqueue, …); "policy.bpf.h" is included already`,
  },
  {
    rule: 'proposal/ours',
    pattern: /\bSCX_OPS_(?:DEFINE|LINK_DEFINE)\b|\bstruct\s+sched_ext_ops\b/,
    message: 'the ops table is made for you from the callbacks you define',
    hint: 'leave it out',
  },
  {
    rule: 'proposal/ours',
    pattern: new RegExp(
      `\\bLICENSE\\b|\\bPOLICY_EXIT\\b|\\bPOLICY_HOTPLUG_IGNORED\\b|\\btunesmith_exit\\b|\\btimeout_ms\\b|` +
        `\\b${PREFIX}_(?:exit|cpu_online|cpu_offline)\\b`,
    ),
    message: 'licence, exit record, hot-plug callbacks and the watchdog’s limit are not yours to set',
    hint: 'leave them out: they stand in the source already',
  },
  {
    rule: 'proposal/ours',
    pattern: /\bconst\s+volatile\b|\bvolatile\s+const\b/,
    message: 'tunables are declared for you from "tunables" of your reply',
    hint: 'move name, type, range and default there and use the name in the code',
  },
  {
    rule: 'proposal/assembly',
    pattern: /\basm\b|\b__asm__?\b/,
    message: 'assembly cannot be checked',
    hint: 'write C',
  },
];

/** What a model may not write, found in the text alone; null when there is nothing. */
export function overstepped({ code, tunables }: Proposal): Rejection | null {
  const [plain, bare] = [withoutComments(code), bareCode(code)];
  const at = (offset: number) => {
    const line = code.slice(0, offset).split('\n').length;
    return { line, text: code.split('\n')[line - 1]?.trim() };
  };
  for (const { rule, pattern, message, hint } of BOUNDS) {
    // A section's name is a string, which `bare` leaves out.
    const found = pattern.exec(rule === 'proposal/other-api' ? plain : bare);
    if (found) return { stage: 'proposal', rule, message, hint, ...at(found.index) };
  }
  return callbackTrouble(code) ?? tunableTrouble(tunables);
}

function callbackTrouble(code: string): Rejection | null {
  const callbacks = callbacksIn(code);
  const unknown = callbacks.find((name) => !OPS.has(name));
  const offered = offeredOps().map((name) => name.replace(/ .*/, ''));
  if (unknown !== undefined)
    return {
      ...{ stage: 'proposal', rule: 'proposal/unknown-callback' },
      message: `sched_ext has no callback ${unknown}`,
      hint: nearHint(unknown, offered),
    };
  if (callbacks.includes('enqueue') || callbacks.includes('select_cpu')) return null;
  const other = /\bBPF_STRUCT_OPS(?:_SLEEPABLE)?\s*\(\s*(\w+)/.exec(code)?.[1];
  return {
    ...{ stage: 'proposal', rule: other === undefined ? 'proposal/other-api' : 'proposal/callback-name' },
    message:
      other === undefined
        ? 'the code defines no sched_ext callback'
        : `callbacks are called ${PREFIX}_NAME, and there is neither ${PREFIX}_enqueue nor ${PREFIX}_select_cpu (found: ${other})`,
    hint: `for example void BPF_STRUCT_OPS(${PREFIX}_enqueue, struct task_struct *p, u64 enq_flags)`,
  };
}

function tunableTrouble(tunables: Proposal['tunables']): Rejection | null {
  const wrong = tunables.find(({ min, max, default: value }) => !(min < max && min <= value && value <= max));
  const names = tunables.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (!wrong && twice === undefined) return null;
  return {
    ...{ stage: 'proposal', rule: 'proposal/tunable' },
    message: wrong
      ? `tunable ${wrong.name}: the default ${wrong.default} must lie in ${wrong.min} to ${wrong.max}`
      : `tunable ${twice} is declared twice`,
    hint: 'give each a name of its own and a range that is not empty',
  };
}
