import type { Fn, Policy } from '../../../verify/lint/model/policy.js';
import { bareExpression, type Syntax } from '../../../verify/lint/syntax/node.js';
import type { Flow } from './flow.js';

/** Whether it may decide by such a value in this way. */
interface Allowed {
  /** Operators by which it may be compared with 0. */
  readonly zero: RegExp;
  /** Remainders, masks, bounds with a number as large as this are there to stay within an array. */
  readonly bound: bigint;
  /** Testing whether it is 0. */
  readonly truth: boolean;
  /** Operators beside comparisons. */
  readonly others: RegExp;
}

/** CPUs: whether one was found, and bounds beyond any machine of the lab. */
export const OF_CPUS: Allowed = { zero: /^(?:>=|<)$/, bound: 64n, truth: false, others: /^(?:%|&|>>)$/ };
/** Times: whether one was noted. */
export const OF_TIMES: Allowed = { zero: /^(?:[!=]=|>|<=)$/, bound: 0n, truth: true, others: /^%$/ };

const COMPARING = /^(?:[!=]=|[<>]=?)$/;
const WITHIN = /^(?:%|&|<|>=|>|<=)$/;
const PIECE = /^(?:>>|&|\/)$/;

/** Where a policy decides by a value that `flow` follows and a number that is fixed. */
export function decisions(policy: Policy, flow: Flow, allowed: Allowed): Syntax[] {
  const found: Syntax[] = [];
  for (const fn of policy.functions.values()) {
    for (const node of fn.body.all('binary_expression'))
      if (isDecision(policy, flow, allowed, node, fn)) found.push(node);
    for (const node of fn.body.all('switch_statement'))
      if (flow.holds(node.child('condition'), fn)) found.push(node);
    found.push(...truths(fn).filter((node) => isTold(flow, allowed, node, fn)));
    found.push(...callsThatCompare(policy, flow, fn));
    if (!allowed.truth) found.push(...tables(policy, flow, fn));
  }
  return found.sort((a, b) => a.start - b.start);
}

function isDecision(policy: Policy, flow: Flow, allowed: Allowed, node: Syntax, fn: Fn): boolean {
  const operator = node.child('operator')?.text ?? '';
  if (!COMPARING.test(operator) && !allowed.others.test(operator)) return false;
  const [left, right] = [node.child('left'), node.child('right')];
  const isLeft = flow.holds(left, fn) && flow.isFixed(right, fn);
  const isRight = flow.holds(right, fn) && flow.isFixed(left, fn);
  if (!isLeft && !isRight) return false;
  const number = policy.constants.signed((isLeft ? right : left)?.text ?? '');
  if (number === 0n) return !allowed.zero.test(operator);
  if (allowed.bound === 0n || number === null || !WITHIN.test(operator)) return true;
  if (operator !== '&') return number < allowed.bound;
  // A mask one less than a power of two is a remainder.
  const size = number + 1n;
  return size < allowed.bound || (size & (size - 1n)) !== 0n;
}

/** Every expression that is asked whether it is 0. */
const truths = ({ body }: Fn): Syntax[] => [
  ...body
    .all('if_statement', 'while_statement', 'do_statement', 'for_statement', 'conditional_expression')
    .flatMap((node) => node.child('condition') ?? []),
  ...body
    .all('binary_expression')
    .filter((node) => /^(?:&&|\|\|)$/.test(node.child('operator')?.text ?? ''))
    .flatMap((node) => [node.child('left'), node.child('right')].flatMap((side) => side ?? [])),
  ...body
    .all('unary_expression')
    .filter((node) => node.child('operator')?.text === '!')
    .flatMap((node) => node.child('argument') ?? []),
];

/** A time may be asked whether it was noted, but not a piece of it. */
function isTold(flow: Flow, { truth }: Allowed, node: Syntax, fn: Fn): boolean {
  if (!flow.holds(node, fn)) return false;
  const at = bareExpression(node);
  return !truth || (at.type === 'binary_expression' && PIECE.test(at.child('operator')?.text ?? ''));
}

/** vtime_before() and macros that compare what they are given with a number. */
const callsThatCompare = (policy: Policy, flow: Flow, fn: Fn): Syntax[] =>
  fn.calls.flatMap(({ name, args, node }) => {
    const macro = policy.macros.get(name);
    if (name !== 'vtime_before' && !/[=!<>%?]|&(?!&)/.test(macro ?? '')) return [];
    const isGiven = args.some((arg) => flow.holds(arg, fn));
    const isFixed = args.some((arg) => flow.isFixed(arg, fn)) || /(?<!\w)\d/.test(macro ?? '');
    return isGiven && isFixed ? [node] : [];
  });

/** A table in the source that says for each number what to do. */
const tables = (policy: Policy, flow: Flow, fn: Fn): Syntax[] =>
  fn.body.all('subscript_expression').filter((node) => {
    const name = node.child('argument')?.text;
    const listed = policy.root
      .all('init_declarator')
      .some(
        (one) =>
          one.child('value')?.type === 'initializer_list' &&
          one.child('declarator')?.text.replace(/\[.*/, '') === name,
      );
    return listed && flow.holds(node.child('index'), fn);
  });
