import { essentialName } from '../../flavour.js';
import { bareExpression, type Syntax } from '../syntax/node.js';
import type { Fn, Policy } from './policy.js';

/** Calls that read a task and keep nothing of it. */
const READING =
  /^(?:bpf_(?:printk|get_\w+|ktime_\w+|cpumask_\w+|task_storage_get|task_storage_delete|map_lookup\w*|core_\w+|probe_read\w*|ksym_exists|rcu_\w+|for_each_\w+)|scx_bpf_(?:task_\w+|now|kick_cpu|pick_\w+|select_cpu_\w+|test_and_clear_cpu_idle|get_\w+|put_\w+|nr_\w+|dsq_nr_queued|cpu_\w+|cpuperf_\w+)|kick_idle_cpu|is_pinned|times_weight|per_weight|vtime_\w+|run_begins|run_time|task_context|cpu_context|__sync_\w+|__builtin_\w+)$/;

/** Where a walk through a function may be: what is known of the task, and whether that is certain. */
interface State {
  /** The task was queued, remembered, or the policy ended. */
  readonly kept: boolean;
  /** The path rests on something that may never happen: a failed look-up, a tunable. */
  readonly doubtful: boolean;
}

/** A return, or the end of the function, at which the task is held by nobody. */
export interface Drop {
  readonly at: Syntax;
  readonly certain: boolean;
}

const merge = (states: readonly State[]): State[] => [
  ...new Map(states.map((state) => [`${state.kept}${state.doubtful}`, state])).values(),
];

/** The functions that may keep a task anywhere within them, or in one they call. */
function keepers({ functions }: Policy, storeKeeps: (node: Syntax) => boolean): Set<Fn> {
  const callers = new Map<Fn, Fn[]>();
  const found = new Set<Fn>();
  for (const fn of functions.values()) {
    let keeps = fn.body.has(['assignment_expression'], storeKeeps);
    for (const node of fn.body.all('call_expression')) {
      const name = essentialName(node.child('function')?.text ?? '');
      const called = functions.get(name);
      if (called === undefined) keeps ||= !READING.test(name);
      else if (callers.has(called)) callers.get(called)?.push(fn);
      else callers.set(called, [fn]);
    }
    if (keeps) found.add(fn);
  }
  const queue = [...found];
  for (let fn = queue.pop(); fn !== undefined; fn = queue.pop())
    for (const caller of callers.get(fn) ?? [])
      if (!found.has(caller)) {
        found.add(caller);
        queue.push(caller);
      }
  return found;
}

/** Finds the paths through ops.enqueue on which the task is neither queued nor remembered anywhere. */
export function dropsOf(policy: Policy, enqueue: Fn): Drop[] {
  const drops: Drop[] = [];
  const keeping = new Set<Fn>();
  const callKeeps = (call: Syntax): boolean => {
    const name = essentialName(call.child('function')?.text ?? '');
    const fn = policy.functions.get(name);
    return fn === undefined ? !READING.test(name) : keeping.has(fn);
  };
  /** A store outside the function that is no mere counting. */
  const storeKeeps = (node: Syntax): boolean => {
    const left = node.child('left');
    const right = node.child('right');
    if (node.type !== 'assignment_expression' || !left || !right) return false;
    const outside = left.type !== 'identifier' || policy.globals.has(left.text);
    return outside && right.has(['identifier']) && !/->scx\.|dsq_vtime|slice/.test(left.text);
  };
  const expressionKeeps = (node: Syntax): boolean =>
    node.has(['call_expression'], callKeeps) || node.has(['assignment_expression'], storeKeeps);
  for (const fn of keepers(policy, storeKeeps)) keeping.add(fn);

  /** A bound of a local number, such as an index: often there for the verifier alone. */
  const isBound = (node: Syntax): boolean =>
    /^[<>]=?$/.test(node.child('operator')?.text ?? '') &&
    [node.child('left'), node.child('right')].some(
      (side) => side?.type === 'identifier' && !policy.globals.has(side.text),
    );
  const isDoubtful = (condition: Syntax): boolean => {
    const bare = bareExpression(condition);
    if (policy.restsOnTunable(condition)) return true;
    // A pointer that is tested, or a helper's answer: the path may be there for the verifier alone.
    return (
      bare.type === 'identifier' ||
      bare.type === 'call_expression' ||
      /^!|\bNULL\b/.test(bare.text) ||
      isBound(bare) ||
      bare.has(['assignment_expression']) ||
      bare.has(['call_expression'], (call) => !/^(?:scx_)?bpf_|^__sync_/.test(call.text))
    );
  };
  const after = (states: State[], node: Syntax | undefined): State[] =>
    node !== undefined && expressionKeeps(node) ? states.map((state) => ({ ...state, kept: true })) : states;
  const doubt = (states: State[]): State[] => states.map((state) => ({ ...state, doubtful: true }));
  const leave = (states: State[], at: Syntax): State[] => {
    const lost = states.filter(({ kept }) => !kept);
    if (lost.length > 0) drops.push({ at, certain: lost.some(({ doubtful }) => !doubtful) });
    return [];
  };

  const walk = (states: State[], node: Syntax | undefined): State[] => {
    if (node === undefined || states.length === 0) return states;
    switch (node.type) {
      case 'compound_statement':
      case 'else_clause':
        return node.parts.reduce(walk, states);
      case 'if_statement': {
        const condition = node.child('condition');
        const tested = after(states, condition);
        const branch = condition && isDoubtful(condition) ? doubt(tested) : tested;
        const otherwise = node.child('alternative');
        return merge([...walk(branch, node.child('consequence')), ...walk(branch, otherwise)]);
      }
      case 'while_statement':
      case 'for_statement':
      case 'do_statement': {
        // A loop in ops.enqueue looks for something: what it finds is not known here.
        const around = ['condition', 'initializer', 'update'].reduce(
          (now, field) => after(now, node.child(field)),
          states,
        );
        return merge([...doubt(around), ...walk(doubt(around), node.child('body'))]);
      }
      case 'switch_statement': {
        const tested = after(states, node.child('condition'));
        const cases = (node.child('body')?.parts ?? []).flatMap((one) => walk(doubt(tested), one));
        return merge([...doubt(tested), ...cases]);
      }
      case 'case_statement':
      case 'labeled_statement':
        return node.parts.filter(({ field }) => field !== 'value' && field !== 'label').reduce(walk, states);
      case 'return_statement':
        return leave(after(states, node), node);
      case 'goto_statement':
        return [];
      case 'break_statement':
      case 'continue_statement':
        return states;
      default:
        return after(states, node);
    }
  };
  const end = walk([{ kept: false, doubtful: false }], enqueue.body);
  const last = enqueue.body.children.at(-1) ?? enqueue.body;
  // A label may be reached by a goto that the walk did not follow.
  leave(enqueue.body.has(['goto_statement']) ? doubt(end) : end, last);
  return drops;
}
