import { createRequire } from 'node:module';
import { Language, type Node, Parser } from 'web-tree-sitter';
import { Syntax, Tree } from './node.js';

/** Trees deeper than this are not looked at: clang itself ends at 256 nested brackets. */
export const DEEPEST = 1500;

export interface Parsed {
  readonly root: Syntax;
  /** Offset at which the tree is deeper than {@link DEEPEST}, or null; what is below is not in it. */
  readonly tooDeepAt: number | null;
}

let parser: Promise<Parser> | undefined;

/**
 * The C grammar as WebAssembly, the form in which npm's tree-sitter-c ships it. The native binding would have to be
 * compiled at set-up, and the versions of the two packages that have it exclude each other (peer ^0.22.4).
 */
async function makeParser(): Promise<Parser> {
  const { resolve } = createRequire(import.meta.url);
  await Parser.init({ locateFile: () => resolve('web-tree-sitter/web-tree-sitter.wasm') });
  const made = new Parser();
  made.setLanguage(await Language.load(resolve('tree-sitter-c/tree-sitter-c.wasm')));
  return made;
}

/** Parses C. The parser's tree lives in WebAssembly and must be freed by hand; what is returned does not. */
export async function parseC(text: string): Promise<Parsed> {
  parser ??= makeParser();
  const tree = (await parser).parse(text);
  if (tree === null) throw new Error('tree-sitter gave no tree');
  try {
    return copy(text, tree.walk());
  } finally {
    tree.delete();
  }
}

/** What is used of a tree-sitter cursor: no node object is made, which is what costs. */
interface Cursor {
  readonly nodeType: string;
  readonly nodeIsNamed: boolean;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly currentFieldName: string | null;
  readonly currentNode: Node;
  gotoFirstChild(): boolean;
  gotoNextSibling(): boolean;
  gotoParent(): boolean;
  delete(): void;
}

function copy(text: string, cursor: Cursor): Parsed {
  const source = new Tree(text);
  const here = (parent: Syntax | null): Syntax => {
    const field = cursor.currentFieldName ?? '';
    // A node that the parser made up to go on is empty; it is no part of the source.
    return new Syntax(
      source,
      cursor.nodeType,
      field,
      cursor.nodeIsNamed,
      cursor.startIndex,
      cursor.endIndex,
      parent,
    );
  };
  const root = here(null);
  let tooDeepAt: number | null = null;
  let at = root;
  let depth = 0;
  for (let down = true; ; ) {
    if (down && depth < DEEPEST && cursor.gotoFirstChild()) {
      depth++;
    } else {
      if (down && depth >= DEEPEST) tooDeepAt ??= at.start;
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent()) {
          cursor.delete();
          return { root, tooDeepAt };
        }
        depth--;
        at = at.parent ?? root;
      }
      at = at.parent ?? root;
    }
    const child = here(at);
    at.children.push(child);
    at = child;
    down = true;
  }
}
