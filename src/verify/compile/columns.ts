/** A word, or else the one character, that stands at a column. */
const AT = /\w+|[^\s]/y;

/** Columns count from 1, as clang has them. */
const wordAt = (text: string, column: number): string | undefined => {
  AT.lastIndex = column - 1;
  return AT.exec(text)?.[0];
};

/** Where a word stands in a line that has it once. */
function onlyPlace(text: string, word: string): number | undefined {
  const found = text.split(/(\w+)/).reduce<{ at: number; places: number[] }>(
    ({ at, places }, part) => ({
      at: at + part.length,
      places: part === word ? [...places, at] : places,
    }),
    { at: 0, places: [] },
  ).places;
  return found.length === 1 ? (found[0] as number) + 1 : undefined;
}

/** The text clang compiled, line by line of the policy: a macro makes a line longer, or several of one. */
export function expandedLines(preprocessed: string, file: string): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>();
  let [line, isOurs] = [0, false];
  for (const text of preprocessed.split('\n')) {
    const [, number, name] = /^# (\d+) "((?:[^"\\]|\\.)*)"/.exec(text) ?? [];
    if (number !== undefined) [line, isOurs] = [Number(number), name === file];
    else {
      if (isOurs) found.set(line, [...(found.get(line) ?? []), text]);
      line++;
    }
  }
  return found;
}

/**
 * The column in the policy's own line of what clang found at a column of the expanded one; undefined where a macro
 * made it, or where it cannot be told.
 */
export function ownColumn(source: string, expanded: readonly string[], column: number): number | undefined {
  for (const text of expanded) {
    if (text.slice(0, column) === source.slice(0, column).replaceAll('\t', ' ')) return column;
    const word = wordAt(text, column);
    if (word !== undefined && /^\w/.test(word)) return onlyPlace(source, word);
  }
  return undefined;
}
