import type { Policy } from '../../../verify/lint/model/policy.js';
import { bareExpression, type Syntax } from '../../../verify/lint/syntax/node.js';
import type { Flow } from './flow.js';
import type { Places, Write } from './writes.js';

const LEAVES = ['return_statement', 'goto_statement', 'break_statement', 'continue_statement'] as const;

/** What must be empty, or must not be, for a condition to hold. */
interface Tested {
  readonly node: Syntax;
  readonly isEmpty: boolean;
}

/** The tests for being empty in a condition, all of which must hold; others are passed over. */
function testsIn(condition: Syntax | undefined): Tested[] {
  if (condition === undefined) return [];
  const at = bareExpression(condition);
  const operator = at.child('operator')?.text ?? '';
  const [left, right, argument] = [at.child('left'), at.child('right'), at.child('argument')];
  if (operator === '&&') return [...testsIn(left), ...testsIn(right)];
  if (operator === '!' && argument)
    return testsIn(argument).map(({ node, isEmpty }) => ({ node, isEmpty: !isEmpty }));
  if (at.type === 'call_expression' && /^(?:un)?likely\(/.test(at.text))
    return testsIn(at.child('arguments')?.parts[0]);
  if (at.type === 'binary_expression') {
    const tested = left?.text === '0' ? right : right?.text === '0' ? left : undefined;
    if (tested === undefined || !/^(?:[!=]=|>)$/.test(operator)) return [];
    return [{ node: tested, isEmpty: operator === '==' }];
  }
  return [{ node: at, isEmpty: false }];
}

/**
 * The globals of a policy that keep a time which is set once: in init, or only while they are empty. What is measured
 * from there is the time since the policy was attached.
 * @param times the flow of clocks, nothing taken as fixed
 */
export function setOnce(policy: Policy, places: Places, times: Flow): Set<string> {
  const written = (key: string): readonly Write[] => places.writes.filter((one) => one.key === key);
  /** A flag that is raised and never lowered. */
  const isLatch = (key: string): boolean =>
    places.isGlobal(key) &&
    written(key).length > 0 &&
    written(key).every(
      ({ how, value, fn }) =>
        how === '++' || fn === null || /^(?:true|[1-9]\d*)$/.test(value === null ? '' : value.text),
    );
  const isOnce = ({ key, how, value, at, fn }: Write): boolean => {
    if (fn === null || value === null || policy.constants.value(value.text) === 0n) return true;
    const ops = policy.opsOf(fn);
    if (how.includes('compare_and_swap') || (ops.size === 1 && ops.has('init'))) return true;
    const isAbout = ({ node }: Tested): boolean => {
      const tested = places.keyOf(node.type === 'update_expression' ? node.child('argument') : node, fn);
      return tested !== undefined && (tested === key || isLatch(tested));
    };
    const says = (condition: Syntax | undefined, isEmpty: boolean): boolean =>
      testsIn(condition).some((one) => one.isEmpty === isEmpty && isAbout(one));
    const choice = bareExpression(value);
    if (choice.type === 'conditional_expression')
      return says(choice.child('condition'), false) || says(choice.child('condition'), true);
    const guarded = [...at.above()].some((node) => {
      if (node.type !== 'if_statement') return false;
      const otherwise = node.child('alternative');
      return says(node.child('condition'), !(otherwise && at.isWithin(otherwise)));
    });
    const left = fn.body
      .all('if_statement')
      .filter((node) => node.end <= at.start && says(node.child('condition'), false));
    return guarded || left.some((node) => (node.child('consequence')?.all(...LEAVES).length ?? 0) > 0);
  };
  const keys = new Set(places.writes.map(({ key }) => key).filter((key) => places.isGlobal(key)));
  return new Set(
    [...keys].filter((key) => {
      const writes = written(key);
      const keepsTime = writes.some(({ value, fn }) => fn !== null && value && times.holds(value, fn));
      return keepsTime && writes.every(isOnce);
    }),
  );
}
