/** JSON up to this many bytes is text and structured content alike; more is carried once. */
const SMALL = 600;
/** Longest rendering of what is carried as structured content. */
const LONGEST = 2400;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: unknown): value is readonly Fields[] =>
  Array.isArray(value) && value.length > 0 && value.every(isFields);

const word = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Everything but the lists, and the lists, those of a field that is an object among them. */
function parts(fields: Fields): { words: string[]; lists: [string, readonly Fields[]][] } {
  const words: string[] = [];
  const lists: [string, readonly Fields[]][] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (isList(value)) lists.push([name, value]);
    else if (isFields(value) && Object.values(value).some(isList)) {
      const inner = parts(value);
      words.push(...inner.words);
      lists.push(...inner.lists);
    } else words.push(`${name} ${word(value)}`);
  }
  return { words, lists };
}

/** What fits in a cell: words, numbers, and small objects such as a place in a source. */
const isCell = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || JSON.stringify(value).length <= 80;

/** A list as a table, one row a line. */
function table(name: string, rows: readonly Fields[]): string[] {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((column) =>
    rows.every(({ [column]: value }) => isCell(value)),
  );
  const line = (row: Fields): string => columns.map((column) => word(row[column] ?? '–')).join(' | ');
  return [`${name}: ${columns.join(' | ')}`, ...rows.map(line)];
}

/**
 * The text that goes with structured content: the JSON itself while it is small (for clients that read text alone), else
 * a short rendering, so that no answer is carried twice. Strings are shown as they are: they were escaped before.
 */
export function briefly(output: Fields, json: string): string {
  if (Buffer.byteLength(json) <= SMALL) return json;
  const { words, lists } = parts(output);
  const lines = [words.join('; '), ...lists.flatMap(([name, rows]) => table(name, rows))].filter(Boolean);
  const text = lines.join('\n');
  if (text.length <= LONGEST) return text;
  const cut = text.slice(0, LONGEST - 80);
  return `${cut.slice(0, Math.max(cut.lastIndexOf('\n'), LONGEST / 2))}\n… the rest is in structuredContent`;
}
