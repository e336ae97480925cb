import type { Fn, Policy } from '../../../verify/lint/model/policy.js';
import { bareExpression, type Syntax } from '../../../verify/lint/syntax/node.js';
import type { Places } from './writes.js';

/** Where a kind of value comes from. */
export interface Source {
  /** Functions that return it. */
  readonly calls: RegExp;
  /** Fields that hold it. */
  readonly fields: RegExp;
  /** Arguments of callbacks that are it, by their place. */
  readonly given: Readonly<Record<string, number>>;
  /** Whether the difference of two of them is none any more: of times it is a duration. */
  readonly differs: boolean;
}

const READS = /^(?:BPF_(?:CORE|PROBE)_READ|bpf_(?:core|probe)_read)/;
/** What gives back much what it was given. */
const PASSES = /^(?:times_weight|per_weight|vtime_clamp|likely|unlikely|__builtin_expect)$/;
const ARITHMETIC = /^(?:[-+*/%&|^]|<<|>>)$/;

/** Follows one kind of value through a policy: variables, fields, arguments and results of functions, macros. */
export class Flow {
  private readonly known = new Set<string>();

  /** @param fixed places whose value stands for a number, as one that is set once does */
  constructor(
    private readonly policy: Policy,
    private readonly places: Places,
    private readonly source: Source,
    private readonly fixed: ReadonlySet<string> = new Set(),
  ) {
    for (const [op, place] of Object.entries(source.given)) {
      const fn = policy.op(op);
      const name = fn?.params[place]?.name;
      if (name !== undefined) this.known.add(`${fn?.name}/${name}`);
    }
    for (let before = -1; before < this.known.size; ) {
      before = this.known.size;
      this.spread();
    }
  }

  private spread(): void {
    for (const { key, value, how, fn, at } of this.places.writes) {
      const reads = how.startsWith('& ') && READS.test(how.slice(2)) && this.isRead(at);
      if (reads || (fn !== null && value !== null && this.holds(value, fn))) this.known.add(key);
    }
    for (const fn of this.policy.functions.values()) {
      for (const { name, args } of fn.calls) {
        const callee = this.policy.functions.get(name);
        if (callee === undefined) continue;
        for (const [i, arg] of args.entries())
          if (this.holds(arg, fn)) this.known.add(`${name}/${callee.params[i]?.name}`);
      }
      for (const node of fn.body.all('return_statement'))
        if (this.holds(node.parts[0], fn)) this.known.add(`${fn.name}()`);
    }
  }

  /** Whether an expression has the value, or a number made of it. */
  holds(node: Syntax | undefined, fn: Fn): boolean {
    if (node === undefined) return false;
    const at = bareExpression(node);
    const of = (...fields: string[]): boolean => fields.some((field) => this.holds(at.child(field), fn));
    switch (at.type) {
      case 'identifier':
        return this.isKnown(at, fn) || this.mentions(this.policy.constants.textOf(at.text));
      case 'field_expression':
        return (
          !this.fixed.has(this.places.keyOf(at, fn) ?? '') &&
          (this.source.fields.test(at.child('field')?.text ?? '') || this.isKnown(at, fn))
        );
      case 'subscript_expression':
      case 'pointer_expression':
        return this.isKnown(at, fn);
      case 'call_expression':
        return this.callHolds(at, fn);
      case 'unary_expression':
        return at.child('operator')?.text !== '!' && of('argument');
      case 'update_expression':
        return of('argument');
      case 'assignment_expression':
      case 'comma_expression':
        return of('right');
      case 'conditional_expression':
        return of(at.child('consequence') ? 'consequence' : 'condition', 'alternative');
      case 'binary_expression':
        return this.sumHolds(at, fn);
      default:
        return false;
    }
  }

  /** Whether an expression is a number that stands in the source, a tunable, or a place that is set once. */
  isFixed(node: Syntax | undefined, fn: Fn): boolean {
    if (node === undefined) return false;
    const at = bareExpression(node);
    const value = this.policy.constants.signed(at.text);
    if (value !== null) return value >= 0n;
    if (at.type === 'true' || at.type === 'false') return true;
    if (at.type === 'binary_expression')
      return this.isFixed(at.child('left'), fn) && this.isFixed(at.child('right'), fn);
    const key = this.places.keyOf(at, fn);
    if (key === undefined) return false;
    return this.policy.tunables.has(at.text) || this.fixed.has(key) || this.isConstant(key, fn);
  }

  /** A variable that was given one such number and no other value. */
  private isConstant(key: string, fn: Fn): boolean {
    if (key.startsWith('.') || this.isParameter(key, fn)) return false;
    const writes = this.places.writes.filter((one) => one.key === key);
    const [first] = writes;
    if (writes.length !== 1 || first?.how !== '=' || first.value === null) return false;
    return first.at.type === 'init_declarator' && this.isFixed(first.value, first.fn ?? fn);
  }

  private isParameter = (key: string, fn: Fn): boolean =>
    fn.params.some(({ name }) => key === `${fn.name}/${name}`);

  private isKnown(node: Syntax, fn: Fn): boolean {
    const key = this.places.keyOf(node, fn);
    return key !== undefined && this.known.has(key) && !this.fixed.has(key);
  }

  private sumHolds(at: Syntax, fn: Fn): boolean {
    const operator = at.child('operator')?.text ?? '';
    if (!ARITHMETIC.test(operator)) return false;
    const [left, right] = [at.child('left'), at.child('right')];
    const [one, other] = [this.holds(left, fn), this.holds(right, fn)];
    if (operator !== '-' || !this.source.differs) return one || other;
    return (one && this.isFixed(right, fn)) || (other && this.isFixed(left, fn));
  }

  private callHolds(at: Syntax, fn: Fn): boolean {
    const given = at.child('function')?.text ?? '';
    const args = at.child('arguments')?.parts ?? [];
    const call = fn.calls.find(({ node }) => node === at);
    const name = call?.name ?? given;
    if (this.policy.functions.has(name)) return this.known.has(`${name}()`);
    if (READS.test(name)) return this.isRead(at);
    if (this.source.calls.test(name)) return true;
    const macro = this.policy.macros.get(given);
    const passes = PASSES.test(name) || macro !== undefined;
    return (passes && args.some((arg) => this.holds(arg, fn))) || this.mentions(macro);
  }

  /** Whether a read through a macro or helper names a field of the source. */
  private isRead = (call: Syntax): boolean =>
    (call.child('arguments')?.text.match(/\w+/g) ?? []).some((word) => this.source.fields.test(word));

  /** Whether what a macro is made of names the source. */
  private mentions = (text: string | undefined): boolean =>
    (text?.match(/\w+/g) ?? []).some((word) => this.source.calls.test(word) || this.source.fields.test(word));
}
