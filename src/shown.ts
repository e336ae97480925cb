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

/** Data of ours is nowhere so deep; what a stranger nests deeper is cut off there. */
const DEEPEST = 32;

/** Plain data with every string in it, names of fields included, as `shown` gives it; cut off below 32 levels. */
export const shownDeep = <T>(value: T, limit: number = SHOWN_LIMIT): T => deep(value, limit, DEEPEST) as T;

function deep(value: unknown, limit: number, levels: number): unknown {
  if (typeof value === 'string') return shown(value, limit);
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return '…';
  if (Array.isArray(value)) return value.map((item) => deep(item, limit, levels - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [shown(name, limit), deep(item, limit, levels - 1)]),
  );
}

/**
 * What moves a cursor, hides, reorders or breaks text: controls (C0, DEL, C1), format characters (bidi marks, overrides
 * and isolates, zero-width, tags), line and paragraph separators, lone surrogates, private use, fillers and variation
 * selectors, noncharacters.
 */
const UNSAFE = String.raw`\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}`;
const UNPRINTABLE = new RegExp(`(?![\n\t])[${UNSAFE}]`, 'gu');
const UNPRINTABLE_IN_LINE = new RegExp(`[${UNSAFE}]`, 'gu');

/** `\uXXXX` for each UTF-16 unit: inside JSON text it stands for the very same character. */
const unit = (char: string): string =>
  Array.from(
    { length: char.length },
    (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');

/** Text for a terminal or a log: letters of all scripts stay, newlines and tabs too, all that is unsafe is escaped. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, unit);

/** The same for a field within a line of ours: no newline, no tab, at most `limit` characters. */
export function oneLine(text: string, limit: number = SHOWN_LIMIT): string {
  const line = text.slice(0, limit + 1).replace(UNPRINTABLE_IN_LINE, unit);
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

type Write = NodeJS.WriteStream['write'];
const unguarded = new WeakMap<NodeJS.WriteStream, Write>();

/**
 * From here on everything written to this stream passes `printable`, so no command can forget it. JSON keeps its
 * meaning. What draws on a terminal with sequences of its own writes `unguardedWrite`, its fields escaped before.
 */
export function guardStream(stream: NodeJS.WriteStream): void {
  if (unguarded.has(stream)) return;
  const write = stream.write.bind(stream) as (chunk: string, ...rest: unknown[]) => boolean;
  unguarded.set(stream, write as Write);
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) =>
    write(
      printable(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')),
      ...rest,
    )) as Write;
}

/** Writes text or bytes as they are, also to a guarded stream. */
export const unguardedWrite = (stream: NodeJS.WriteStream, chunk: string | Uint8Array): boolean =>
  unguarded.get(stream)?.(chunk) ?? stream.write(chunk);
