import { bareCode, behindBracket, blank, inDirectives, splitArguments, withoutComments } from './blank.js';

/** A macro that C's grammar does not know, taken out of the source: where it stood and what it was given. */
export interface Macro {
  readonly name: string;
  readonly args: readonly string[];
  readonly start: number;
  readonly end: number;
}

export interface Rewritten {
  /** C that the grammar takes, every character at its old offset. */
  readonly text: string;
  /** The same with the contents of strings blanked. */
  readonly bare: string;
  readonly sections: readonly Macro[];
  readonly mapFields: readonly Macro[];
  /** Declarations made by macros of policy.bpf.h. */
  readonly declarations: readonly Macro[];
  /** Offsets of `while` loops that stand for bpf_for, bpf_for_each and bpf_repeat. */
  readonly bpfLoops: ReadonlySet<number>;
  /** Offsets of the ops tables that were written as a macro. */
  readonly opsTables: ReadonlySet<number>;
}

const SECTION = /\bSEC\s*\(/g;
const MAP_FIELD = /\b__(?:uint|type|array|ulong)\s*\(/g;
/** Macros of policy.bpf.h that stand where a declaration does, without a semicolon. */
const DECLARATION = /\b(?:POLICY_(?:EXIT|HOTPLUG_IGNORED|TASK_CONTEXT|CPU_CONTEXT)|UEI_DEFINE)\s*\(/g;
const LOOP = /\b(?:bpf_for_each|bpf_for|bpf_repeat|policy_for_each_queued)\s*(?=\()/g;
const OPS_TABLE = /\b\w*OPS_DEFINE\s*\(\s*(\w+)\s*,/g;
// Attributes that may stand before or after any declarator.
const WORDS =
  /\b(?:POLICY_RUN_TIME|__always_inline|__noinline|__weak|__hidden|__ksym|__kconfig|__kptr|__kptr_untrusted|__percpu_kptr|__rcu|__arena|__arena_global|__arg_ctx|__arg_arena|__arg_trusted|__arg_nonnull|__arg_nullable|__uptr|__maybe_unused|__unused|__packed|__aligned)\b|\b(?:private|hidden|__contains|__aligned|__attribute__|__alignas|_Static_assert|__percpu_private)\s*(?=\()/g;

/** Replaces characters of a text in place. */
class Slate {
  readonly #parts: string[] = [];
  #at = 0;
  constructor(readonly text: string) {}
  write(start: number, end: number, by: string): void {
    if (start < this.#at) return;
    this.#parts.push(this.text.slice(this.#at, start), by);
    this.#at = end;
  }
  done(): string {
    return this.#parts.join('') + this.text.slice(this.#at);
  }
}

/** Applies one kind of macro: `by` says what stands in its place, of the same length. */
function replaceAll(
  text: string,
  pattern: RegExp,
  by: (macro: Macro) => string,
): { text: string; macros: Macro[] } {
  const bare = bareCode(text);
  const slate = new Slate(text);
  const inDefine = inDirectives(bare);
  const macros: Macro[] = [];
  let last = 0;
  for (const match of bare.matchAll(pattern)) {
    const start = match.index;
    if (start < last || inDefine(start)) continue;
    const open = bare.indexOf('(', start);
    const bracketed = match[0].endsWith('(') || bare.slice(start + match[0].length).startsWith('(');
    const closed = bracketed ? behindBracket(bare, open) : start + match[0].length;
    const inside = bracketed ? text.slice(open + 1, closed - 1) : '';
    // A map field's semicolon would be left alone in its structure.
    const end =
      closed + (pattern === MAP_FIELD ? (/^\s*;/.exec(bare.slice(closed, closed + 80))?.[0].length ?? 0) : 0);
    const name = (/^\w+/.exec(match[0]) as RegExpExecArray)[0];
    const macro = { name, args: splitArguments(inside), start, end };
    macros.push(macro);
    slate.write(start, end, by(macro));
    last = end;
  }
  return { text: slate.done(), macros };
}

/**
 * Makes C for the grammar out of BPF C. `SEC()`, map fields and attributes are blanked and remembered, loops of
 * libbpf become `while (…)`, an ops table written as a macro becomes an initialiser.
 */
export function rewrite(source: string): Rewritten {
  const plain = withoutComments(source);
  const sections = replaceAll(plain, SECTION, ({ start, end }) => blank(plain.slice(start, end)));
  const fields = replaceAll(sections.text, MAP_FIELD, ({ start, end }) => blank(plain.slice(start, end)));
  const declared = replaceAll(fields.text, DECLARATION, ({ start, end }) => blank(plain.slice(start, end)));
  const words = replaceAll(declared.text, WORDS, ({ start, end }) => blank(plain.slice(start, end)));
  const bpfLoops = new Set<number>();
  const opsTables = new Set<number>();
  const bare = bareCode(words.text);
  const slate = new Slate(words.text);
  const inDefine = inDirectives(bare);
  const edits = [
    ...[...bare.matchAll(LOOP)].map((match) => ({ match, loop: true })),
    ...[...bare.matchAll(OPS_TABLE)].map((match) => ({ match, loop: false })),
  ].sort((a, b) => a.match.index - b.match.index);
  let last = 0; // behind the table before: none lies in another
  for (const { match, loop } of edits) {
    const start = match.index;
    if (inDefine(start)) continue;
    if (loop) {
      bpfLoops.add(start);
      slate.write(start, start + match[0].length, 'while'.padEnd(match[0].length));
      continue;
    }
    if (start < last) continue;
    const open = start + match[0].length;
    const name = match[1] as string;
    const head = `struct ops ${name}`;
    const close = behindBracket(bare, bare.indexOf('(', start));
    last = close;
    if (bare[close - 1] !== ')') break; // the rest of the file is inside it
    if (head.length + 2 > match[0].length) continue;
    opsTables.add(start);
    slate.write(start, open, `${head.padEnd(match[0].length - 2)}={`);
    slate.write(close - 1, close, '}');
  }
  const text = slate.done();
  return {
    text,
    bare: bareCode(text),
    sections: sections.macros,
    mapFields: fields.macros,
    declarations: declared.macros,
    bpfLoops,
    opsTables,
  };
}
