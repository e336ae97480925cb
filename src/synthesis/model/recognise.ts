import { buildPolicy } from '../../verify/lint/model/build.js';
import type { Policy } from '../../verify/lint/model/policy.js';
import { parseC } from '../../verify/lint/syntax/parse.js';
import { rewrite } from '../../verify/lint/syntax/rewrite.js';
import { decisions, OF_CPUS, OF_TIMES } from './recognise/decisions.js';
import { Flow, type Source } from './recognise/flow.js';
import { namesOfTasks, numbersOfTasks } from './recognise/identity.js';
import { setOnce } from './recognise/once.js';
import { Places } from './recognise/writes.js';
import type { Rejection } from './rejection.js';
import type { Assembled } from './template.js';

/*
 * A policy that is searched for on one load could win by knowing that load when it sees it. Lint refuses what no
 * policy may do; these rules are stricter, because whoever optimises against a benchmark is tempted more. What they
 * see and what they do not is in docs/synthesis.md.
 */

const CPU: Source = {
  calls:
    /^(?:scx_bpf_(?:task_cpu|select_cpu_\w+|pick_\w+_cpu\w*)|bpf_(?:get_smp_processor_id|cpumask_(?:first|any)\w*))$/,
  fields: /^(?:\w+_)?cpu$/,
  given: { select_cpu: 1, dispatch: 0, update_idle: 0, cpu_acquire: 0, cpu_release: 0 },
  differs: false,
};
const CLOCK: Source = {
  calls: /^(?:scx_bpf_now|bpf_ktime_get_\w+|bpf_jiffies64)$/,
  fields: /^start_(?:time|boottime)$/,
  given: {},
  differs: true,
};
/** Clocks that tell the date or the age of the boot, for which scheduling has no use. */
const CALENDAR = /^bpf_(?:ktime_get_(?:boot_ns|tai_ns|coarse_ns)|jiffies64)$/;

interface Told {
  /** Offset into the source. */
  readonly at: number;
  readonly rule: `proposal/${string}`;
  readonly message: string;
  readonly hint: string;
}

function told(policy: Policy): Told[] {
  const places = new Places(policy);
  const times = new Flow(policy, places, CLOCK);
  const sinceOnce = new Flow(policy, places, CLOCK, setOnce(policy, places, times));
  const calendar = policy.calls.filter(({ name }) => CALENDAR.test(name)).map(({ node }) => node);
  const cpus = decisions(policy, new Flow(policy, places, CPU), OF_CPUS);
  const clocks = [...calendar, ...decisions(policy, sinceOnce, OF_TIMES)];
  return [
    ...namesOfTasks(policy).map((at) => ({
      ...{ at, rule: 'proposal/recognises-comm' as const },
      message: 'it reads the name of a task: a policy that knows its benchmark by name proves nothing',
      hint: 'decide by behaviour: how often a task wakes, how long it runs, its weight',
    })),
    ...numbersOfTasks(policy).map((at) => ({
      ...{ at, rule: 'proposal/recognises-pid' as const },
      message: 'it reads a pid, which tells the order in which a benchmark starts its tasks',
      hint: 'decide by behaviour; whether two tasks are of one process may be asked: a->tgid == b->tgid',
    })),
    ...cpus.map(({ start }) => ({
      ...{ at: start, rule: 'proposal/fixed-cpu' as const },
      message: 'a decision rests on the number of a CPU',
      hint: 'find a CPU by what it is: idle, the previous one, near the waker',
    })),
    ...clocks.map(({ start }) => ({
      ...{ at: start, rule: 'proposal/recognises-clock' as const },
      message: 'a decision rests on what time it is, which tells how far a benchmark is',
      hint: 'use scx_bpf_now() and only the difference of two times, of which none is set once for the whole run',
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
  const line = source.slice(0, at).split('\n').length - firstLine + 1;
  const text = source.split('\n')[line + firstLine - 2]?.trim();
  // A tunable's name stands above the model's code.
  return { stage: 'proposal', rule, message, hint, ...(line >= 1 && { line }), ...(text && { text }) };
}
