import type { Rule } from './rule.js';

/** Longer sources are not looked at: a policy is read by people too. */
export const LONGEST = 256 * 1024;

/** Longer names the kernel has not (KSYM_NAME_LEN is 512), and no number. */
export const LONGEST_NAME = 511;

/** `shown`: the bad example as a page can show it, where the page cannot hold the example itself. */
type TextRule = Omit<Rule, 'check'> & { readonly shown?: string };

const SOUND = 'SCX_OPS_DEFINE(x_ops, .name = "x");';

/** What is said of a text before anything in it can be understood. */
export const TEXT_RULES = {
  empty: {
    id: 'lint/empty',
    severity: 'error',
    doc: 'The source holds nothing, or comments alone.',
    bad: '/* to be written */',
    good: SOUND,
  },
  notText: {
    id: 'lint/not-text',
    severity: 'error',
    doc: 'The source holds NUL bytes: it is a binary file, perhaps an object file instead of its source. Bytes that are no UTF-8 are a warning.',
    bad: '\x7fELF\x02\x01\x01\0\0',
    shown: '\\x7fELF\\x02\\x01\\x01\\0\\0…',
    good: SOUND,
  },
  tooLarge: {
    id: 'lint/too-large',
    severity: 'error',
    doc: `The source is longer than ${LONGEST / 1024} KiB, or a name in it than ${LONGEST_NAME} characters, which is far more than any policy needs.`,
    bad: `${SOUND}\n/* ${'x'.repeat(LONGEST)} */`,
    shown: `${SOUND}\n/* xxxx… 262,144 times …xxxx */`,
    good: SOUND,
  },
  tooDeep: {
    id: 'lint/too-deep',
    severity: 'error',
    doc: 'Brackets are nested deeper than a compiler follows (clang ends at 256).',
    bad: `static u64 x(u64 n)\n{\n\treturn ${'('.repeat(300)}n${')'.repeat(300)};\n}`,
    shown: 'static u64 x(u64 n)\n{\n\treturn ((((… 300 times …n…))));\n}',
    good: 'static u64 x(u64 n)\n{\n\treturn (n);\n}',
  },
  limit: {
    id: 'lint/limit',
    severity: 'error',
    doc: 'Looking at the source takes more than 10 s of CPU time, or more memory than there is for it. No policy that a person wrote does; it may be valid C all the same, and is refused without more being said of it.',
    bad: '',
    shown: '/* whatever it may be */',
    good: SOUND,
  },
  unbalanced: {
    id: 'lint/unbalanced',
    severity: 'error',
    doc: 'A bracket is opened and never closed, or closed and never opened. Where #if hides parts of the source this is a warning.',
    bad: 'static u64 x(u64 n)\n{\n\treturn (n;\n}',
    good: 'static u64 x(u64 n)\n{\n\treturn (n);\n}',
  },
} satisfies Record<string, TextRule>;

const PAIR: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

/** The first bracket that has no partner, or undefined. `bare` has no comments and no strings' contents. */
export function unpairedBracket(bare: string): number | undefined {
  const open: number[] = [];
  for (let at = 0; at < bare.length; at++) {
    const c = bare[at] as string;
    if (c === '(' || c === '[' || c === '{') open.push(at);
    else if (c in PAIR) {
      const partner = open.pop();
      if (partner === undefined || bare[partner] !== PAIR[c]) return at;
    }
  }
  return open.at(-1);
}

/** How deep brackets are nested at most, and where that is. */
export function deepestBracket(bare: string): { depth: number; at: number } {
  let depth = 0;
  let deepest = { depth: 0, at: 0 };
  for (let at = 0; at < bare.length; at++) {
    if ('([{'.includes(bare[at] as string)) {
      if (++depth > deepest.depth) deepest = { depth, at };
    } else if (')]}'.includes(bare[at] as string)) depth--;
  }
  return deepest;
}
