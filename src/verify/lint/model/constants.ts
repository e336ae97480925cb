import type { Syntax } from '../syntax/node.js';
import { KNOWN_CONSTANTS } from './known.js';

const MASK = (1n << 64n) - 1n;
const TOKEN = /\s*(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+|[A-Za-z_]\w*|<<|>>|&&|\|\||[<>=!]=|[-+*/%&|^~!()<>?:])/y;
const TYPES =
  /\(\s*(?:(?:const|unsigned|signed|long|int|short|char|[us](?:8|16|32|64)|__[us](?:8|16|32|64)|size_t|bool|enum\s+\w+)\s*)+\)/g;
const BINDING: Record<string, number> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '==': 6,
  '!=': 6,
  '<': 7,
  '>': 7,
  '<=': 7,
  '>=': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
};

/** Longer expressions are no constants that a person wrote. */
const LONGEST_EXPRESSION = 2000;
/** Names that stand for names, one in the other. */
const DEEPEST_NAME = 500;

/** Constants of a source by their name: its #defines without arguments, its enumerators, and those of sched_ext. */
export class Constants {
  readonly #texts = new Map<string, string>();
  /** What a name came to; null while it is looked at, and where the source does not say. */
  readonly #values = new Map<string, bigint | null>();

  constructor(root: Syntax) {
    for (const node of root.all('preproc_def', 'enumerator_list')) {
      if (node.type === 'enumerator_list') this.#enumerate(node);
      else {
        const name = node.child('name')?.text;
        const value = node.child('value')?.text;
        if (name !== undefined && value !== undefined) this.#texts.set(name, value.replace(/\\\r?\n/g, ' '));
      }
    }
  }

  #enumerate(list: Syntax): void {
    let [base, behind] = ['0', 0]; // the last that was given a value, and how far behind it
    for (const item of list.parts.filter(({ type }) => type === 'enumerator')) {
      const name = item.child('name')?.text;
      if (name === undefined) continue;
      const value = item.child('value')?.text;
      if (value !== undefined) [base, behind] = [name, 0];
      this.#texts.set(name, value ?? `${base} + ${behind}`);
      behind++;
    }
  }

  /** What a #define of the source stands for, as text. */
  textOf(name: string): string | undefined {
    return this.#texts.get(name);
  }

  /** An expression's value in 64 bits without sign, or null when the source alone does not say. */
  value(expression: string): bigint | null {
    try {
      return this.#evaluate(expression);
    } catch {
      return null;
    }
  }

  /** The same as {@link value}, read as a signed number. */
  signed(expression: string): bigint | null {
    const value = this.value(expression);
    return value === null ? null : BigInt.asIntN(64, value);
  }

  /** A name's value, looked up once however often it occurs; one that rests on itself has none. */
  #named(name: string): bigint {
    const text = this.#texts.get(name);
    if (text === undefined) {
      const known = KNOWN_CONSTANTS.get(name);
      if (known === undefined) throw new Error('unknown name');
      return known;
    }
    const found = this.#values.get(name);
    if (found === null || this.#depth > DEEPEST_NAME) throw new Error('unknown value');
    if (found !== undefined) return found;
    this.#values.set(name, null);
    this.#depth++;
    try {
      const value = this.#evaluate(text);
      this.#values.set(name, value);
      return value;
    } finally {
      this.#depth--;
    }
  }
  #depth = 0;

  #evaluate(expression: string): bigint {
    if (expression.length > LONGEST_EXPRESSION) throw new Error('too long');
    const tokens = tokensOf(expression.replace(TYPES, ' '));
    let at = 0;
    const primary = (): bigint => {
      const token = tokens[at++];
      if (token === undefined) throw new Error('cut off');
      if (token === '(') {
        const inside = binary(0);
        if (tokens[at++] !== ')') throw new Error('unbalanced');
        return inside;
      }
      if (token === '-') return (MASK + 1n - primary()) & MASK;
      if (token === '+') return primary();
      if (token === '~') return ~primary() & MASK;
      if (token === '!') return primary() === 0n ? 1n : 0n;
      if (/^\d/.test(token)) return BigInt(/^0[0-7]+$/.test(token) ? `0o${token.slice(1)}` : token) & MASK;
      return this.#named(token);
    };
    const binary = (least: number): bigint => {
      let left = primary();
      for (;;) {
        const operator = tokens[at] ?? '';
        const binding = BINDING[operator];
        if (binding === undefined || binding <= least) return left;
        at++;
        left = apply(operator, left, binary(binding)) & MASK;
      }
    };
    const value = binary(0);
    if (at !== tokens.length) throw new Error('something is left');
    return value;
  }
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(expression);
    if (match === null) {
      if (expression.slice(from).trim() === '') break;
      throw new Error('no constant');
    }
    const token = match[1] as string;
    tokens.push(token);
    if (/^\d/.test(token)) {
      const suffix = /^[uUlL]*/.exec(expression.slice(TOKEN.lastIndex));
      TOKEN.lastIndex += suffix?.[0].length ?? 0;
    }
  }
  return tokens;
}

function apply(operator: string, a: bigint, b: bigint): bigint {
  const flag = (yes: boolean): bigint => (yes ? 1n : 0n);
  switch (operator) {
    case '||':
      return flag(a !== 0n || b !== 0n);
    case '&&':
      return flag(a !== 0n && b !== 0n);
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '&':
      return a & b;
    case '==':
      return flag(a === b);
    case '!=':
      return flag(a !== b);
    case '<':
      return flag(a < b);
    case '>':
      return flag(a > b);
    case '<=':
      return flag(a <= b);
    case '>=':
      return flag(a >= b);
    case '<<':
      return a << (b & 63n);
    case '>>':
      return a >> (b & 63n);
    case '+':
      return a + b;
    case '-':
      return MASK + 1n + a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return a % b;
  }
}
