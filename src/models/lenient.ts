/** A value that was read, and the place after it. */
export interface LenientRead {
  readonly value: unknown;
  readonly end: number;
  /** The text ended before the value did; of an object, a last entry that is words only is left out then. */
  readonly cut: boolean;
}

/** Why a text is no value, and where. */
export class Unreadable extends Error {
  constructor(
    readonly at: number,
    what: string,
  ) {
    super(what);
  }
}

/** What is said of a text that ends too early. */
export const CUT = 'the reply is cut off: its JSON object does not end';

/** The text ends inside a value; `isWords`: inside a string. */
class Cut extends Unreadable {
  constructor(
    at: number,
    readonly isWords: boolean,
  ) {
    super(at, CUT);
  }
}

const MOST_DEPTH = 64;
/** A closing quote by its opening one; plain apostrophes and quotes inside a text are told from it by what follows. */
const QUOTES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '`': '`',
  '“': '“”',
  '”': '“”',
  '„': '“”',
  '‘': '‘’',
  '’': '‘’',
};
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '0': '\0' };
const LITERALS: Readonly<Record<string, unknown>> = {
  ...{ true: true, True: true, false: false, False: false, null: null, None: null, undefined: null },
  ...{ NaN: Number.NaN, nan: Number.NaN, Infinity: Number.POSITIVE_INFINITY },
  '-Infinity': Number.NEGATIVE_INFINITY,
};
const NUMBER = /^[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const BARE = /^[\p{L}\p{N}_$.+% -]{1,80}$/u;
const KEY = /[\p{L}\p{N}_$-]/u;

/**
 * Reads one JSON value as people and models write it: JSON5 (comments, trailing commas, single quotes, bare keys, hex),
 * Python's True and None, typographic quotes, line breaks in strings, bare words as strings, a comma left out at a line's
 * end. What is valid JSON means what it means there.
 * @param steps characters it may still look at, shared by several reads of one text
 * @throws Unreadable
 */
export function readLenient(text: string, start: number, steps: { left: number }): LenientRead {
  let at = start;
  let cut = false;

  const step = (): void => {
    if (--steps.left < 0) throw new Unreadable(at, 'too long to be read');
  };
  const fail = (what: string): never => {
    throw new Unreadable(at, what);
  };

  function blanks(): void {
    for (; at < text.length; step()) {
      const next =
        text.startsWith('//', at) || text[at] === '#' ? '\n' : text.startsWith('/*', at) ? '*/' : '';
      if (next !== '') {
        const end = text.indexOf(next, at + (next === '*/' ? 2 : 1));
        steps.left -= (end < 0 ? text.length : end) - at;
        at = end < 0 ? text.length : end + next.length;
      } else if (/[\s\uFEFF\u200B]/.test(text[at] as string)) at++;
      else return;
    }
  }

  function value(depth: number): unknown {
    if (depth > MOST_DEPTH) return fail('nested too deep');
    blanks();
    const first = text[at];
    if (first === undefined) throw new Cut(at, false);
    if (first === '{') return object(depth);
    if (first === '[') return array(depth);
    return first in QUOTES ? quoted() : bare();
  }

  function object(depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    const whole = () => Object.fromEntries(entries);
    at++;
    try {
      for (;;) {
        blanks();
        if (text[at] === '}') {
          at++;
          return whole();
        }
        if (text[at] === ',' && entries.length > 0) {
          at++;
          continue;
        }
        const key = text[at] !== undefined && (text[at] as string) in QUOTES ? quoted() : bareKey();
        blanks();
        if (text[at] === undefined) throw new Cut(at, true);
        if (text[at] !== ':') fail(`a ":" is missing after ${JSON.stringify(key.slice(0, 40))}`);
        at++;
        entries.push([key, value(depth + 1)]);
        separator('}');
      }
    } catch (error) {
      // The outermost object is taken up to where only words are missing: numbers and lists may be half.
      if (depth > 0 || !(error instanceof Cut) || !error.isWords) throw error;
      cut = true;
      return whole();
    }
  }

  function array(depth: number): unknown[] {
    const items: unknown[] = [];
    at++;
    for (;;) {
      blanks();
      if (text[at] === ']') {
        at++;
        return items;
      }
      if (text[at] === ',' && items.length > 0) at++;
      else {
        items.push(value(depth + 1));
        separator(']');
      }
    }
  }

  /** After an entry: a comma, the end, or, at a line's end, nothing. */
  function separator(close: '}' | ']'): void {
    const from = at;
    blanks();
    // What stands before the end is whole; what is missing is a bracket, or the next entry.
    if (text[at] === undefined) throw new Cut(at, close === '}');
    if (text[at] === ',' || text[at] === close) return;
    if (!text.slice(from, at).includes('\n')) fail('a comma or the end of the list is missing');
  }

  function quoted(): string {
    const closers = QUOTES[text[at] as string] as string;
    const made: string[] = [];
    let early = -1;
    for (at++; at < text.length; at++) {
      step();
      const character = text[at] as string;
      if (character === '\\') made.push(escaped());
      else if (closers.includes(character) && isEnd(at + 1)) {
        at++;
        return made.join('');
      } else {
        if (early < 0 && closers.includes(character)) early = at;
        made.push(character);
      }
    }
    if (early < 0) throw new Cut(at, true);
    at = early + 1;
    return fail('a ":" or a comma is missing after a quote, or the quote is not escaped');
  }

  /** Whether what follows a quote is what follows a string. */
  function isEnd(from: number): boolean {
    let next = from;
    while (next < text.length && /\s/.test(text[next] as string)) next++;
    steps.left -= next - from;
    if (next >= text.length || ',:}]'.includes(text[next] as string)) return true;
    if (text.startsWith('//', next) || text.startsWith('/*', next) || text[next] === '#') return true;
    // A comma was forgotten at the end of a line.
    return text.slice(from, next).includes('\n') && (text[next] as string) in QUOTES;
  }

  function escaped(): string {
    const character = text[++at];
    if (character === undefined) throw new Cut(at, true);
    const hex = /^(?:u[\da-fA-F]{4}|x[\da-fA-F]{2})/.exec(text.slice(at, at + 5))?.[0];
    if (hex) {
      at += hex.length - 1;
      return String.fromCharCode(Number.parseInt(hex.slice(1), 16));
    }
    if (character === '\n') return '';
    if (character in ESCAPES) return ESCAPES[character] as string;
    return /[A-Za-z]/.test(character) ? `\\${character}` : character;
  }

  function bareKey(): string {
    const from = at;
    while (at < text.length && KEY.test(text[at] as string)) {
      step();
      at++;
    }
    if (at >= text.length) throw new Cut(at, true);
    return at > from ? text.slice(from, at) : fail('the name of a field is missing');
  }

  function bare(): unknown {
    const from = at;
    while (at < text.length && !/[,\]}\n]/.test(text[at] as string) && !isComment(at)) {
      step();
      at++;
    }
    if (at >= text.length) throw new Cut(at, false);
    const word = text.slice(from, at).trim();
    if (Object.hasOwn(LITERALS, word)) return LITERALS[word];
    if (NUMBER.test(word)) return Number(word.replaceAll('_', ''));
    if (/^0[xX][\da-fA-F]+$/.test(word)) return Number(word);
    if (BARE.test(word)) return word;
    at = from;
    return fail('a value is missing or has no quotes');
  }

  const isComment = (place: number): boolean =>
    text[place] === '#' || text.startsWith('//', place) || text.startsWith('/*', place);

  const read = value(0);
  return { value: read, end: at, cut };
}
