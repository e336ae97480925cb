/** Spaces in place of text, with its line ends where they were, so that every offset and line stays. */
export const blank = (text: string): string => text.replace(/[^\r\n]/g, ' ');

// One alternative each: block comment (perhaps never closed), line comment, string, character.
const PIECES =
  /\/\*[\s\S]*?(?:\*\/|$)|\/\/(?:\\\r?\n|[^\n])*|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?/g;

/** The source without its comments, of the same length. */
export const withoutComments = (source: string): string =>
  source.replace(PIECES, (piece) => (piece.startsWith('/') ? blank(piece) : piece));

/** The source without comments and without what stands in quotes: what a pattern may be matched against. */
export const bareCode = (source: string): string =>
  source.replace(PIECES, (piece) => {
    if (piece.startsWith('/')) return blank(piece);
    const quote = piece[0] as string;
    const closed = piece.length > 1 && piece.endsWith(quote);
    return quote + blank(piece.slice(1, closed ? -1 : undefined)) + (closed ? quote : '');
  });

/** A place on a line: both from 1. */
export class Lines {
  readonly #starts: number[] = [0];
  constructor(text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  place(offset: number): { readonly line: number; readonly column: number } {
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (this.#starts[low] as number) + 1 };
  }
}

/** The stretches of preprocessor lines, with the lines that continue them, in a text without comments. */
function directives(bare: string): { readonly start: number; readonly end: number }[] {
  const found: { start: number; end: number }[] = [];
  for (let from = 0; from < bare.length; ) {
    let end = from;
    for (let isOver = false; !isOver; ) {
      const at = bare.indexOf('\n', end);
      isOver = at < 0 || (bare[at - 1] === '\r' ? bare[at - 2] : bare[at - 1]) !== '\\';
      end = at < 0 ? bare.length : at + 1;
    }
    let first = from;
    while (first < end && /\s/.test(bare[first] as string)) first++;
    if (bare[first] === '#') found.push({ start: first, end });
    from = end;
  }
  return found;
}

/** Whether offsets lie on a preprocessor line; they are asked for in the order of the text. */
export function inDirectives(bare: string): (offset: number) => boolean {
  const found = directives(bare);
  let next = 0;
  return (offset) => {
    while (next < found.length && (found[next]?.end as number) <= offset) next++;
    const one = found[next];
    return one !== undefined && one.start < offset;
  };
}

/** The offset just behind the bracket that closes the one at `open`; the text's end when none does. */
export function behindBracket(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    const c = code[at] as string;
    if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c) && --depth <= 0) return at + 1;
  }
  return code.length;
}

/** The parts between commas of the outermost level, trimmed. */
export function splitArguments(text: string): string[] {
  const bare = bareCode(text);
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const c = bare[at] as string;
    if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c)) depth--;
    else if (c === ',' && depth === 0) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  const last = text.slice(from).trim();
  return last === '' && parts.length === 0 ? [] : [...parts, last];
}
