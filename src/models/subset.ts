/** Keywords that every provider with strict output takes (OpenAI's and Gemini's documents, November 2026). */
const COMMON = [
  'type',
  'properties',
  'required',
  'items',
  'anyOf',
  'enum',
  'description',
  'minimum',
  'maximum',
] as const;

/**
 * A JSON Schema in the words that strict providers take: OpenAI refuses `maxLength`, `default` and optional fields,
 * Gemini a few others. What is left out still counts when the reply is checked; a bound on a text goes into its
 * description, so that it is told.
 */
export function strictSubset(schema: unknown): Record<string, unknown> {
  const node = schema as Readonly<Record<string, unknown>>;
  const kept: Record<string, unknown> = {};
  for (const name of COMMON) if (node[name] !== undefined) kept[name] = node[name];
  if (node.const !== undefined) kept.enum = [node.const];
  if (node.oneOf !== undefined) kept.anyOf = node.oneOf;
  if (typeof node.maxLength === 'number')
    kept.description = [node.description, `at most ${node.maxLength} characters`].filter(Boolean).join('; ');
  if (Array.isArray(kept.anyOf)) kept.anyOf = kept.anyOf.map(strictSubset);
  if (kept.items !== undefined) kept.items = strictSubset(kept.items);
  if (kept.properties !== undefined) {
    const fields = Object.entries(kept.properties as object);
    kept.properties = Object.fromEntries(fields.map(([name, inner]) => [name, strictSubset(inner)]));
    kept.required = fields.map(([name]) => name);
    kept.additionalProperties = false;
  }
  return kept;
}
