import { perNode } from './memo.js';
import type { Fn } from './policy.js';

/*
 * What the text of a function says of its variables, found by going through it once. A rule that looked for one variable
 * after the other would take as long as the square of the source's length.
 */

/** A name, with the token before it and the one behind it. */
const NAMED = /((?:[!(,&|=?])\s*)?\b([A-Za-z_]\w*)\b(?=(\s*(?:&&|\|\||\)|\?|[!=]=))?)/g;

/** The variables that are looked at as a condition anywhere in a function: compared, negated, handed on alone. */
export const testedNames = perNode((fn: Fn): ReadonlySet<string> => {
  const found = new Set<string>();
  const text = fn.node.text;
  let before = ''; // the last name, where nothing but an opening bracket is between
  for (const match of text.matchAll(NAMED)) {
    const [, ahead = '', name = '', behind = ''] = match;
    const [mark, next] = [ahead[0] ?? '', behind.trim()];
    const doubled = mark !== '' && text[match.index - 1] === mark; // && or ||
    const opens = mark === '(' && /^(?:if|while|likely|unlikely)$/.test(before);
    if (
      mark === '!' ||
      (mark !== '' && next !== '') ||
      (next !== '' && next !== ')') ||
      ((mark === '&' || mark === '|') && doubled) ||
      opens
    )
      found.add(name);
    // `if ((name` counts as well: the bracket between is passed over.
    const end = match.index + match[0].length;
    before = /^\s*\(/.test(text.slice(end, end + 40)) ? name : '';
  }
  return found;
});

const CHAIN = /(!\s*)?\b((?:\w+->)+\w+)(?=(\s*(?:[<>!=]=?\s*\d|\?|\)))?)/g;

/** The members, such as t->weight, that are compared with a number, tested or negated anywhere in a function. */
export const testedMembers = perNode((fn: { readonly text: string }): ReadonlySet<string> => {
  const found = new Set<string>();
  for (const [, negated, chain = '', behind] of fn.text.matchAll(CHAIN))
    if (negated !== undefined || behind !== undefined) found.add(chain);
  return found;
});

/** The names that occur in a function. */
export const namesOf = perNode(
  (fn: Fn): ReadonlySet<string> => new Set(fn.body.all('identifier').map(({ text }) => text)),
);
