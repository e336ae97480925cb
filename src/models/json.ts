import { z } from 'zod';

/** The value in a model's text, checked; or why it is none, in words the model can be told. */
export type Read<T> =
  | { readonly value: T; readonly problem: null }
  | { readonly value: undefined; readonly problem: string };

const MOST_ISSUES = 3;

/** Models without structured output like to wrap JSON into prose or a fence: the outermost braces count. */
export function readJson<T>(text: string, schema: z.ZodType<T>): Read<T> {
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (start < 0 || end < start) return { value: undefined, problem: 'the reply has no JSON object' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.slice(start, end + 1));
  } catch {
    return { value: undefined, problem: 'the reply is not valid JSON (no NaN, no comments, no cut-off)' };
  }
  const checked = schema.safeParse(parsed);
  if (checked.success) return { value: checked.data, problem: null };
  const issues = checked.error.issues.slice(0, MOST_ISSUES);
  const problem = issues.map(({ path, message }) => `${path.join('.') || 'reply'}: ${message}`).join('; ');
  return { value: undefined, problem: problem.slice(0, 500) };
}

/** The JSON Schema (draft 2020-12 without its marker) a provider is given. */
export function jsonSchemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema);
  return rest;
}
