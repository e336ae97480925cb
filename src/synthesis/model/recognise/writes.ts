import type { Fn, Policy } from '../../../verify/lint/model/policy.js';
import { bareExpression, declaredName, type Syntax } from '../../../verify/lint/syntax/node.js';

/** What is written to a place, and where; no value: something that is not seen, such as through a pointer to it. */
export interface Write {
  readonly key: string;
  readonly value: Syntax | null;
  /** How: `=`, `++`, `+=`, `&` of a call that was given its address. */
  readonly how: string;
  readonly at: Syntax;
  /** Null for the first value of a global. */
  readonly fn: Fn | null;
}

const DOTTED = /^(\w+)(?:\.\w+)+$/;

/** Names of a function's own variables that outlive its calls. */
const statics = (fn: Fn): string[] =>
  fn.body
    .all('declaration')
    .filter(({ text }) => /^static\b/.test(text))
    .flatMap((node) =>
      node.children
        .filter(({ field }) => field === 'declarator')
        .flatMap((one) => {
          const name = declaredName(one);
          return name === undefined ? [] : [`${fn.name}/${name}`];
        }),
    );

/** The places of a policy that hold values, by keys: `/global`, `fn/local`, `.field`, `fn/*pointer`, `fn/array[]`. */
export class Places {
  readonly writes: readonly Write[];
  private readonly lasting: ReadonlySet<string>;

  constructor(private readonly policy: Policy) {
    this.lasting = new Set([...policy.functions.values()].flatMap(statics));
    this.writes = [...policy.functions.values()].flatMap((fn) => this.writesIn(fn)).concat(this.outer());
  }

  /** Whether what is kept there outlives a call and is one thing for the whole policy. */
  isGlobal(key: string): boolean {
    return key.startsWith('/') || this.lasting.has(key);
  }

  /** The key of what an expression names; undefined for one that names nothing. */
  keyOf(node: Syntax | undefined, fn: Fn | null): string | undefined {
    if (node === undefined) return undefined;
    const at = bareExpression(node);
    if (at.type === 'identifier') return this.scoped(at.text, fn);
    if (at.type === 'field_expression') {
      const base = DOTTED.exec(at.text)?.[1];
      if (base !== undefined && this.policy.globals.has(base)) return `/${at.text}`;
      return `.${at.child('field')?.text}`;
    }
    const of = this.keyOf(at.child('argument'), fn);
    if (of === undefined) return undefined;
    if (at.type === 'subscript_expression') return `${of}[]`;
    return at.type === 'pointer_expression' && at.child('operator')?.text === '*' ? `${of}*` : undefined;
  }

  private scoped(name: string, fn: Fn | null): string {
    const isLocal =
      fn !== null &&
      (fn.params.some((one) => one.name === name) ||
        fn.body.all('declaration').some((node) => node.children.some((one) => declares(one, name))));
    return isLocal || !this.policy.globals.has(name) ? `${fn?.name ?? ''}/${name}` : `/${name}`;
  }

  private writesIn(fn: Fn): Write[] {
    const found: Write[] = [];
    const add = (node: Syntax | undefined, value: Syntax | null, how: string, at: Syntax) => {
      const key = this.keyOf(node, fn);
      if (key !== undefined) found.push({ key, value, how, at, fn });
    };
    for (const node of fn.body.all('init_declarator')) {
      const key = `${fn.name}/${declaredName(node.child('declarator'))}`;
      found.push({ key, value: node.child('value') ?? null, how: '=', at: node, fn });
    }
    for (const node of fn.body.all('assignment_expression'))
      add(node.child('left'), node.child('right') ?? null, node.child('operator')?.text ?? '=', node);
    for (const node of fn.body.all('update_expression')) add(node.child('argument'), null, '++', node);
    for (const node of fn.body.all('initializer_pair')) {
      const name = /^\.(\w+)$/.exec(node.child('designator')?.text ?? '')?.[1];
      if (name) found.push({ key: `.${name}`, value: node.child('value') ?? null, how: '=', at: node, fn });
    }
    for (const { args, name, node } of fn.calls)
      for (const arg of args.filter((one) => one.text.startsWith('&')))
        add(arg.child('argument'), atomicValue(name, args), `& ${name}`, node);
    return found;
  }

  private outer(): Write[] {
    return this.policy.root.all('init_declarator').flatMap((node) => {
      const name = declaredName(node.child('declarator'));
      const inside = [...node.above()].some(({ type }) => type === 'compound_statement');
      if (inside || name === undefined) return [];
      return [{ key: `/${name}`, value: node.child('value') ?? null, how: '=', at: node, fn: null }];
    });
  }
}

const declares = (node: Syntax, name: string): boolean =>
  node.field === 'declarator' && declaredName(node) === name;

/** What an atomic operation stores. */
const atomicValue = (name: string, args: readonly Syntax[]): Syntax | null =>
  /^__(?:sync|atomic)_/.test(name) ? (args.at(/^__sync/.test(name) ? -1 : 1) ?? null) : null;
