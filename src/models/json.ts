import { z } from 'zod';
import { canonical } from '../canonical.js';
import { CUT, readLenient, Unreadable } from './lenient.js';
import { withoutThoughts } from './thoughts.js';

/** The value in a model's text, checked; or why it is none, in words the model can be told. */
export type Read<T> =
  | { readonly value: T; readonly problem: null }
  | { readonly value: undefined; readonly problem: string };

const MOST_ISSUES = 3;
const MOST_OBJECTS = 200;
/** How deep an answer may be wrapped up. */
const MOST_WRAPPED = 3;
/** What models and servers wrap an answer into, tool calls among it. */
const WRAPPERS = [
  ...['answer', 'final', 'final_answer', 'response', 'reply', 'result', 'output', 'decision', 'json', 'data'],
  ...['arguments', 'parameters', 'input', 'function', 'properties', 'content', 'message', 'text'],
];

interface Found {
  readonly value: unknown;
  readonly cut: boolean;
  /** Why it cannot be read; null when it can. */
  readonly problem: string | null;
}

/**
 * Reads the answer in a model's text and is strict about its meaning, not about its form: what was thought is left out,
 * JSON is read as models write it (`readLenient`) wherever in the text it stands, and an answer may be wrapped up, alone
 * in a list, or have fields more. The last object that means to be an answer is the answer: what stands before it is a
 * draft, and one that does not fit is sent back rather than replaced by the draft.
 */
export function readJson<T>(text: string, schema: z.ZodType<T>): Read<T> {
  const quoted = parsed(text.trim());
  if (typeof quoted === 'string') return readJson(quoted, schema);
  const said = withoutThoughts(text);
  const form = jsonSchemaOf(schema);
  const names = namesIn(form);
  const own = new Set(Object.keys((form.properties as object | undefined) ?? {}));
  let last: string | null = null;
  for (const { value, cut, problem } of objectsIn(text, said.text, names).toReversed()) {
    const fit = problem === null ? fitting(value, schema, names, own) : { problem };
    if (fit.problem === null) return fit;
    const isAnswer = problem !== null || mentions(value, names);
    if (isAnswer || last === null) last = cut ? CUT : fit.problem;
    if (isAnswer) break;
  }
  const none = said.open
    ? 'the reply is a thought without an end, and no answer after it'
    : 'the reply has no JSON object';
  return { value: undefined, problem: last ?? none };
}

/** The objects of a text from the outside in, in their order; those that cannot be read, if they mean to be an answer. */
function objectsIn(whole: string, said: string, names: ReadonlySet<string>): readonly Found[] {
  // Whatever marks are in its strings: a text that is JSON is that.
  const strict = parsed(whole.trim());
  if (typeof strict === 'object') return [{ value: strict, cut: false, problem: null }];
  const found: Found[] = [];
  const steps = { left: 8 * said.length + 10_000 };
  const opening = /[{[]/g;
  for (let tries = 0; tries < MOST_OBJECTS; tries++) {
    const start = opening.exec(said)?.index;
    if (start === undefined) break;
    try {
      const { value, end, cut } = readLenient(said, start, steps);
      found.push({ value, cut, problem: null });
      opening.lastIndex = end;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      const field = /^\{\s*["'“]?([\w-]+)["'”]?\s*:/.exec(said.slice(start, start + 200))?.[1];
      const isAnswer = found.length === 0 ? said[start] === '{' : field !== undefined && names.has(field);
      if (isAnswer) found.push({ value: null, cut: false, problem: complaint(said, error) });
    }
  }
  return found;
}

function complaint(text: string, { message, at }: Unreadable): string {
  if (message === CUT) return message;
  const before = text.slice(0, at);
  const near = JSON.stringify(text.slice(Math.max(0, at - 12), at + 12));
  return `the reply is not valid JSON: ${message}, in line ${before.split('\n').length} near ${near}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value as the schema takes it, unwrapped if it must be; else what is wrong with it as it stands. */
function fitting<T>(
  value: unknown,
  schema: z.ZodType<T>,
  names: ReadonlySet<string>,
  own: ReadonlySet<string>,
): Read<T> {
  const direct = checked(value, schema);
  if (direct.problem === null) return direct;
  let problem = direct.problem;
  let isTheirs = mentions(value, names, 0);
  const fits: T[] = [];
  // What has a field of the answer's own is the answer, and not its wrapping.
  if (isFields(value) && Object.keys(value).some((name) => own.has(name))) return direct;
  for (const inner of unwrapped(value, MOST_WRAPPED)) {
    const fit = checked(inner, schema);
    if (fit.problem === null) fits.push(fit.value);
    else if (!isTheirs && mentions(inner, names, 0)) {
      problem = fit.problem;
      isTheirs = true;
    }
  }
  const [first, ...others] = fits;
  if (first === undefined) return { value: undefined, problem };
  if (others.every((other) => canonical(other) === canonical(first))) return { value: first, problem: null };
  return { value: undefined, problem: 'the reply has several answers that differ: give one' };
}

/** Fields more than asked for, in the outermost object, are left out: the others mean what they mean. */
function checked<T>(value: unknown, schema: z.ZodType<T>): Read<T> {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data, problem: null };
  const { issues } = result.error;
  const more = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
  );
  if (more.length > 0) {
    const rest = Object.entries(value as object).filter(([name]) => !more.includes(name));
    return checked(Object.fromEntries(rest), schema);
  }
  const said = issues.slice(0, MOST_ISSUES);
  const problem = said.map(({ path, message }) => `${path.join('.') || 'reply'}: ${message}`).join('; ');
  return { value: undefined, problem: problem.slice(0, 500) };
}

/** What a value may be the wrapping of, from the outside in. */
function* unwrapped(value: unknown, depth: number): Generator<unknown> {
  if (depth === 0) return;
  for (const inner of insideOf(value)) {
    const read = typeof inner === 'string' ? parsed(inner.trim()) : inner;
    if (typeof read !== 'object' || read === null) continue;
    yield read;
    yield* unwrapped(read, depth - 1);
  }
}

const isFields = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function insideOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.length === 1 ? value : [];
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  return entries
    .filter(([name]) => entries.length === 1 || WRAPPERS.includes(name.toLowerCase()))
    .map(([, v]) => v);
}

/** Whether an object has a field of the schema, at most so deep inside. */
function mentions(value: unknown, names: ReadonlySet<string>, depth = MOST_WRAPPED): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!Array.isArray(value) && Object.keys(value).some((name) => names.has(name))) return true;
  return depth > 0 && Object.values(value).some((inner) => mentions(inner, names, depth - 1));
}

/** The names of all fields in a schema. */
function namesIn(schema: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties, ...rest } = node as { properties?: object };
    for (const [name, inner] of Object.entries(properties ?? {})) {
      names.add(name);
      walk(inner);
    }
    for (const inner of Object.values(rest)) walk(inner);
  };
  walk(schema);
  return names;
}

/** The JSON Schema (draft 2020-12 without its marker) a provider is given. */
export function jsonSchemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema);
  return rest;
}
