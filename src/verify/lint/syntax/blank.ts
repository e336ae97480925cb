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
