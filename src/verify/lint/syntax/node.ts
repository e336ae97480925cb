/** What the nodes of one tree share. */
export class Tree {
  readonly #byType = new Map<string, Syntax[]>();
  constructor(readonly source: string) {}

  add(node: Syntax): void {
    const same = this.#byType.get(node.type);
    if (same === undefined) this.#byType.set(node.type, [node]);
    else same.push(node);
  }

  /** Every node of a type, in the order of the source. */
  ofType(type: string): readonly Syntax[] {
    return this.#byType.get(type) ?? [];
  }

  /** Those of a type that lie within a node, in the order of the source: what lies outside is not looked at. */
  *within(type: string, node: Syntax): Generator<Syntax> {
    const all = this.ofType(type);
    for (let i = firstFrom(all, node.start); i < all.length; i++) {
      const one = all[i] as Syntax;
      if (one.start > node.end) return;
      if (one.isWithin(node)) yield one;
    }
  }
}

/** The index of the first item, of some in the order of the source, that begins at `start` or behind it. */
export function firstFrom(items: readonly { readonly start: number }[], start: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle] as { start: number }).start < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** From so many children on, a node keeps what it was asked for: a block of ten thousand statements is asked often. */
const MANY = 8;

/** A node of the syntax tree, free of the parser: names and fields are those of tree-sitter-c. */
export class Syntax {
  readonly children: Syntax[] = [];
  #parts: Syntax[] | undefined;
  #fields: Map<string, Syntax> | undefined;
  constructor(
    readonly tree: Tree,
    readonly type: string,
    /** The field of the parent that this node fills, or ''. */
    readonly field: string,
    readonly named: boolean,
    /** Offsets into the source, in UTF-16 units. */
    readonly start: number,
    readonly end: number,
    readonly parent: Syntax | null,
  ) {
    tree.add(this);
  }

  get text(): string {
    return this.tree.source.slice(this.start, this.end);
  }

  /** The named children: no brackets, commas or keywords. */
  get parts(): readonly Syntax[] {
    if (this.children.length < MANY) return this.children.filter(({ named }) => named);
    this.#parts ??= this.children.filter(({ named }) => named);
    return this.#parts;
  }

  child(field: string): Syntax | undefined {
    if (this.children.length < MANY) return this.children.find((child) => child.field === field);
    if (this.#fields === undefined) {
      this.#fields = new Map();
      for (const child of this.children)
        if (!this.#fields.has(child.field)) this.#fields.set(child.field, child);
    }
    return this.#fields.get(field);
  }

  /** This node and all below it, in the order of the source. */
  *walk(): Generator<Syntax> {
    const open: Syntax[] = [this];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      yield node;
      for (let i = node.children.length - 1; i >= 0; i--) open.push(node.children[i] as Syntax);
    }
  }

  /** The nodes of some types among this one and those below it, in the order of the source. */
  all(...types: string[]): Syntax[] {
    const found = types.flatMap((type) => [...this.tree.within(type, this)]);
    return types.length > 1 ? found.sort((a, b) => a.start - b.start || b.end - a.end) : found;
  }

  /** Whether there is such a node among this one and those below it; no further than the first is looked. */
  has(types: readonly string[], isIt: (node: Syntax) => boolean = () => true): boolean {
    return types.some((type) => {
      for (const node of this.tree.within(type, this)) if (isIt(node)) return true;
      return false;
    });
  }

  /** The nodes around this one, nearest first. */
  *above(): Generator<Syntax> {
    for (let node = this.parent; node !== null; node = node.parent) yield node;
  }

  isWithin(other: Syntax): boolean {
    return other.start <= this.start && this.end <= other.end;
  }
}

/** An expression without the brackets and casts around it. */
export function bareExpression(node: Syntax): Syntax {
  let at = node;
  for (;;) {
    const inner =
      at.type === 'parenthesized_expression'
        ? at.parts[0]
        : at.type === 'cast_expression'
          ? at.child('value')
          : undefined;
    if (inner === undefined) return at;
    at = inner;
  }
}

/** The name a declarator declares: pointers, arrays, functions and initial values taken off. */
export function declaredName(node: Syntax | undefined): string | undefined {
  for (let at = node; at !== undefined; ) {
    if (at.type === 'identifier' || at.type === 'type_identifier' || at.type === 'field_identifier')
      return at.text;
    at = at.child('declarator') ?? at.parts.find(({ type }) => /declarator|identifier/.test(type));
  }
  return undefined;
}
