import { buildPolicy } from '../../verify/lint/model/build.js';
import type { Policy } from '../../verify/lint/model/policy.js';
import type { Syntax } from '../../verify/lint/syntax/node.js';
import { parseC } from '../../verify/lint/syntax/parse.js';
import { rewrite } from '../../verify/lint/syntax/rewrite.js';
import type { Rejection } from './rejection.js';
import type { Assembled } from './template.js';

/*
 * A policy that is searched for on one load could win by knowing that load when it sees it. Lint refuses what no
 * policy may do; these rules are stricter, because whoever optimises against a benchmark is tempted more.
 */

const COMPARING = /^(?:[!=]=|[<>]=?)$/;
const PID = /(?:->|\.)(?:pid|tgid)\b|\bbpf_get_current_pid_tgid\b/;
const CLOCK =
  /\b(?:scx_bpf_now|bpf_ktime_get_(?:ns|boot_ns|coarse_ns|tai_ns)|bpf_jiffies64)\s*\(|(?:->|\.)(?:start_time|start_boottime)\b/;
/** Clocks that tell the date or the age of the boot, for which scheduling has no use. */
const CALENDAR = /^bpf_(?:ktime_get_(?:boot_ns|tai_ns|coarse_ns)|jiffies64)$/;
const CPU =
  /\b(?:cpu|prev_cpu|this_cpu|target_cpu)\b|\bscx_bpf_task_cpu\s*\(|\bbpf_get_smp_processor_id\s*\(/;

interface Told {
  readonly at: Syntax;
  readonly rule: `proposal/${string}`;
  readonly message: string;
  readonly hint: string;
}

const sides = (node: Syntax): [string, string] => [
  node.child('left')?.text ?? '',
  node.child('right')?.text ?? '',
];

/** Names of variables that hold nothing but what `pattern` finds. */
function copiesOf(policy: Policy, pattern: RegExp): RegExp {
  const names = policy.root.all('init_declarator', 'assignment_expression').flatMap((node) => {
    const value = (node.child('value') ?? node.child('right'))?.text ?? '';
    const name = /(\w+)$/.exec((node.child('declarator') ?? node.child('left'))?.text ?? '')?.[1];
    // A difference of two times is a duration, and that is what clocks are for.
    return name !== undefined && pattern.test(value) && !/-(?!>)/.test(value) ? [name] : [];
  });
  return names.length === 0 ? pattern : new RegExp(`${pattern.source}|^(?:${names.join('|')})$`);
}

/** Comparisons and remainders between `pattern` and a number that stands in the source or is a tunable. */
function fixedComparisons(policy: Policy, pattern: RegExp, least: bigint): Syntax[] {
  const isFixed = (text: string): boolean => {
    const value = policy.constants.signed(text);
    return (value !== null && value >= least) || policy.tunables.has(text);
  };
  const binary = policy.root.all('binary_expression').filter((node) => {
    const operator = node.child('operator')?.text ?? '';
    if (!COMPARING.test(operator) && operator !== '%') return false;
    const [left, right] = sides(node);
    const holds = (text: string) => pattern.test(text) && !/-(?!>)/.test(text);
    return (holds(left) && isFixed(right)) || (holds(right) && isFixed(left));
  });
  const switches = policy.root
    .all('switch_statement')
    .flatMap((node) => node.child('condition') ?? [])
    .filter(({ text }) => pattern.test(text.replace(/^\(|\)$/g, '')));
  return [...binary, ...switches];
}

function told(policy: Policy): Told[] {
  const names = policy.root.all('field_expression').filter(({ text }) => /(?:->|\.)comm$/.test(text));
  const current = policy.callsTo('bpf_get_current_comm').map(({ node }) => node);
  const calendar = policy.calls.filter(({ name }) => CALENDAR.test(name)).map(({ node }) => node);
  const cpus = fixedComparisons(policy, copiesOf(policy, CPU), 0n).filter(
    // `cpu >= 0` and `cpu < 0` ask whether one was found.
    (node) => !/^(?:>=|<)$/.test(node.child('operator')?.text ?? '') || !sides(node).includes('0'),
  );
  return [
    ...[...names, ...current].map((at) => ({
      ...{ at, rule: 'proposal/recognises-comm' as const },
      message: 'it reads the name of a task: a policy that knows its benchmark by name proves nothing',
      hint: 'decide by behaviour: how often a task wakes, how long it runs, its weight',
    })),
    ...fixedComparisons(policy, copiesOf(policy, PID), 0n).map((at) => ({
      ...{ at, rule: 'proposal/recognises-pid' as const },
      message: 'a decision rests on a pid, which tells the order in which a benchmark starts its tasks',
      hint: 'decide by behaviour; two tasks of one process may be compared with each other',
    })),
    ...cpus.map((at) => ({
      ...{ at, rule: 'proposal/fixed-cpu' as const },
      message: 'a decision rests on the number of a CPU',
      hint: 'find a CPU by what it is: idle, the previous one, near the waker',
    })),
    ...[...calendar, ...fixedComparisons(policy, copiesOf(policy, CLOCK), 0n)].map((at) => ({
      ...{ at, rule: 'proposal/recognises-clock' as const },
      message: 'a decision rests on what time it is, which tells how far a benchmark is',
      hint: 'use scx_bpf_now() and only the difference of two times',
    })),
  ];
}

/** Where a policy could know the benchmark it is measured with; null when it could not. */
export async function recognised({ source, firstLine }: Assembled): Promise<Rejection | null> {
  const rewritten = rewrite(source);
  const { root } = await parseC(rewritten.text);
  const [first] = told(buildPolicy(source, rewritten, root, undefined));
  if (first === undefined) return null;
  const { at, rule, message, hint } = first;
  const line = source.slice(0, at.start).split('\n').length;
  const text = source.split('\n')[line - 1]?.trim();
  return { stage: 'proposal', rule, message, hint, line: line - firstLine + 1, ...(text && { text }) };
}
