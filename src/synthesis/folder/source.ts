import { OPS } from '../../verify/lint/model/known.js';
import { wrapped } from '../model/template.js';

const NAMED = /\.name\s*=\s*"(\w+)"/;

/** The source under another name: its ops table, what that is called in the kernel, and its callbacks. */
export function renamed(source: string, name: string): string {
  const before = NAMED.exec(source)?.[1];
  if (before === undefined) return source;
  const own = new RegExp(`\\b${before}_(?=(?:${[...OPS.keys()].join('|')}|ops)\\b)`, 'g');
  return source.replace(NAMED, `.name = "${name}"`).replace(own, `${name}_`);
}

/** The source with a paragraph of words before those of its first comment. */
export const introduced = (source: string, words: string): string =>
  source.replace(/^(\/\/ SPDX[^\n]*\n\/\*\n)/, (head) => `${head}${wrapped(words).join('\n')}\n *\n`);
