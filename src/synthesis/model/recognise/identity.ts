import type { Policy } from '../../../verify/lint/model/policy.js';
import { bareCode } from '../../../verify/lint/syntax/blank.js';
import { bareExpression, type Syntax } from '../../../verify/lint/syntax/node.js';

const NAME = /(?<![a-zA-Z0-9])comm(?![a-zA-Z0-9])/g;
const NUMBER = /(?<![a-zA-Z0-9])(?:v?pid|tgid)s?(?![a-zA-Z0-9])/g;
const OWN = /^(?:pid|tgid)$/;

/** Offsets at which a policy speaks of a task's name: fields, macros, arguments and types alike. */
export const namesOfTasks = ({ source }: Policy): number[] => offsets(source, NAME);

/**
 * Offsets at which a policy speaks of the number of a task or process. Whether two tasks have the same one may be
 * asked, `a->tgid == b->tgid`, of tasks at hand and not of one that was kept from before.
 */
export function numbersOfTasks(policy: Policy): number[] {
  const equal = policy.root.all('binary_expression').filter((node) => isOfTwo(policy, node));
  const sides = equal.flatMap((node) => [node.child('left'), node.child('right')]);
  const asked = sides.flatMap((side) => (side && bareExpression(side).child('field')?.start) ?? []);
  return offsets(policy.source, NUMBER).filter((offset) => !asked.includes(offset));
}

const offsets = (source: string, pattern: RegExp): number[] =>
  [...bareCode(source).matchAll(pattern)].map(({ index }) => index);

function isOfTwo({ globals }: Policy, node: Syntax): boolean {
  if (!/^[!=]=$/.test(node.child('operator')?.text ?? '')) return false;
  const [a, b] = [node.child('left'), node.child('right')].map((side) => side && bareExpression(side));
  if (a?.type !== 'field_expression' || b?.type !== 'field_expression') return false;
  const [field, other] = [a, b].map((side) => side.child('field')?.text ?? '');
  const [task, second] = [a, b].map((side) => side.child('argument')?.text ?? '');
  const isAtHand = (text: string): boolean =>
    /^\w+(?:->\w+)*$/.test(text) && !globals.has(/^\w+/.exec(text)?.[0] ?? '');
  return (
    OWN.test(field ?? '') &&
    field === other &&
    task !== second &&
    isAtHand(task ?? '') &&
    isAtHand(second ?? '')
  );
}
