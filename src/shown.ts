/** Longest text of a stranger that is handed on, in characters after escaping. */
export const SHOWN_LIMIT = 1000;

/** Our own sentences use these beyond ASCII; none of them can start or end anything. */
const OWN = new Set('µ–—…×·−’“”≤≥§');

/** Printable ASCII without what opens markup, quotes code or ends a tag in the places text is pasted into. */
const isPlain = (char: string): boolean =>
  (char >= ' ' && char <= '~' && !'<>&`'.includes(char)) || OWN.has(char);

/** Text that stays as it is: nearly all, and one look at it costs far less than one at each character. */
const PLAIN = new RegExp(`^[ -%'-;=?-_a-~${[...OWN].join('')}]*$`);

/** `\xNN` for a byte's worth, `\u{N}` above. */
function escaped(char: string): string {
  const code = char.codePointAt(0) as number;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/**
 * Text that a stranger may have chosen (names of tasks and cgroups, output of loads, reasons of other callers), made
 * harmless for terminals, logs, markup and prompts: one line of plain characters, at most `limit` of them. What was
 * shown once stays as it is when it is shown again.
 */
export function shown(text: string, limit: number = SHOWN_LIMIT): string {
  if (text.length <= limit && PLAIN.test(text)) return text;
  let out = '';
  for (const char of text) {
    const next = isPlain(char) ? char : escaped(char);
    if (out.length + next.length > limit) return `${out.slice(0, limit - 1)}…`;
    out += next;
  }
  return out;
}

/** Plain data with every string in it, names of fields included, as `shown` gives it. */
export function shownDeep<T>(value: T, limit: number = SHOWN_LIMIT): T {
  if (typeof value === 'string') return shown(value, limit) as T;
  if (Array.isArray(value)) return value.map((item) => shownDeep(item, limit)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [shown(name, limit), shownDeep(item, limit)]),
  ) as T;
}
