import { OPS } from '../../verify/lint/model/known.js';
import { wrapped } from '../model/template.js';

const NAMED = /\.name\s*=\s*"(\w+)"/;
const DECLARATION = /^([ \t]*(?:static )?const volatile \w+(?: \w+)*? (\w+))(?: = [^;]+)?;/gm;

/** The source with these tunables as its initial values; a bool's are true and false. */
export const withDefaults = (source: string, tunables: Readonly<Record<string, number>>): string =>
  source.replace(DECLARATION, (text: string, head: string, name: string) => {
    const value = tunables[name];
    if (value === undefined) return text;
    return `${head} = ${/\bbool\b/.test(head) ? value !== 0 : value};`;
  });

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
