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
}

/** A node of the syntax tree, free of the parser: names and fields are those of tree-sitter-c. */
export class Syntax {
  readonly children: Syntax[] = [];
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
  get parts(): Syntax[] {
    return this.children.filter(({ named }) => named);
  }

  child(field: string): Syntax | undefined {
    return this.children.find((child) => child.field === field);
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
    const found = types.flatMap((type) => this.tree.ofType(type).filter((node) => node.isWithin(this)));
    return types.length > 1 ? found.sort((a, b) => a.start - b.start || b.end - a.end) : found;
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
