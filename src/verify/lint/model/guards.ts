import type { Syntax } from '../syntax/node.js';
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
export const mayLeave = (statement: Syntax): boolean => statement.all(...LEAVING).length > 0;

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
    if (outer.type === 'compound_statement')
      for (const before of outer.parts) {
        if (before.start >= inner.start) break;
        const tested = before.child('condition');
        if (before.type === 'if_statement' && tested && mayLeave(before))
          guards.push({ condition: tested, kind: 'early' });
      }
    inner = outer;
  }
  return guards;
}

/** The names that occur in a piece of source. */
export const namesIn = (node: Syntax): string[] => node.all('identifier').map(({ text }) => text);

/** Whether a condition rests on a tunable, so that the branch may not exist in what is loaded. */
export const isTunable = (policy: Policy, { condition }: Guard): boolean =>
  namesIn(condition).some((name) => policy.tunables.has(name));
