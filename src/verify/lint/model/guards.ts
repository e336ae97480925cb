import { firstFrom, type Syntax } from '../syntax/node.js';
import { perNode } from './memo.js';
import type { Policy } from './policy.js';

/** A condition that decides whether a place is reached. */
export interface Guard {
  readonly condition: Syntax;
  /** `early`: an `if` before it left the function or the loop. */
  readonly kind: 'branch' | 'loop' | 'early';
}

const LEAVING = new Set(['return_statement', 'break_statement', 'continue_statement', 'goto_statement']);

/** Whether a statement always leaves the block it is in. */
export function leaves(statement: Syntax | undefined): boolean {
  if (statement === undefined) return false;
  if (LEAVING.has(statement.type)) return true;
  if (statement.type === 'compound_statement') return statement.parts.some(leaves);
  return false;
}

/** Whether some path through a statement leaves. */
export const mayLeave = (statement: Syntax): boolean => statement.has([...LEAVING]);

/** So many of a block's tests are heard; with more before it, a place is surely reached on conditions. */
const MOST_EARLY = 64;

/** The tests in a block that may leave it, in the order of the source. */
const earlyTests = perNode((block: Syntax) =>
  block.parts.flatMap((statement) => {
    const tested = statement.type === 'if_statement' ? statement.child('condition') : undefined;
    return tested !== undefined && mayLeave(statement) ? [{ start: statement.start, tested }] : [];
  }),
);

/** The conditions on which a node is reached within its function, nearest first. */
export function guardsOf(node: Syntax): Guard[] {
  const guards: Guard[] = [];
  let inner = node;
  for (const outer of node.above()) {
    const condition = outer.child('condition');
    if (outer.type === 'function_definition') break;
    if (condition !== undefined && inner !== condition) {
      const kind = /^(?:while|for|do)_/.test(outer.type) ? 'loop' : 'branch';
      guards.push({ condition, kind });
    } else if (outer.type === 'binary_expression' && /&&|\|\|/.test(outer.child('operator')?.text ?? '')) {
      const left = outer.child('left');
      if (left !== undefined && left !== inner) guards.push({ condition: left, kind: 'branch' });
    } else if (outer.type === 'case_statement') {
      const value = outer.child('value');
      if (value !== undefined) guards.push({ condition: value, kind: 'branch' });
    }
    if (outer.type === 'compound_statement') {
      const early = earlyTests(outer);
      const behind = firstFrom(early, inner.start);
      for (const { tested } of early.slice(Math.max(0, behind - MOST_EARLY), behind))
        guards.push({ condition: tested, kind: 'early' });
    }
    inner = outer;
  }
  return guards;
}

/** The names that occur in a piece of source. */
export const namesIn = (node: Syntax): string[] => node.all('identifier').map(({ text }) => text);

/** Whether a condition rests on a tunable, so that the branch may not exist in what is loaded. */
export const isTunable = (policy: Policy, { condition }: Pick<Guard, 'condition'>): boolean =>
  policy.restsOnTunable(condition);
